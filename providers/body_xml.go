package providers

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

var (
	errNotXML       = errors.New("the body is not well-formed XML in UTF-8")
	errXMLDirective = errors.New("the body has a document type declaration, which is not read")
)

// xmlElement is an element that is being read: its members so far, and its text.
type xmlElement struct {
	name    string
	members map[string]any
	text    strings.Builder
}

// parseXML reads one document. An element is an object: its attributes are "@name", its children stand by their local
// names, repeated ones as a list. An element with text alone is that text, trimmed; text beside attributes or children
// is "#text". Document type declarations are refused, entities beyond the five of XML with them.
func parseXML(data []byte) (any, error) {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	top := &xmlElement{members: map[string]any{}}
	open := []*xmlElement{top}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			// The decoder's own error quotes names of the body.
			return nil, errNotXML
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) > maxXMLDepth {
				return nil, errBodyDepth
			}
			element, err := startElement(token)
			if err != nil {
				return nil, err
			}
			open = append(open, element)
		case xml.EndElement:
			element := open[len(open)-1]
			open = open[:len(open)-1]
			open[len(open)-1].add(element)
		case xml.CharData:
			open[len(open)-1].text.Write(token)
		case xml.Directive:
			return nil, errXMLDirective
		}
	}
	return top.document()
}

// startElement reads the attributes. Namespace declarations are none, and of two attributes that differ only in their
// prefix the one without a prefix counts.
func startElement(token xml.StartElement) (*xmlElement, error) {
	element := &xmlElement{name: token.Name.Local, members: map[string]any{}}
	for _, prefixed := range []bool{false, true} {
		for _, attribute := range token.Attr {
			name, space := attribute.Name.Local, attribute.Name.Space
			if space == "xmlns" || space == "" && name == "xmlns" || prefixed != (space != "") {
				continue
			}
			if _, twice := element.members["@"+name]; twice {
				if prefixed {
					continue
				}
				return nil, errNotXML
			}
			element.members["@"+name] = attribute.Value
		}
	}
	return element, nil
}

// add puts a child that has ended under its name; a list when there are several.
func (e *xmlElement) add(child *xmlElement) {
	value := child.value()
	switch before := e.members[child.name].(type) {
	case nil:
		e.members[child.name] = value
	case []any:
		e.members[child.name] = append(before, value)
	default:
		e.members[child.name] = []any{before, value}
	}
}

// value is the element as expressions see it. It is never a list, so that add can tell repeated children by that.
func (e *xmlElement) value() any {
	text := strings.TrimSpace(e.text.String())
	switch {
	case len(e.members) == 0:
		return text
	case text != "":
		e.members["#text"] = text
	}
	return e.members
}

// document is the object with the one root element; text beside it is an error.
func (e *xmlElement) document() (any, error) {
	if len(e.members) == 0 && strings.TrimSpace(e.text.String()) == "" {
		return nil, errBodyEmpty
	}
	if len(e.members) != 1 || strings.TrimSpace(e.text.String()) != "" {
		return nil, errNotXML
	}
	for _, root := range e.members {
		if _, several := root.([]any); several {
			return nil, errNotXML
		}
	}
	return e.members, nil
}
