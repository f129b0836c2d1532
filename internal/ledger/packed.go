package ledger

import (
	"encoding/json"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger/pack"
	"github.com/credits-exporter/credits_exporter/providers"
)

// packedForm is the first byte of a packed record.
const packedForm = 1

// packed is the record in the form that is kept.
func (r accountRecord) packed() ([]byte, error) {
	w := &pack.Writer{Bytes: append(make([]byte, 0, 256), packedForm)}
	w.Text(r.Identity)
	w.Text(r.Wallet)
	w.Time(r.LastSuccess)
	w.Time(r.LastPoll)
	w.Time(r.LastRequest)
	w.Uint(r.Polls)
	w.Uint(r.DayPolls)
	w.Bits(r.Report != nil)
	if r.Report != nil {
		packReport(w, r.Report)
	}
	// What most accounts do not have is kept as JSON within.
	rest := accountRecord{Failure: r.Failure, Window: r.Window, Refused: r.Refused, Empty: r.Empty, Removed: r.Removed}
	if rest.Failure == nil && rest.Window.IsZero() && rest.Refused.IsZero() && rest.Empty == nil && rest.Removed.IsZero() {
		w.Text("")
		return w.Bytes, nil
	}
	text, err := json.Marshal(rest)
	w.Text(string(text))
	return w.Bytes, err
}

func unpackAccount(b []byte) (accountRecord, error) {
	r := pack.NewReader(b)
	if r.Uint() != packedForm {
		return accountRecord{}, pack.ErrMalformed
	}
	a := accountRecord{
		Identity: r.Word(), Wallet: r.Text(), LastSuccess: r.Time(), LastPoll: r.Time(), LastRequest: r.Time(),
		Polls: r.Uint(), DayPolls: r.Uint(),
	}
	var reported bool
	if r.Bits(&reported); reported {
		a.Report = unpackReport(r)
	}
	text := r.Raw()
	if err := r.Err(); err != nil || len(text) == 0 {
		return a, err
	}
	var rest accountRecord
	if err := json.Unmarshal(text, &rest); err != nil {
		return accountRecord{}, err
	}
	a.Failure, a.Window, a.Refused, a.Empty, a.Removed = rest.Failure, rest.Window, rest.Refused, rest.Empty, rest.Removed
	return a, nil
}

func packReport(w *pack.Writer, report *providers.Report) {
	w.Uint(uint64(len(report.Balances)))
	for i := range report.Balances {
		packBalance(w, &report.Balances[i])
	}
	w.Text(report.Plan.ID)
	w.Text(report.Plan.Name)
	w.Bits(report.UsageAllowed != nil, report.UsageAllowed != nil && *report.UsageAllowed)
	w.Time(report.AsOf)
}

func unpackReport(r *pack.Reader) *providers.Report {
	report := &providers.Report{}
	if n := r.Count(); n > 0 {
		report.Balances = make([]providers.Balance, n)
		for i := range report.Balances {
			report.Balances[i] = unpackBalance(r)
		}
	}
	report.Plan = providers.Plan{ID: r.Word(), Name: r.Word()}
	var said, allowed bool
	if r.Bits(&said, &allowed); said {
		report.UsageAllowed = &allowed
	}
	report.AsOf = r.Time()
	return report
}

func packBalance(w *pack.Writer, b *providers.Balance) {
	w.Text(b.Unit)
	w.Bits(b.Unlimited, b.Period, b.Returns, b.Listed)
	w.Amount(b.Remaining)
	w.Amount(b.Allocated)
	w.Amount(b.Used)
	w.Amount(b.PlanAllocated)
	w.Time(b.Resets)
	w.Int(int64(b.PeriodLength))
	w.Uint(uint64(len(b.Lots)))
	for i := range b.Lots {
		lot := &b.Lots[i]
		w.Text(lot.ID)
		w.Text(lot.Kind)
		w.Bits(lot.Period)
		w.Amount(lot.Remaining)
		w.Amount(lot.Allocated)
		w.Amount(lot.Used)
		w.Time(lot.Starts)
		w.Time(lot.Expires)
	}
}

func unpackBalance(r *pack.Reader) providers.Balance {
	b := providers.Balance{Unit: r.Word()}
	r.Bits(&b.Unlimited, &b.Period, &b.Returns, &b.Listed)
	b.Remaining, b.Allocated, b.Used, b.PlanAllocated = r.Amount(), r.Amount(), r.Amount(), r.Amount()
	b.Resets = r.Time()
	b.PeriodLength = time.Duration(r.Int())
	if n := r.Count(); n > 0 {
		b.Lots = make([]providers.Lot, n)
		for i := range b.Lots {
			lot := &b.Lots[i]
			lot.ID, lot.Kind = r.Text(), r.Word()
			r.Bits(&lot.Period)
			lot.Remaining, lot.Allocated, lot.Used = r.Amount(), r.Amount(), r.Amount()
			lot.Starts, lot.Expires = r.Time(), r.Time()
		}
	}
	return b
}

// packed is the history in the form that is kept.
func (h History) packed() []byte {
	w := &pack.Writer{Bytes: []byte{packedForm}}
	w.Uint(uint64(len(h.units)))
	for _, u := range h.units {
		w.Text(u.unit)
		w.Int(u.last)
		w.Text(string(u.samples))
	}
	return w.Bytes
}

// unpackHistory reads what packed wrote. The samples are decoded when somebody wants them.
func unpackHistory(b []byte) (History, error) {
	r := pack.NewReader(b)
	if r.Uint() != packedForm {
		return History{}, pack.ErrMalformed
	}
	h := History{units: make([]unitHistory, r.Count())}
	for i := range h.units {
		h.units[i] = unitHistory{unit: r.Word(), last: r.Int(), samples: samples(r.Raw())}
		if i > 0 && h.units[i-1].unit >= h.units[i].unit {
			r.Fail()
		}
	}
	return h, r.Err()
}
