package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// Whatever stands in a file, it is refused with problems that have a place, or what is in force is sound.
func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	definitions := catalog(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.ParseWithoutDisk("config.yml", data, definitions, noEnvironment)
		if err != nil {
			problems, ok := errors.AsType[strict.Problems](err)
			if !ok || len(problems) == 0 || problems[0].File == "" {
				t.Errorf("not problems with a place: %#v", err)
			}
			return
		}
		for _, a := range c.Accounts {
			checkSound(t, a)
		}
	})
}

func checkSound(t *testing.T, a *config.Account) {
	t.Helper()
	switch {
	case a.Definition == nil || a.Name == "" || a.Wallet == "":
		t.Errorf("an account without a provider, a name or a wallet: %+v", a)
	case a.Interval < a.MinInterval || a.Interval <= 0 || a.Timeout <= 0 || a.StaleAfter < 4*a.Interval:
		t.Errorf("times that cannot be kept: %+v", a)
	case len(a.Credentials) != len(a.Definition.Credentials):
		t.Errorf("not the provider's credentials: %+v", a)
	}
	for _, threshold := range a.Thresholds {
		if threshold.Amount.Known() == threshold.Percent.Known() {
			t.Errorf("not one of amount and percent: %+v", threshold)
		}
	}
}
