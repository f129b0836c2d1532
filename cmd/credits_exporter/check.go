package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/web"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

func (p *program) checkCommand(app *kingpin.Application) (string, command) {
	cmd := app.Command("check", "Say all that is wrong with the configuration, the provider files and the credentials; send nothing.")
	noCredentials := cmd.Flag("no-credentials", "Read no credential, for a machine that has none.").Bool()
	p.addProviderFile(cmd)
	return cmd.FullCommand(), func(context.Context) int { return p.check(!*noCredentials) }
}

// check prints every problem, one a line, and what was found when there is none.
func (p *program) check(credentials bool) int {
	var problems strict.Problems
	cfg, err := p.loadConfig()
	if err != nil && !errors.As(err, &problems) {
		problems = append(problems, strict.Problem{File: p.configName(), Text: err.Error()})
	}
	if cfg != nil {
		for _, warning := range cfg.Warnings {
			fmt.Fprintf(p.stderr, "warning: %s\n", warning.Error())
		}
		if credentials {
			problems = append(problems, cfg.CheckCredentials()...)
		}
	}
	if path := *p.flags.web.WebConfigFile; path != "" {
		if err := web.CheckConfigFile(path); err != nil {
			problems = append(problems, strict.Problem{File: path, Text: err.Error()})
		}
	}
	for _, problem := range problems {
		fmt.Fprintf(p.stderr, "error: %s\n", problem.Error())
	}
	if len(problems) > 0 {
		fmt.Fprintf(p.stderr, "%s is not valid: %s\n", p.configName(), plural(len(problems), "problem"))
		return exitFailed
	}
	fmt.Fprintf(p.stdout, "%s is valid: %s\n", p.configName(), summary(cfg, credentials))
	return exitOK
}

// summary says in a line what a configuration holds.
func summary(cfg *config.Config, credentials bool) string {
	named := map[string]bool{}
	disabled := 0
	for _, a := range cfg.Accounts {
		named[a.Definition.Name] = true
		if !a.Enabled {
			disabled++
		}
	}
	text := plural(len(cfg.Accounts), "account") + " of " + plural(len(named), "provider")
	if disabled > 0 {
		text += fmt.Sprintf(", %d disabled", disabled)
	}
	if !credentials {
		text += "; credentials were not read"
	}
	return text
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
