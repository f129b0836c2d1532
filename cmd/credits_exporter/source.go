package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// catalog is the built-in catalogue with the definitions of --provider-file.
func (p *program) catalog() (*providers.Catalog, []*providers.Definition, error) {
	catalog, err := p.builtin()
	if err != nil {
		return nil, nil, err
	}
	var own []*providers.Definition
	var problems strict.Problems
	for _, path := range p.flags.providerFiles {
		data, err := os.ReadFile(path)
		if err != nil {
			problems = append(problems, strict.Problem{File: path, Text: "cannot be read: " + pathless(err)})
			continue
		}
		definition, wrong := providers.ParseDefinition(path, data)
		problems = append(problems, wrong...)
		if len(wrong) == 0 {
			own = append(own, definition)
		}
	}
	catalog, wrong := catalog.With(own)
	return catalog, own, append(problems, wrong...).Err()
}

// pathless is why a file cannot be read, for a message that names the file already.
func pathless(err error) string {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err.Error()
	}
	return err.Error()
}

// loadConfig reads the configuration file and the catalogue. Where there is no such file, and none was asked for, a
// definition of --provider-file can be tried all the same: with one account whose credentials are in the environment.
func (p *program) loadConfig() (*config.Config, error) {
	catalog, own, err := p.catalog()
	if err != nil {
		return nil, err
	}
	if p.isTrial() {
		return p.trial(catalog, own)
	}
	if p.cache == nil {
		return config.Load(p.flags.configFile, catalog, p.lookupEnv)
	}
	return p.cache.Load(p.flags.configFile, catalog, p.lookupEnv)
}

// isTrial tells whether a definition is tried without a configuration.
func (p *program) isTrial() bool {
	if len(p.flags.providerFiles) == 0 || p.flags.configSet {
		return false
	}
	_, err := os.Stat(p.flags.configFile)
	return errors.Is(err, fs.ErrNotExist)
}

// configName is what is read, for messages.
func (p *program) configName() string {
	if p.isTrial() {
		return strings.Join(p.flags.providerFiles, ", ")
	}
	return p.flags.configFile
}

// trial is a configuration for trying definitions: one account of each, nothing is kept.
func (p *program) trial(catalog *providers.Catalog, own []*providers.Definition) (*config.Config, error) {
	type object = map[string]any
	var accounts []object
	for _, d := range own {
		credentials := object{}
		for _, c := range d.Credentials {
			credentials[c.Name] = object{"env": variable(d.Name, c.Name)}
		}
		account := object{"provider": d.Name, "credentials": credentials, "params": p.flags.params}
		if p.flags.baseURL != "" {
			account["base_url"] = p.flags.baseURL
		}
		accounts = append(accounts, account)
	}
	data, err := yaml.Marshal(object{"accounts": accounts, "storage": object{"none": object{}}})
	if err != nil {
		return nil, fmt.Errorf("writing a configuration for the trial: %w", err)
	}
	return config.Parse("command line", data, catalog, p.lookupEnv)
}

// variable is the environment variable that a trial takes a credential from, such as OLOSTEP_API_KEY.
func variable(provider, credential string) string {
	return strings.ToUpper(strings.ReplaceAll(provider+"_"+credential, "-", "_"))
}
