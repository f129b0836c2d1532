package vendorsim

import (
	"net/http"
	"time"
)

// at brings the account up to the clock and lets do change it, as one step for everybody else.
func (a *Account) at(do func(now time.Time)) {
	now := whole(a.clock())
	a.mu.Lock()
	defer a.mu.Unlock()
	a.line.advance(now)
	do(a.line.now)
	a.line.armRefill()
}

// Balance is what can be spent now, in all.
func (a *Account) Balance() (total Credits) {
	a.at(func(now time.Time) { total = a.line.book.total(now) })
	return total
}

// Lots are the lots that the vendor would list now, in the order in which they are spent.
func (a *Account) Lots() (lots []Lot) {
	a.at(func(time.Time) { lots = append(lots, a.line.book.lots...) })
	return lots
}

// Key is the key that the account accepts, unless it is refused.
func (a *Account) Key() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.key
}

// SetBalance spends or tops up what lies between the balance and an amount. A negative amount makes a debt.
func (a *Account) SetBalance(amount Credits) {
	amount = a.dialect.floor(amount)
	a.at(func(now time.Time) {
		switch total := a.line.book.total(now); {
		case amount < total:
			a.line.book.spend(total-amount, now, true)
		case amount > total:
			a.line.grant(KindTopUp, amount-total, 0)
		}
	})
}

// Spend takes an amount at once and returns how much there was to take: all of it where the account has an overdraft.
func (a *Account) Spend(amount Credits) (spent Credits) {
	a.at(func(now time.Time) { spent = a.line.book.spend(a.dialect.floor(amount), now, a.line.spec.Overdraft) })
	return spent
}

// SetJobs changes what the account spends by itself from now on.
func (a *Account) SetJobs(jobs Jobs) error {
	changed := Spec{Vendor: a.line.spec.Vendor, Name: a.line.spec.Name, Key: "unchanged", Jobs: jobs}
	if err := changed.validate(); err != nil {
		return err
	}
	a.at(func(now time.Time) { a.line.spending = spending{jobs: jobs, origin: now, seed: a.seed} })
	return nil
}

// TopUp adds an amount that never expires.
func (a *Account) TopUp(amount Credits) { a.AddLot(KindTopUp, amount, 0) }

// AddLot adds an amount of a kind that lives so long; 0: it never expires.
func (a *Account) AddLot(kind string, amount Credits, life time.Duration) {
	a.at(func(time.Time) { a.line.grant(kind, amount, life) })
}

// Expire ends the lot that would expire first and returns what was lost with it.
func (a *Account) Expire() (lost Credits) {
	a.at(func(now time.Time) { lost = a.line.book.expireFirst(now) })
	return lost
}

// Block lets the vendor refuse all usage: Olostep says so in its good answer (`allow_usage: false`), the others, which
// have no word for it, answer with 402. Nothing is spent meanwhile.
func (a *Account) Block() {
	a.at(func(time.Time) { a.line.stopped = true })
}

// RequirePayment lets the vendor refuse all usage, and the request for the balance with it, by 402.
func (a *Account) RequirePayment() {
	a.at(func(time.Time) { a.line.stopped, a.unpaid = true, true })
}

// Unblock ends Block and RequirePayment.
func (a *Account) Unblock() {
	a.at(func(time.Time) { a.line.stopped, a.unpaid = false, false })
}

// RateLimit opens a retry window now: every request until its end is answered with 429 and what is left of it. A
// length of 0 ends a window that is open.
func (a *Account) RateLimit(length time.Duration) {
	a.at(func(now time.Time) { a.window = window{until: now.Add(length)} })
}

// RefuseKey lets the vendor refuse the account's key from now on; AcceptKey ends that.
func (a *Account) RefuseKey() { a.at(func(time.Time) { a.refused = true }) }

// AcceptKey ends RefuseKey.
func (a *Account) AcceptKey() { a.at(func(time.Time) { a.refused = false }) }

// Hang leaves every request without an answer until the client gives up, or Recover for requests that come after it.
func (a *Account) Hang() { a.setMode(mode{silent: true}) }

// Slow lets every answer come so much later.
func (a *Account) Slow(delay time.Duration) { a.setMode(mode{slow: delay}) }

// Fail answers every request with a status, in the form that the vendor has for errors.
func (a *Account) Fail(status int) { a.setMode(mode{outcome: failed, status: status}) }

// Empty answers every request with 200 and the documented form of a body, without a balance in it.
func (a *Account) Empty() { a.setMode(mode{outcome: empty}) }

// Answer answers every request with exactly this. The key must still be right, and an open window still comes first.
func (a *Account) Answer(status int, header http.Header, body string) {
	if header == nil {
		header = http.Header{}
	}
	a.setMode(mode{answer: &response{status, header.Clone(), []byte(body)}})
}

// Recover ends Hang, Slow, Fail, Empty and Answer, of which the latest call counts.
func (a *Account) Recover() { a.setMode(mode{}) }

func (a *Account) setMode(m mode) { a.at(func(time.Time) { a.mode = m }) }

// Requests is what the account has seen of its clients so far.
func (a *Account) Requests() Requests {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests.snapshot()
}
