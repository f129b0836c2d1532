package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"github.com/credits-exporter/credits_exporter/providers"
)

func (p *program) providersCommand(app *kingpin.Application) (string, command) {
	cmd := app.Command("providers", "List the vendors of the catalogue; with a name, show what one needs and reports.")
	search := cmd.Flag("search", "List only vendors whose name, former names, category, units or note hold this.").String()
	name := cmd.Arg("name", "The provider to show.").String()
	return cmd.FullCommand(), func(context.Context) int {
		catalog, err := p.builtin()
		if err != nil {
			p.log.Error("The catalogue cannot be read", "err", err)
			return exitFailed
		}
		if *name != "" {
			return p.showProvider(catalog, *name)
		}
		return p.listProviders(catalog, *search)
	}
}

func (p *program) listProviders(catalog *providers.Catalog, search string) int {
	found := slices.DeleteFunc(catalog.Definitions(), func(d *providers.Definition) bool { return !d.Matches(search) })
	if len(found) == 0 {
		fmt.Fprintf(p.stderr, "no vendor of the catalogue has %q\n", search)
		return exitFailed
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "NAME\tVENDOR\tCATEGORY\tUNITS\tSTATES\tCOUNTERS\tCONFIDENCE\tVERIFIED")
	for _, d := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Name, d.Title, d.Category, strings.Join(d.Units(), ", "),
			strings.Join(d.States(), ", "), d.CountersFrom(), d.Confidence, d.Verified)
	}
	_ = table.Flush() // A standard output that cannot be written to leaves nobody to tell.
	return exitOK
}

// showProvider prints what an account of the provider must give, as a configuration to start from, and the definition.
func (p *program) showProvider(catalog *providers.Catalog, name string) int {
	d, ok := catalog.Lookup(name)
	if !ok {
		hint := ""
		if near, ok := catalog.Nearest(name); ok {
			hint = fmt.Sprintf("; did you mean %s?", near)
		}
		fmt.Fprintf(p.stderr, "%s is not in the catalogue%s\n", name, hint)
		return exitFailed
	}
	fmt.Fprintf(p.stdout, "# %s (%s)\n", d.Title, d.Category)
	if d.Note != "" {
		fmt.Fprintf(p.stdout, "# %s\n", d.Note)
	}
	fmt.Fprintf(p.stdout, "# units: %s\n", strings.Join(d.Units(), ", "))
	if states := d.States(); len(states) > 0 {
		fmt.Fprintf(p.stdout, "# states besides: %s\n", strings.Join(states, ", "))
	}
	fmt.Fprintf(p.stdout, "# counters are kept from: %s\n", d.CountersFrom())
	fmt.Fprintf(p.stdout, "# asked at most once in %s; verified %s\n\n", model.Duration(d.MinInterval), d.Verified)
	fmt.Fprintf(p.stdout, "# In the configuration:\naccounts:\n  - provider: %s\n    name: production\n    credentials:\n", d.Name)
	for _, c := range d.Credentials {
		file := d.Name
		if len(d.Credentials) > 1 {
			file += "-" + c.Name
		}
		fmt.Fprintf(p.stdout, "      %s: {file: /run/secrets/%s}%s\n", c.Name, file, comment(c.Help))
	}
	p.showParams(d)
	fmt.Fprintf(p.stdout, "\n# The definition:\n%s", d.YAML())
	return exitOK
}

func (p *program) showParams(d *providers.Definition) {
	if len(d.Params) > 0 {
		fmt.Fprintln(p.stdout, "    params:")
	}
	for _, param := range d.Params {
		help := param.Help
		if len(param.Values) > 0 {
			help = strings.TrimPrefix(help+"; one of "+strings.Join(param.Values, ", "), "; ")
		}
		switch {
		case param.Default != "":
			fmt.Fprintf(p.stdout, "      # %s: %s%s\n", param.Name, param.Default, comment("default; "+help))
		case param.Optional:
			fmt.Fprintf(p.stdout, "      # %s: \"\"%s\n", param.Name, comment("optional; "+help))
		default:
			fmt.Fprintf(p.stdout, "      %s: \"\"%s\n", param.Name, comment(help))
		}
	}
}

func comment(help string) string {
	if help = strings.Trim(help, "; "); help == "" {
		return ""
	}
	return "   # " + help
}
