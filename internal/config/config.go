// Package config reads the configuration file: its types, its defaults, what is wrong with it, and where its secrets are.
package config

import (
	"net/url"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// Config is a whole configuration, checked, with every default filled in.
type Config struct {
	// MaxConcurrent polls are in flight over all accounts, MaxConcurrentPerHost to one host.
	MaxConcurrent        int
	MaxConcurrentPerHost int
	Storage              Storage
	// Catalog holds the built-in definitions and the user's own.
	Catalog *providers.Catalog
	// Accounts are in the order of provider and name, disabled ones included.
	Accounts []*Account
	// Warnings are things that work and that a user should know of, such as a credential in plain text.
	Warnings strict.Problems
}

// Storage says where the books are kept.
type Storage struct {
	// None: nothing is kept over a restart.
	None bool
	// Path is the folder of the file storage, relative to the working directory of the process or absolute.
	Path string
}

// Account is one account of one vendor, with what is in force for it. It is never modified once it was loaded.
type Account struct {
	Definition *providers.Definition
	// Name is the `account` label, unique within the provider.
	Name string
	// Wallet is what the account draws on; accounts with one wallet are counted once.
	Wallet string
	// Enabled: false means no polls and no series; books and windows stay.
	Enabled bool
	// Credentials are those that the definition asks for, in its order.
	Credentials []Credential
	// Params by the names that the definition gives them, its defaults filled in.
	Params map[string]string

	Interval   time.Duration
	Timeout    time.Duration
	StaleAfter time.Duration
	// MinInterval and HostInterval are the definition's, and 0 where BaseURL is a loopback address.
	MinInterval  time.Duration
	HostInterval time.Duration

	// Thresholds by unit, the warning before the critical one.
	Thresholds []Threshold
	// RunwayThresholds by severity.
	RunwayThresholds map[string]time.Duration
	// Prices by unit.
	Prices []Price
	// Labels go to credits_account_info.
	Labels map[string]string

	// BaseURL replaces scheme and host of every request; nil: the vendor's own.
	BaseURL    *url.URL
	HTTPClient HTTPClient
}

// The severities of a threshold.
const (
	SeverityWarning  = "warning"
	SeverityCritical = "critical"
)

// Threshold is a figure that alerts compare a balance with.
type Threshold struct {
	Unit     string
	Severity string // SeverityWarning or SeverityCritical
	// Exactly one of the two is known: units, or percent of what was allocated.
	Amount  providers.Amount
	Percent providers.Amount
}

// Price is what one unit costs.
type Price struct {
	Unit     string
	Amount   providers.Amount
	Currency string
}

// LookupEnv gives an environment variable and whether it is set; os.LookupEnv is one.
type LookupEnv func(name string) (string, bool)

// Load reads the configuration file at path. The catalogue is the built-in one. The error is strict.Problems: all that
// is wrong, each with its place.
func Load(path string, catalog *providers.Catalog, env LookupEnv) (*Config, error) {
	data, err := readConfigFile(path)
	if err != nil {
		return nil, strict.Problems{{File: path, Text: "cannot be read: " + err.Error()}}
	}
	return Parse(path, data, catalog, env)
}

// Parse reads a configuration from memory. File is its name in messages, and its folder is what relative paths are
// relative to.
func Parse(file string, data []byte, catalog *providers.Catalog, env LookupEnv) (*Config, error) {
	return newLoader(file, catalog, env, diskFiles()).load(file, data)
}
