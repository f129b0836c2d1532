package config

import (
	"io/fs"

	"github.com/credits-exporter/credits_exporter/providers"
)

// ParseWithoutDisk is Parse where the disk is empty, so that no pattern can lead a test around the machine.
func ParseWithoutDisk(file string, data []byte, catalog *providers.Catalog, env LookupEnv) (*Config, error) {
	return newLoader(file, catalog, env, files{
		glob: func(string) ([]string, error) { return nil, nil },
		read: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
		mode: func(string) (fs.FileMode, error) { return 0, fs.ErrNotExist },
	}).load(file, data)
}
