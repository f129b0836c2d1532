// Generator writes the Grafana dashboards of credits_exporter, and the README that explains them, into the folder above.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/credits-exporter/credits_exporter/dashboards/generator/internal/board"
)

//go:generate go run . -out=..

func main() {
	out := flag.String("out", "..", "the folder to write to")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "generator:", err)
		os.Exit(1)
	}
}

// boards are all dashboards, in the order in which one reads them.
func boards() []board.Board { return []board.Board{overview(), account(), exporter()} }

func write(dir string) error {
	files, err := render(boards())
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return fmt.Errorf("writing a dashboard: %w", err)
		}
	}
	return nil
}

// render makes all files, by their names.
func render(boards []board.Board) (map[string][]byte, error) {
	files := map[string][]byte{"README.md": readme(boards)}
	for _, b := range boards {
		content, err := b.JSON()
		if err != nil {
			return nil, err
		}
		files[b.UID+".json"] = content
	}
	return files, nil
}
