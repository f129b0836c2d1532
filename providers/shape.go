package providers

import (
	"net/http"
	"regexp"

	"github.com/credits-exporter/credits_exporter/providers/shape"
)

// schemaID is where the schema of definitions is published; a file's first line names it.
const schemaID = "https://raw.githubusercontent.com/credits-exporter/credits_exporter/main/docs/schema/definition.schema.json"

var (
	dateText   = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	lineText   = regexp.MustCompile(`^[^\r\n]*$`)
	webAddress = regexp.MustCompile(`^https?://[^/?#]`)
	urlStart   = regexp.MustCompile(`^(?:https://[^/?#]|/)`)
)

// DefinitionSchema says which keys a definition has and what their values may be, as a JSON Schema. It is that of a
// user's own file, which may leave out what is about the vendor; what the loader knows besides, such as whether an
// expression is one, it does not say.
func DefinitionSchema() *shape.Schema {
	return shape.Object(
		shape.Require("schema", shape.Integer(schema, schema), "The version of the format."),
		shape.Require("name", shape.Text().Like(definitionName).Lengths(0, maxName).Example("my-vendor"),
			"The `provider` label: lower case, digits, dashes. In the catalogue it is the name of the folder."),
		shape.Take("title", lineShape(), "The vendor's name as people write it."),
		shape.Take("category", shape.Words(Categories()...), "What the vendor sells."),
		shape.Take("aliases", shape.List(shape.Text()), "Former names, for `credits_exporter providers --search` only."),
		shape.Take("docs", lineShape().Like(webAddress), "The vendor's own page about the endpoint."),
		shape.Take("source", lineShape(), "What the facts were taken from where the vendor has no page about it."),
		shape.Take("verified", shape.Text().Like(dateText).Example("2026-11-21"), "The date of the last check."),
		shape.Take("confidence", shape.Words(confidences()...), "How sure the facts are."),
		shape.Take("note", lineShape(), "What a user should know, in one line: such as that a poll costs a request."),
		shape.Take("override", shape.Bool().Otherwise(false),
			"In a file of your own: true replaces the catalogue's definition of this name."),
		shape.Require("credentials", shape.Map(nameShape("api_key"), credentialShape()).Offered(),
			"The secrets that an account gives, by name. Templates name them, expressions cannot."),
		shape.Take("params", shape.Map(nameShape("region"), paramShape()),
			"What else an account gives, by name. Not secret: {{name}} in templates, $name in expressions."),
		shape.Take("first", requestShape(
			shape.Require("gives", shape.Map(nameShape("team_id"), expressionShape()).Filled(),
				"Names and the expressions that find them in this answer; each is then {{name}} and $name."),
		), "A request that is made before. It is left out when the account sets params of all the names that it gives."),
		shape.Require("request", requestShape(), "The request for the balance."),
		shape.Take("min_interval", durationShape().Otherwise("1m"), "What passes between two polls of one account."),
		shape.Take("host_interval", durationShape(),
			"What passes between two requests of all accounts to the host, for vendors that count by address."),
		shape.Take("answers", shape.List(answerShape()),
			"What this vendor's answers mean where that is not what HTTP's statuses mean. The first match wins."),
		shape.Take("retry_after", timeShape(), "The wait that a refusal asks for: seconds, an epoch, or a time as text."),
		shape.Require("balances", shape.List(balanceShape()).Filled(), "What can be spent: one for each unit."),
		shape.Take("as_of", timeShape(), "When the vendor says that its figures were true."),
		shape.Take("plan", shape.Object(
			shape.Take("id", expressionShape(), "The plan's id."),
			shape.Take("name", expressionShape(), "The plan's name."),
		), "The active plan."),
		shape.Take("usage_allowed", flagShape(), "Whether the vendor says that credits may be spent."),
	).Root(schemaID, "A vendor's definition", "What to ask an API vendor for a balance, and how to read the answer. "+
		"A text is a jq expression on the answer where a figure, a time, a condition or an id is wanted.")
}

func credentialShape() *shape.Schema {
	return shape.Object(shape.Take("help", lineShape(), "Where a user finds it."))
}

func paramShape() *shape.Schema {
	return shape.Object(
		shape.Take("help", lineShape(), "What it is, for users."),
		shape.Take("type", shape.Words(paramTypes()...).Otherwise(paramString), "Whether it is text or a number."),
		shape.Take("values", shape.List(shape.Scalar()), "The values allowed; without it, any."),
		shape.Take("default", shape.Scalar(), "The value where the account sets none."),
		shape.Take("optional", shape.Bool().Otherwise(false), "The account may leave it unset. Without this and without a default it must set it."),
	)
}

// requestShape is that of `request` and, with one field more, of `first`.
func requestShape(more ...shape.Field) *shape.Schema {
	return shape.Object(append([]shape.Field{
		shape.Take("method", shape.Words(methods()...).Otherwise(http.MethodGet), "Only a POST has a body."),
		shape.Require("url", shape.Either(
			templateShape().Like(urlStart).Example("https://api.vendor.example/v1/balance"),
			shape.Map(shape.Text().Example("region"), shape.Map(shape.Text().Example("eu"), templateShape().Like(urlStart))).Filled().AtMostOne(),
		), "Without query; beginning with / where each account gives its base_url; or {PARAM: {VALUE: URL}} where a param chooses."),
		shape.Take("headers", shape.Map(shape.Text().Like(headerName).Example("Authorization"), templateShape().Example("Bearer {{api_key}}")).Offered(),
			"Headers. One whose template names an optional param that is not set is left out."),
		shape.Take("query", templatesShape(), "The query, by name."),
		shape.Take("basic", shape.Object(
			shape.Require("username", templateShape().Example("{{api_key}}"), "The user name; no colon."),
			shape.Require("password", templateShape(), "The password."),
		), "Basic authentication."),
		shape.Take("form", templatesShape(), "A form as the body, by name. Wants method: POST."),
		shape.Take("json", shape.Any(), "JSON as the body; texts in it are templates. Wants method: POST."),
		shape.Take("sign", shape.Words(SignerNames()...), "A signature or login that needs code."),
		shape.Take("body", shape.Words(bodies()...).Otherwise(bodyJSON), "How the answer is read."),
		shape.Take("ok", expressionShape(), "A condition that holds on every good answer."),
	}, more...)...)
}

func answerShape() *shape.Schema {
	status := shape.Text().Like(statusText).Example("5xx")
	return shape.Object(
		shape.Take("status", shape.Either(
			shape.Integer(100, 599), status,
			shape.List(shape.Either(shape.Integer(100, 599), status)).Filled(),
		), "A status such as 402, a class such as 5xx, or a list of them."),
		shape.Take("when", expressionShape(), "A condition on the answer, or on its text where it cannot be parsed."),
		shape.Require("means", shape.Words(meanings()...), "A reason for the poll to fail; ok: read it; zero: nothing is left."),
	).Needs([]string{"status"}, []string{"when"})
}

func balanceShape() *shape.Schema {
	lots := shape.List(lotShape()).Filled()
	return shape.Object(
		shape.Take("each", expressionShape(), "A list in the answer: one balance for each element, which is `.` then."),
		shape.Take("when", expressionShape(), "A condition; false means that this balance is not in this answer."),
		shape.Require("unit", shape.Either(
			shape.Text().Like(unitText).Lengths(0, maxName).Example("credits", "USD"),
			shape.Object(
				shape.Take("jq", expressionShape(), "An expression for the word."),
				shape.Take("currency", expressionShape(), "An expression for three letters, which are upper-cased."),
			).Filled().AtMostOne(),
		), "What is counted: a currency's code or a lower-case plural; {jq: } or {currency: } where the answer says it."),
		shape.Take("unlimited", expressionShape(), "A condition: the vendor says that there is no limit."),
		shape.Take("remaining", figureShape(), "What can be spent now. Without it: allocated less used, else the sum of the lots."),
		shape.Take("allocated", figureShape(), "What this period, or the one lot, began with."),
		shape.Take("used", figureShape(), "What was used of it."),
		divideByField(),
		shape.Take("plan_allocated", figureShape(), "What the plan includes per period, where the balance may hold more."),
		shape.Take("period", shape.Bool().Otherwise(false), "What is left lapses when the allowance renews."),
		shape.Take("resets", shape.Either(timeShape(), shape.Object(
			shape.Require("next", timeShape(), "An expression for a word such as month, or a day of the month: the next such midnight, UTC."),
		)), "When it renews."),
		shape.Take("expires", timeShape(), "When it expires. With lots this belongs to each lot."),
		shape.Take("kind", kindShape(), "The kind of the one lot that this balance is. With lots this belongs to each lot."),
		shape.Take("lots", lots, "The parts of the balance: they add up to it and buy the same thing."),
		shape.Take("period_seconds", shape.Either(
			figureShape(),
			shape.Object(
				shape.Require("from", timeShape(), "When the period begins."),
				shape.Require("to", timeShape(), "When the period ends."),
			),
		), "The length of the period: an expression for seconds, a duration such as 30d, or both its ends."),
		shape.Take("returns", shape.Bool().Otherwise(false), "The vendor is documented to hold amounts and give them back."),
	).Needs([]string{"remaining"}, []string{"allocated", "used"}, []string{"lots"})
}

func lotShape() *shape.Schema {
	return shape.Object(
		shape.Take("each", expressionShape(), "A list in the answer: one lot for each element, which is `.` then."),
		shape.Take("when", expressionShape(), "A condition; false means that this lot is not in this answer."),
		shape.Take("id", expressionShape(), "An expression for the lot's id, which is its label then."),
		shape.Take("kind", kindShape(), "The kind of the lot, such as plan or top-up."),
		shape.Take("remaining", figureShape(), "What is left of the lot. Without it: allocated less used."),
		shape.Take("allocated", figureShape(), "What the lot began with."),
		shape.Take("used", figureShape(), "What was used of it."),
		divideByField(),
		shape.Take("starts", timeShape(), "When the lot can be spent from."),
		shape.Take("expires", timeShape(), "When the lot expires; a date is the end of that day, UTC."),
		shape.Take("period", shape.Bool().Otherwise(false), "This lot is the allowance that renews when the balance resets."),
	).Needs([]string{"id", "remaining"}, []string{"kind", "remaining"}, []string{"id", "allocated", "used"}, []string{"kind", "allocated", "used"})
}

func flagShape() *shape.Schema {
	return shape.Either(
		expressionShape(),
		shape.Object(shape.Require("not", expressionShape(), "A condition: false means that usage is allowed.")),
		shape.Object(
			shape.Require("jq", expressionShape(), "An expression for the vendor's word."),
			shape.Require("is", shape.List(shape.Text().Example("active")).Filled(), "The words that mean yes; any other means no."),
		),
	)
}

func divideByField() shape.Field {
	return shape.Take("divide_by", shape.Either(
		shape.Number().Unless(shape.Integer(0, 0)).Example(100), shape.Object(shape.Require("jq", expressionShape(), "An expression for the number.")),
	), "The vendor's units in one of ours, such as 100 for cents; negative where a debt is positive.")
}

// figureShape is an amount: an expression, or {jq: , divide_by: }.
func figureShape() *shape.Schema {
	return shape.Either(expressionShape(), shape.Object(
		shape.Require("jq", expressionShape(), "An expression for the amount."),
		divideByField(),
	))
}

func kindShape() *shape.Schema {
	return shape.Either(
		shape.Text().Lengths(1, maxName).Example("plan"),
		shape.Object(shape.Require("jq", expressionShape(), "An expression for the word.")),
	)
}

func templatesShape() *shape.Schema { return shape.Map(shape.Text().Example("key"), templateShape()) }

func templateShape() *shape.Schema { return shape.Text() }

func expressionShape() *shape.Schema { return shape.Text().Lengths(1, 0) }

func timeShape() *shape.Schema { return expressionShape() }

func durationShape() *shape.Schema {
	return shape.Text().Like(durationText).Lengths(1, 0).Example("5m")
}

func lineShape() *shape.Schema { return shape.Text().Like(lineText) }

// nameShape is the name of a credential, a param or what `first` gives.
func nameShape(example string) *shape.Schema { return shape.Text().Like(variable).Example(example) }
