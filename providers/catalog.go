package providers

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// definitions are the built-in ones, one folder each. Their test data stays out of the binary.
//
//go:embed catalog/*/provider.yml
var definitions embed.FS

// Catalog is a set of definitions, each name once. It is immutable.
type Catalog struct {
	byName map[string]*Definition
}

// LoadCatalog reads the definitions that are built in. An error means that this program was built from a broken
// catalogue; it lists everything that is wrong.
func LoadCatalog() (*Catalog, error) { return loadCatalog(definitions) }

func loadCatalog(files fs.FS) (*Catalog, error) {
	found, err := fs.Glob(files, "catalog/*/provider.yml")
	if err != nil {
		return nil, fmt.Errorf("the catalogue cannot be listed: %w", err)
	}
	c := &Catalog{byName: make(map[string]*Definition, len(found))}
	var problems strict.Problems
	for _, file := range found {
		data, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, fmt.Errorf("the catalogue cannot be read: %w", err)
		}
		d, wrong := parseDefinition(path.Base(path.Dir(file)), file, data)
		if len(wrong) > 0 {
			problems = append(problems, wrong...)
			continue
		}
		c.byName[d.Name] = d
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// With is the catalogue and the user's own definitions besides. A name that is taken is a problem, unless the
// definition says `override: true`.
func (c *Catalog) With(own []*Definition) (*Catalog, strict.Problems) {
	all := &Catalog{byName: maps.Clone(c.byName)}
	var problems strict.Problems
	mine := map[string]*Definition{}
	for _, d := range own {
		text := ""
		if other, twice := mine[d.Name]; twice {
			text = fmt.Sprintf("%s defines %s already", other.File, d.Name)
		} else if _, taken := c.byName[d.Name]; taken && !d.Override {
			text = "the catalogue has a definition of this name: choose another, or write override: true to replace it"
		}
		if text != "" {
			problems = append(problems, strict.Problem{
				File: d.File, Line: d.nameLine, Column: d.nameColumn, Key: "name", Text: text,
			})
			continue
		}
		mine[d.Name] = d
		all.byName[d.Name] = d
	}
	return all, problems
}

// Lookup finds a definition by its name.
func (c *Catalog) Lookup(name string) (*Definition, bool) {
	d, ok := c.byName[name]
	return d, ok
}

// Definitions lists the catalogue by name.
func (c *Catalog) Definitions() []*Definition {
	return slices.SortedFunc(maps.Values(c.byName), func(a, b *Definition) int { return strings.Compare(a.Name, b.Name) })
}

// ParseDefinition reads a user's own definition; everything that is wrong with it is reported at once, in the order of
// the file. It may leave out what only the catalogue needs: title, category, docs, source and verified.
func ParseDefinition(file string, data []byte) (*Definition, strict.Problems) {
	return parseDefinition("", file, data)
}

// Categories is the closed list of what a vendor can sell, by name.
func Categories() []string {
	return []string{
		"3d", "avatar-video", "captcha", "cloud", "coding-agent", "data-enrichment", "developer-tools", "domains", "email",
		"email-verification", "geo", "gpu-cloud", "image", "llm", "llm-gateway", "market-data", "media-gateway", "music",
		"proxy", "search", "security", "seo", "shipping", "sms-voice", "stt", "translation", "tts", "video", "voice-agent",
		"web-scraping",
	}
}
