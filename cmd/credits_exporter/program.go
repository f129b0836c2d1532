package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/logging"
	"github.com/credits-exporter/credits_exporter/providers"
)

const (
	programName = "credits_exporter"
	description = "Exposes the balances of prepaid API credits to Prometheus."
	defaultPort = ":10069"
)

// The exit statuses of interface §2.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// program is one run of the command line, with everything that it takes from outside.
type program struct {
	args           []string
	stdout, stderr io.Writer
	lookupEnv      func(string) (string, bool)
	clock          func() time.Time
	// builtin gives the built-in catalogue. Reading it takes longer than all else at a start or a reload together.
	builtin func() (*providers.Catalog, error)

	flags flags
	log   *slog.Logger
	// cache is what a command that reloads remembers of the configuration; nil in the others.
	cache *config.Cache
}

// flags are those of the command line. All commands take all of them, so that their order does not matter.
type flags struct {
	configFile string
	// configSet: the configuration file was named, so it must be there.
	configSet     bool
	web           *web.FlagConfig
	telemetryPath string
	lifecycle     bool
	maxRequests   int
	logging       logging.Options
	// shard is the part of the accounts that serve and poll take.
	shard config.Shard

	// Of the commands that can try a definition.
	providerFiles []string
	params        map[string]string
	baseURL       string
}

// command is one of the program's commands; it returns the exit status.
type command func(ctx context.Context) int

// run parses the command line and does what it says.
func (p *program) run(ctx context.Context) int {
	app := kingpin.New(programName, description)
	app.HelpFlag.Short('h')
	app.UsageWriter(p.stdout)
	app.ErrorWriter(p.stderr)
	app.Version(version.Print(programName))
	app.VersionFlag.Short('v')
	ended, status := false, exitOK
	app.Terminate(func(code int) { ended, status = true, code })
	p.addFlags(app)
	commands := p.addCommands(app)

	selected, err := app.Parse(p.args)
	if ended {
		return status
	}
	if err != nil {
		return p.usageError(err)
	}
	noColor, _ := p.lookupEnv("NO_COLOR")
	p.flags.logging.NoColor = noColor != ""
	p.log = logging.New(p.stderr, p.flags.logging)
	return commands[selected](ctx)
}

// usageError says what is wrong with the command line. A script that calls poll can tell it from a failed poll.
func (p *program) usageError(err error) int {
	fmt.Fprintf(p.stderr, "%s: error: %v, try --help\n", programName, err)
	// The parser stops at the first mistake, which may come before the command.
	if slices.Contains(p.args, "poll") {
		return exitUsage
	}
	return exitFailed
}

func (p *program) addFlags(app *kingpin.Application) {
	f := &p.flags
	app.Flag("config.file", "Path of the configuration file.").Default("credits_exporter.yml").IsSetByUser(&f.configSet).StringVar(&f.configFile)
	f.web = kingpinflag.AddFlags(app, defaultPort)
	app.Flag("web.telemetry-path", "Path under which to expose metrics.").Default("/metrics").StringVar(&f.telemetryPath)
	app.Flag("web.enable-lifecycle", "Allow POST /-/reload, and polls on demand.").BoolVar(&f.lifecycle)
	app.Flag("web.max-requests", "Maximum number of scrapes at once. Use 0 to disable.").Default("40").IntVar(&f.maxRequests)
	app.Flag("shard", "Take only a part of the accounts: ORDINAL/TOTAL, such as 0/3, 1/3 and 2/3 for three processes. Their books go to a folder of their own.").
		PlaceHolder("ORDINAL/TOTAL").SetValue(&f.shard)
	app.Flag("log.level", "Only log messages of this severity or above. One of: "+logging.LevelNames+".").
		Default("info").SetValue(&f.logging.Level)
	app.Flag("log.format", "Format of log messages; auto is console on a terminal and logfmt elsewhere. One of: "+logging.FormatNames+".").
		Default("auto").SetValue(&f.logging.Format)
}

// addProviderFile adds the flag of the commands that can try a definition.
func (p *program) addProviderFile(cmd *kingpin.CmdClause) {
	cmd.Flag("provider-file", "A definition of your own, besides those of the configuration. Repeatable.").
		StringsVar(&p.flags.providerFiles)
}

// addCommands declares every command; each file of this package that holds one adds its own.
func (p *program) addCommands(app *kingpin.Application) map[string]command {
	commands := map[string]command{}
	for _, add := range []func(*kingpin.Application) (string, command){
		p.serveCommand, p.checkCommand, p.pollCommand, p.providersCommand, p.healthcheckCommand, p.demoCommand,
	} {
		name, do := add(app)
		commands[name] = do
	}
	return commands
}

// programVersion is the version that was built in, "dev" for a build without one.
func programVersion() string {
	if version.Version == "" {
		return "dev"
	}
	return version.Version
}
