// Package status puts into words how an account stands. The page, the API and the terminal use the same ones.
package status

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
)

// Level says how what is left compares with the account's thresholds.
type Level int

// The levels, the worst last.
const (
	// None: nothing is known to compare, or there is nothing to compare it with.
	None Level = iota
	OK
	Warning
	Critical
)

// String is the level's word.
func (l Level) String() string {
	switch l {
	case OK:
		return "ok"
	case Warning:
		return "warning"
	case Critical:
		return "critical"
	case None:
	}
	return "no threshold"
}

// Name is the level in JSON.
func (l Level) Name() string { return strings.ReplaceAll(l.String(), " ", "_") }

// Polls says how an account's polls go, in the word that is shown.
type Polls string

// How polls go.
const (
	// Good: the latest poll succeeded.
	Good Polls = "ok"
	// Failing: the latest poll failed.
	Failing Polls = "failing"
	// Waiting: the vendor asked to come back later, and that time has not come yet.
	Waiting Polls = "waiting"
	// NotPolled: there was no poll yet.
	NotPolled Polls = "not polled yet"
)

// The time left at the present pace below which an account is in trouble that sets no thresholds of its own for it. The
// alert rules have the same.
const (
	runwayWarning  = 7 * 24 * time.Hour
	runwayCritical = 2 * 24 * time.Hour
)

// Finding is something that somebody wants to know, in a sentence.
type Finding struct {
	Level Level
	// Unit is what it is about; "" when it is about the account as a whole.
	Unit string
	Text string
}

// Status is how an account stands.
type Status struct {
	// Level is the worst of all balances, and Critical when the vendor refuses usage.
	Level Level
	// Balances are the view's, in its order.
	Balances []Balance
	Findings []Finding
	Polls    Polls
	// Stale: what the vendor said is too old to show.
	Stale bool
}

// Balance is how one balance stands.
type Balance struct {
	Level Level
	// PerSecond is its pace, HasPace whether it is known; Left is how long it lasts, HasLeft whether that is known.
	PerSecond float64
	Left      time.Duration
	HasPace   bool
	HasLeft   bool
}

// PerDay is the pace of a day.
func (b Balance) PerDay() float64 { return b.PerSecond * (24 * time.Hour).Seconds() }

// Of is how the account of a view stands.
func Of(v *ledger.View) Status {
	s := Status{Polls: polls(v), Stale: v.Stale}
	if v.UsageAllowed != nil && !*v.UsageAllowed {
		s.find(Critical, "", "the vendor refuses usage")
	}
	for i := range v.Balances {
		b := s.balance(v, &v.Balances[i])
		s.Balances = append(s.Balances, b)
		s.Level = max(s.Level, b.Level)
	}
	return s
}

func (s *Status) find(level Level, unit, text string) {
	s.Findings = append(s.Findings, Finding{level, unit, text})
	s.Level = max(s.Level, level)
}

func polls(v *ledger.View) Polls {
	good, known := v.Up()
	switch {
	case !v.OpenWindow.IsZero():
		return Waiting
	case !known:
		return NotPolled
	case good:
		return Good
	}
	return Failing
}

// balance compares one balance with the thresholds of its unit, and its runway with the account's.
func (s *Status) balance(v *ledger.View, b *ledger.Balance) Balance {
	if b.Unlimited {
		return Balance{Level: OK}
	}
	if !b.Amount.Known() {
		return Balance{}
	}
	standing := Balance{Level: s.amount(v, b)}
	if standing.PerSecond, standing.HasPace = v.Pace(b.Unit); standing.HasPace {
		standing.Left, standing.HasLeft = b.Runway(standing.PerSecond)
	}
	if standing.HasLeft {
		standing.Level = max(standing.Level, s.runway(v, b, standing.Left))
	}
	// Nothing to lose is no reason to call a balance good that there is nothing to compare with.
	if lost := s.expiry(v, b, standing); lost > OK {
		standing.Level = max(standing.Level, lost)
	}
	return standing
}

func (s *Status) amount(v *ledger.View, b *ledger.Balance) Level {
	level, below := None, ledger.Limit{}
	for _, limit := range v.Limits {
		if limit.Unit != b.Unit {
			continue
		}
		found := OK
		// At the threshold is low, too: a threshold of 0 means that the account is empty.
		if b.Amount.Cmp(limit.Amount) <= 0 {
			found = severity(limit.Severity)
		}
		if found > level {
			level, below = found, limit
		}
	}
	switch {
	case level > OK:
		how := "below"
		if b.Amount.Cmp(below.Amount) == 0 {
			how = "at"
		}
		s.find(level, b.Unit, fmt.Sprintf("%s %s %s (%s)", b.Unit, how, Decimal(below.Amount), below.Severity))
	case level == None && b.Amount.Sign() <= 0:
		s.find(Warning, b.Unit, "no "+b.Unit+" left")
		level = Warning
	}
	return level
}

// runway compares how long a balance lasts with the account's thresholds. One that lasts until its allowance renews is
// not short, or every monthly plan would be in trouble in its last week.
func (s *Status) runway(v *ledger.View, b *ledger.Balance, left time.Duration) Level {
	if b.Resets.After(v.LastSuccess) && left > b.Resets.Sub(v.LastSuccess) {
		return OK
	}
	thresholds := map[Level]time.Duration{Warning: runwayWarning, Critical: runwayCritical}
	for _, threshold := range v.Account.RunwayThresholds {
		thresholds[severity(threshold.Severity)] = threshold.Left
	}
	for _, level := range []Level{Critical, Warning} {
		if left < thresholds[level] {
			s.find(level, b.Unit, fmt.Sprintf("%s last less than %s (%s)", b.Unit, Span(thresholds[level]), level))
			return level
		}
	}
	return OK
}

func severity(name string) Level {
	if name == Critical.String() {
		return Critical
	}
	return Warning
}

// Decimal writes an amount for people: as many digits as a sample on /metrics has, unless they are absurdly many.
func Decimal(a ledger.Amount) string {
	const most = 24
	text := strconv.FormatFloat(a.Float64(), 'f', -1, 64)
	if len(text) > most {
		return strconv.FormatFloat(a.Float64(), 'g', 6, 64)
	}
	return text
}

// Span writes a length of time in its two largest units.
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return twoUnits(d, time.Minute, "m", time.Second, "s")
	case d < 2*day:
		return twoUnits(d, time.Hour, "h", time.Minute, "m")
	case d >= 1000*day:
		return "over 1000d"
	}
	return twoUnits(d, day, "d", time.Hour, "h")
}

func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d%s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf(" %d%s", rest, smallName)
	}
	return text
}
