package providers_test

import (
	"bytes"
	"os"
	"testing"

	"gopkg.in/yaml.v3"
)

// rewrite puts the outcome in place of the one that the file states, and leaves the rest of the file as it is.
func (c *catalogCase) rewrite(t *testing.T, outcome string) {
	t.Helper()
	data, err := replaceOutcome(c.data, outcome)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("wrote %s", c.file)
}

// replaceOutcome replaces the lines of `report` or `fails`, or adds the outcome at the end.
func replaceOutcome(data []byte, outcome string) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	from, to := len(lines), len(lines)
	keys := document.Content[0].Content
	for i := 0; i < len(keys); i += 2 {
		if keys[i].Value != "report" && keys[i].Value != "fails" {
			continue
		}
		from = keys[i].Line - 1
		if i+2 < len(keys) {
			to = keys[i+2].Line - 1
			// Comments above the next key are about that key.
			for to > from+1 && (len(bytes.TrimSpace(lines[to-1])) == 0 || lines[to-1][0] == '#') {
				to--
			}
		}
	}
	head := bytes.Join(lines[:from], nil)
	if len(head) > 0 && !bytes.HasSuffix(head, []byte("\n")) {
		head = append(head, '\n')
	}
	return append(append(head, outcome...), bytes.Join(lines[to:], nil)...), nil
}
