package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/credits-exporter/credits_exporter/providers/shape"
)

// schemaID is where the schema of configurations is published; a file's first line names it.
const schemaID = "https://raw.githubusercontent.com/credits-exporter/credits_exporter/main/docs/schema/config.schema.json"

var (
	// durationText is what a Prometheus duration looks like, longest unit first.
	durationText = regexp.MustCompile(`^(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?$`)
	// limitText is a threshold that must be written as text.
	limitText = regexp.MustCompile(`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *%?$`)
	priceText = regexp.MustCompile(`^\s*[+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s+[A-Z]{3,5}\s*$`)
	pemStart  = regexp.MustCompile(`-----BEGIN [A-Z ]+-----`)
	reserved  = regexp.MustCompile(`^__`)
	webURL    = regexp.MustCompile(`^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]`)
)

// Schema says which keys a configuration has and what their values may be, as a JSON Schema. The names of providers
// are what an editor offers; there may be others, from provider_files.
func Schema(providers []string) *shape.Schema {
	return shape.Object(
		take("max_concurrent", shape.Integer(1, highestConcurrency).Otherwise(defaultMaxConcurrent), "Polls in flight, over all accounts."),
		take("max_concurrent_per_host", shape.Integer(1, highestConcurrency).Otherwise(defaultMaxConcurrentPerHost),
			"Polls in flight, over all accounts of one host."),
		take("poll", shape.Object(
			take("interval", durationShape().Otherwise(show(defaultInterval)), "What passes between two polls of an account; raised to a provider's min_interval."),
			take("timeout", durationShape().Otherwise(show(defaultTimeout)), "How long a poll waits for the whole answer."),
			take("stale_after", durationShape().Otherwise(show(defaultStaleAfter)),
				"How long the last figures are shown while polls fail; at least 4 x interval."),
		), "Defaults for every account; each may be set on an account too."),
		take("storage", shape.Object(
			take("file", shape.Object(
				take("path", lineShape().Example("data/"), "A folder, created with mode 0700. Without it: $STATE_DIRECTORY, else data/."),
			), "Keep the books in files."),
			take("none", shape.Object(), "Keep nothing over a restart: {}."),
		).AtMostOne(), "Where counters and retry windows are kept over restarts."),
		take("provider_files", shape.List(lineShape().Example("providers.d/*.yml")), "Your own vendors: paths and patterns, one definition in each file."),
		take("account_files", shape.List(lineShape().Example("accounts.d/*.yml")), "More accounts: paths and patterns, a list in each file."),
		take("accounts", shape.List(accountShape(providers)), "One entry for each account of a vendor."),
	).Root(schemaID, "Configuration of credits_exporter", "Which accounts are polled, how often, and what is known of them. "+
		"`credits_exporter check` knows more than this schema does.")
}

func accountShape(providers []string) *shape.Schema {
	names := lineShape()
	for _, name := range providers {
		names.Example(name)
	}
	return shape.Object(
		shape.Require("provider", names, "A name of the catalogue, or of one of the provider_files. `credits_exporter providers` lists them."),
		take("name", shape.Line().Like(accountName).Otherwise(defaultName), "The `account` label, unique within the provider."),
		take("credentials", shape.Map(shape.Text().Example("api_key"), credentialShape()).Offered(),
			"The secrets that the provider wants, by name. `credits_exporter providers NAME` says which."),
		take("params", shape.Map(shape.Text().Example("region"), valueShape()),
			"What else the provider asks for, by name: text or numbers, never secret."),
		take("enabled", shape.Bool().Otherwise(true), "false: no polls and no series; books and windows stay."),
		take("interval", durationShape().Example("10m"), "What passes between two polls; not below the provider's min_interval."),
		take("timeout", durationShape().Example("20s"), "How long a poll waits for the whole answer."),
		take("stale_after", durationShape().Example("6h"), "How long the last figures are shown while polls fail; at least 4 x interval."),
		take("wallet", lineShape(), "Accounts with the same wallet draw on one balance and are counted once. Without it: provider/name."),
		take("thresholds", thresholdsShape(), "What alerts compare with, by unit; `runway` is how long the balance lasts."),
		take("price", shape.Map(unitShape(), shape.Text().Like(priceText).Example("0.002 USD")).Offered(), "What one unit costs you, by unit."),
		take("labels", shape.Map(labelShape(), valueShape()), "Labels of credits_account_info, for joins and for routing alerts."),
		take("base_url", lineShape().Like(webURL).Example("https://proxy.example/path"),
			"Replaces the vendor's scheme and host; its path goes before the vendor's own."),
		take("allow_http", shape.Bool().Otherwise(false), "Take a base_url with plain http, over which the credential travels unencrypted."),
		take("http_client", httpClientShape(), "How requests travel, as in Prometheus."),
	)
}

func credentialShape() *shape.Schema {
	return shape.Either(
		shape.Object(
			take("file", lineShape().Example("/run/secrets/api_key"), "A file, read anew for every poll. It may begin with ${CREDENTIALS_DIRECTORY}/."),
			take("env", shape.Line().Like(envName).Example("API_KEY"), "An environment variable."),
		).Filled().AtMostOne(),
		shape.Line().Lengths(1, 0),
	)
}

func thresholdsShape() *shape.Schema {
	limit := func() *shape.Schema { return shape.Either(shape.Text().Like(limitText).Example("20%"), shape.Number()) }
	duration := func() *shape.Schema { return durationShape().Example("7d") }
	s := shape.Map(unitShape(), severitiesShape(limit)).Offered()
	s.Properties = append(s.Properties, shape.Take(runway, severitiesShape(duration), "How long the balance lasts at the present pace."))
	return s
}

func severitiesShape(limit func() *shape.Schema) *shape.Schema {
	return shape.Object(
		take(SeverityWarning, limit(), "Above critical."),
		take(SeverityCritical, limit(), "Below warning."),
	).Filled()
}

func httpClientShape() *shape.Schema {
	schemes := regexp.MustCompile(`^(?:` + strings.Join(proxySchemes, "|") + `)://`)
	versions := slices.Sorted(maps.Keys(promconfig.TLSVersions))
	return shape.Object(
		take("proxy_url", lineShape().Like(schemes).Example("http://proxy.example:3128"), "The proxy."),
		take("no_proxy", lineShape(), "Hosts that are reached without it, separated by commas."),
		take("proxy_from_environment", shape.Bool().Otherwise(false), "Take the proxies from HTTP_PROXY, HTTPS_PROXY and NO_PROXY."),
		take("tls_config", shape.Object(
			take("ca_file", lineShape(), "Certificate authorities, PEM."),
			take("cert_file", lineShape(), "A client certificate, PEM."),
			take("key_file", lineShape(), "Its key, PEM."),
			take("ca", pemShape(), "Certificate authorities, written here."),
			take("cert", pemShape(), "A client certificate, written here."),
			take("key", pemShape(), "Its key, written here; key_file keeps it out of this file."),
			take("server_name", lineShape(), "The name that the vendor's certificate must have."),
			take("insecure_skip_verify", shape.Bool().Otherwise(false), "Do not verify the vendor's certificate."),
			take("min_version", shape.Words(versions...), "The lowest version of TLS."),
			take("max_version", shape.Words(versions...), "The highest version of TLS."),
		), "TLS settings."),
	)
}

// take is a key that may be left out or left empty, which is the same here.
func take(name string, value *shape.Schema, description string) shape.Field {
	return shape.Take(name, value.OrEmpty(), description)
}

func unitShape() *shape.Schema { return shape.Text().Like(unitName).Example("credits", "USD") }

func labelShape() *shape.Schema {
	return shape.Text().Like(labelName).Unless(shape.Either(shape.Words(takenLabels...), shape.Text().Like(reserved))).Example("team")
}

func pemShape() *shape.Schema { return shape.Line().Like(pemStart) }

func durationShape() *shape.Schema { return shape.Text().Like(durationText).Lengths(1, 0) }

func lineShape() *shape.Schema { return shape.Line().Lengths(1, maxText) }

func valueShape() *shape.Schema { return shape.Scalar().Lengths(1, maxText) }
