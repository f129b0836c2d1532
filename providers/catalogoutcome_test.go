package providers_test

import (
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/providers"
	"github.com/credits-exporter/credits_exporter/providers/strict"
)

func readFailure(n strict.Node) *caseFailure {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	reason, _ := m.Require("reason").Text()
	failure := &caseFailure{reason: providers.Reason(reason), retryAfter: readCaseDuration(m.Take("retry_after"))}
	failure.text, _ = m.Take("text").Text()
	m.Done()
	return failure
}

func readCaseDuration(n strict.Node) time.Duration {
	text, ok := n.Text()
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		n.Problem("must be a duration such as 90s")
	}
	return d
}

func readExceptions(n strict.Node) []*caseException {
	nodes, _ := n.List()
	exceptions := make([]*caseException, 0, len(nodes))
	for _, n := range nodes {
		m, ok := n.Map()
		if !ok {
			continue
		}
		e := &caseException{}
		e.path, _ = m.Require("path").Text()
		e.because, _ = m.Require("because").Text()
		damages, _ := m.Take("damage").List()
		for _, d := range damages {
			name, _ := d.Text()
			e.damage = append(e.damage, name)
		}
		if of := m.Take("of"); of.Exists() {
			text, _ := of.Text()
			if e.first = text == "first"; !e.first {
				of.Problem("must be first, or be left out")
			}
		}
		if strings.TrimSpace(e.because) == "" {
			m.Problem("an exception needs a reason")
		}
		m.Done()
		exceptions = append(exceptions, e)
	}
	return exceptions
}
