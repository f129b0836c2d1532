package providers

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Engine is a Definition as a Provider. It is immutable and safe for concurrent use.
type Engine struct {
	definition *Definition
	rules      *rules
	now        func() time.Time
	userAgent  string
	signers    map[string]Signer
	trace      *Trace
}

// Option changes how an Engine works.
type Option func(*Engine)

// WithSigners gives the engine the primitives that `sign` names.
func WithSigners(signers map[string]Signer) Option {
	return func(e *Engine) { e.signers = maps.Clone(signers) }
}

// WithUserAgent says who asks, with a version: credits_exporter/1.2.3.
func WithUserAgent(userAgent string) Option { return func(e *Engine) { e.userAgent = userAgent } }

// WithTrace shows what each poll does. The functions are called in the goroutine of the poll.
func WithTrace(trace *Trace) Option { return func(e *Engine) { e.trace = trace } }

// NewEngine returns the definition as a Provider. now is the clock that answers are read by.
func NewEngine(d *Definition, now func() time.Time, options ...Option) *Engine {
	e := &Engine{definition: d, rules: &d.rules, now: now, userAgent: "credits_exporter"}
	for _, option := range options {
		option(e)
	}
	return e
}

// poll is one Fetch: what its templates and expressions name, so far as it is known yet.
type poll struct {
	engine  *Engine
	account Account
	now     time.Time
	params  map[string]string // with defaults
	// values is what {{name}} stands for, variables what $name does.
	values    map[string]string
	variables map[string]any
	// current is the request that is being made: first or request.
	current string
	// refused tells the signer of that request that its key was refused.
	refused func()
	trace   *tracing
}

var _ Provider = (*Engine)(nil)

// Fetch makes the requests of one poll and reads the answer. An error is always an *Error. It ends with ctx.
func (e *Engine) Fetch(ctx context.Context, account Account) (Report, error) {
	p, err := e.begin(account)
	if err != nil {
		return Report{}, err
	}
	if first := e.rules.first; first != nil && !p.knows(first.gives) {
		a, err := p.ask(ctx, "first", first)
		if err != nil {
			return Report{}, err
		}
		if a.means == meansZero {
			return e.zero(), nil
		}
		if err := p.learn(ctx, first.gives, a); err != nil {
			return Report{}, err
		}
	}
	a, err := p.ask(ctx, "request", &e.rules.request)
	if err != nil {
		return Report{}, err
	}
	if a.means == meansZero {
		return e.zero(), nil
	}
	return p.report(ctx, a)
}

// begin gathers what the account gives, and refuses what cannot be sent before anything is.
func (e *Engine) begin(account Account) (*poll, error) {
	d := e.definition
	p := &poll{
		engine:    e,
		account:   account,
		now:       e.now().UTC(),
		params:    d.withDefaults(account.Params),
		values:    make(map[string]string, len(d.Credentials)+len(d.Params)+3),
		variables: make(map[string]any, len(d.Params)+1),
	}
	p.trace = e.tracing(account)
	for _, c := range d.Credentials {
		value := account.Credentials[c.Name].Reveal()
		if err := checkSendable("credentials."+c.Name, value); err != nil {
			return nil, err
		}
		p.values[c.Name] = value
	}
	for _, param := range d.Params {
		if err := p.setParam(param); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *poll) setParam(param Param) error {
	value, set := p.params[param.Name]
	switch {
	case !set && param.Optional:
		return nil
	case !set:
		return credentialsError("params." + param.Name + " is not set")
	case len(param.Values) > 0 && !slices.Contains(param.Values, value):
		return credentialsError("params." + param.Name + " is none of the values that the definition lists")
	}
	if err := checkSendable("params."+param.Name, value); err != nil {
		return err
	}
	p.values[param.Name] = value
	p.variables[param.Name] = value
	if param.Number {
		a, err := ParseAmount(value)
		if err != nil {
			return credentialsError("params." + param.Name + " is not a number")
		}
		p.variables[param.Name] = fromAmount(a, nil)
	}
	return nil
}

// knows tells whether the account sets all that `first` would find.
func (p *poll) knows(gives []given) bool {
	for _, g := range gives {
		if _, set := p.params[g.name]; !set {
			return false
		}
	}
	return true
}

// learn takes from the answer of `first` what it gives. What the account sets itself stays.
func (p *poll) learn(ctx context.Context, gives []given, a *answer) error {
	r := p.reading(ctx, a)
	for _, g := range gives {
		value := r.present("first.gives."+g.name, g.x, a.value)
		if g.sent {
			r.checkSent("first.gives."+g.name, g.x, value)
		}
		if r.err != nil {
			return r.err
		}
		if _, set := p.params[g.name]; set {
			continue
		}
		p.variables[g.name] = value
		p.values[g.name], _ = scalarText(value)
	}
	return nil
}

func checkSendable(what, value string) error {
	switch {
	case value == "":
		return credentialsError(what + " is empty")
	case !sendable(value):
		return credentialsError(what + " holds a control character, such as a line break, or is not UTF-8")
	}
	return nil
}

func credentialsError(text string) *Error { return &Error{Reason: ReasonCredentials, Text: text} }

// zero is what `means: zero` reports: every balance is 0.
func (e *Engine) zero() Report {
	var report Report
	seen := map[string]bool{}
	for _, rule := range e.rules.balances {
		if seen[rule.unit.literal] {
			continue
		}
		seen[rule.unit.literal] = true
		b := Balance{
			Unit: rule.unit.literal, Remaining: NewAmount(0), Period: rule.period, Returns: rule.returns,
			PeriodLength: rule.periodLength, Listed: len(rule.lots) > 0,
		}
		if !b.Listed {
			b.Lots = []Lot{rule.only(&b)}
		}
		report.Balances = append(report.Balances, b)
	}
	return report
}
