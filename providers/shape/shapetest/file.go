package shapetest

import (
	"bytes"
	"os"
	"testing"

	"github.com/credits-exporter/credits_exporter/providers/shape"
)

// File holds a schema's file to the schema, or with update writes it.
func File(t *testing.T, path string, s *shape.Schema, update bool) {
	t.Helper()
	want, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if update {
		if err := os.WriteFile(path, want, 0o644); err != nil { //nolint:gosec // a file of the repository
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not up to date: run make generate", path)
	}
}
