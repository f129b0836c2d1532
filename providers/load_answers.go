package providers

import (
	"regexp"
	"strconv"

	"github.com/credits-exporter/credits_exporter/providers/strict"
)

// statusText is a status, or 5xx for all that begin with 5.
var statusText = regexp.MustCompile(`^[1-5](?:[0-9]{2}|xx)$`)

// meanings are what a rule can take an answer for. The reasons that are ours to find are not among them.
func meanings() []string {
	return []string{
		string(meansOK), string(meansZero),
		string(ReasonUnauthorized), string(ReasonPaymentRequired), string(ReasonRateLimited), string(ReasonClientError),
		string(ReasonServerError), string(ReasonTimeout), string(ReasonBadResponse),
	}
}

func (l *loader) answers(n strict.Node) {
	items, _ := n.List()
	for _, item := range items {
		m, ok := item.Map()
		if !ok {
			continue
		}
		rule := answerRule{
			statuses: statuses(m.TakeFilled("status")),
			when:     l.expression(m.TakeFilled("when"), forCondition),
			means:    meaning(oneOf(m.Require("means"), meanings())),
		}
		if !m.Has("status") && !m.Has("when") {
			m.Problem("needs a status, a when, or both")
		}
		m.Done()
		if rule.means == meansZero {
			l.checkZero(m)
		}
		l.def.rules.answers = append(l.def.rules.answers, rule)
	}
}

// checkZero sees to it that it is known which balances are 0.
func (l *loader) checkZero(m *strict.Mapping) {
	for _, b := range l.def.rules.balances {
		if b.each != nil || b.unit.literal == "" {
			m.Problem("zero is for definitions whose balances have literal units and no each")
			return
		}
	}
}

func statuses(n strict.Node) []statusRange {
	items := []strict.Node{n}
	switch n.Form() {
	case strict.Missing:
		return nil
	case strict.List:
		items, _ = n.List()
		if len(items) == 0 {
			n.Problem("is empty: give at least one status, or leave the key out")
		}
	}
	var ranges []statusRange
	for _, item := range items {
		text, ok := item.Raw()
		if !ok {
			continue
		}
		if !statusText.MatchString(text) {
			item.Problem("must be a status such as 402, or 5xx, or a list of them")
			continue
		}
		if status, err := strconv.Atoi(text); err == nil {
			ranges = append(ranges, statusRange{status, status})
			continue
		}
		low := int(text[0]-'0') * 100
		ranges = append(ranges, statusRange{low, low + 99})
	}
	return ranges
}
