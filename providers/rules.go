package providers

import "time"

// rules are a definition's own part: how to ask and how to read the answer. They are checked, compiled and immutable.
type rules struct {
	first        *request
	request      request
	answers      []answerRule
	retryAfter   *expression
	balances     []balanceRule
	asOf         *expression
	planID       *expression
	planName     *expression
	usageAllowed *flagRule
	// headers: some expression looks at $headers.
	headers bool
}

// request is one request, and how the form of its answer is read.
type request struct {
	method   string
	address  address
	headers  []field
	query    []field
	username *template // of basic authentication
	password template
	form     []field
	json     *jsonTemplate
	sign     string
	uuid     bool   // a template names it
	dated    bool   // a template names today or month
	body     string // the form of the answer
	ok       *expression
	gives    []given // of `first` only
}

// address is a URL, or one for each value of a param.
type address struct {
	param   string // empty: there is one location, under ""
	byValue map[string]location
}

// location is where a request goes. An empty host is the account's base_url.
type location struct {
	host string
	path template // with the leading slash
}

// field is a named template: a header, or a pair of a query or of a form.
type field struct {
	name  string
	value template
}

// given is a value that `first` finds.
type given struct {
	name string
	x    *expression
	// sent: a template names it, so it must be text or a number.
	sent bool
}

// answerRule says what an answer means where that is not what its status says.
type answerRule struct {
	statuses []statusRange // empty: any
	when     *expression
	means    meaning
}

// statusRange is a status or, for 5xx, a hundred of them.
type statusRange struct{ low, high int }

// meaning is what an answer is taken for: a reason to fail, or one of the two below.
type meaning string

const (
	meansOK   meaning = "ok"   // a good answer, whatever its status
	meansZero meaning = "zero" // every balance is 0
)

// balanceRule reads one balance from each of its elements.
type balanceRule struct {
	each          *expression
	when          *expression
	unit          word
	unlimited     *expression
	remaining     *figure
	allocated     *figure
	used          *figure
	divideBy      *divisor
	planAllocated *figure
	period        bool
	resets        *expression
	next          *expression // of {next: }
	expires       *expression
	kind          *word
	lots          []lotRule
	periodLength  time.Duration
	periodSeconds *figure
	periodFrom    *expression // of {from: , to: }
	periodTo      *expression
	returns       bool
}

// lotRule reads lots of a balance.
type lotRule struct {
	each      *expression
	when      *expression
	id        *expression
	kind      *word
	remaining *figure
	allocated *figure
	used      *figure
	divideBy  *divisor
	starts    *expression
	expires   *expression
	period    bool
}

// figure is an amount. Without a divisor of its own, that of the balance or lot holds.
type figure struct {
	x        *expression
	divideBy *divisor
}

// divisor is how many of the vendor's units are one of ours.
type divisor struct {
	constant Amount
	x        *expression // when it is computed
}

// word is text that is written in the definition, or computed.
type word struct {
	literal  string
	x        *expression
	currency bool // upper-cased, three letters
}

// flagRule is usage_allowed in one of its forms.
type flagRule struct {
	x   *expression
	not bool     // {not: }
	is  []string // {jq: , is: []}
}
