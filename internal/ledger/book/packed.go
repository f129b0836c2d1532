package book

import (
	"fmt"

	"github.com/credits-exporter/credits_exporter/internal/ledger/pack"
)

// packedForm is the first byte of a packed book.
const packedForm = 1

// Pack writes the book in few bytes, so that Unpack reads back one that goes on exactly as this one would.
func (b Book) Pack() []byte {
	w := &pack.Writer{Bytes: append(make([]byte, 0, 256), packedForm)}
	w.Uint(uint64(len(b.all())))
	for _, p := range b.all() {
		p.pack(w)
	}
	return w.Bytes
}

// Unpack reads what Pack wrote, and refuses what is damaged: books that do not add up are no books. Its errors name the
// unit, never a value.
func Unpack(packed []byte) (Book, error) {
	r := pack.NewReader(packed)
	if r.Uint() != packedForm {
		return Book{}, errNotABook
	}
	pages := make([]*page, r.Count())
	for i := range pages {
		pages[i] = unpackPage(r)
	}
	if err := r.Err(); err != nil {
		return Book{}, fmt.Errorf("%w: %w", errNotABook, err)
	}
	return bound(pages)
}

func (p *page) pack(w *pack.Writer) {
	w.Text(p.Unit)
	w.Amount(p.Consumed)
	w.Amount(p.Granted)
	w.Amount(p.Expired)
	w.Amount(p.Returned)
	w.Amount(p.Reinstated)
	w.Amount(p.Balance)
	w.Amount(p.Opening)
	w.Amount(p.Used)
	w.Amount(p.Lead)
	w.Time(p.Resets)
	w.Bits(p.Past)
	w.Uint(uint64(len(p.Lots)))
	for i := range p.Lots {
		l := &p.Lots[i]
		w.Text(l.ID)
		w.Text(l.Kind)
		w.Amount(l.Left)
		w.Amount(l.Allocated)
		w.Amount(l.Used)
		w.Amount(l.Lost)
		w.Time(l.Starts)
		w.Time(l.Expires)
		w.Bits(l.Period, l.Missing)
	}
	w.Uint(uint64(len(p.Recent)))
	for _, s := range p.Recent {
		w.Time(s.At)
		w.Amount(s.Amount)
	}
}

func unpackPage(r *pack.Reader) *page {
	p := &page{
		Unit: r.Word(), Consumed: r.Amount(), Granted: r.Amount(), Expired: r.Amount(), Returned: r.Amount(), Reinstated: r.Amount(),
		Balance: r.Amount(), Opening: r.Amount(), Used: r.Amount(), Lead: r.Amount(), Resets: r.Time(),
	}
	r.Bits(&p.Past)
	if n := r.Count(); n > 0 {
		p.Lots = make([]lot, n)
		for i := range p.Lots {
			l := &p.Lots[i]
			l.ID, l.Kind = r.Text(), r.Word()
			l.Left, l.Allocated, l.Used, l.Lost = r.Amount(), r.Amount(), r.Amount(), r.Amount()
			l.Starts, l.Expires = r.Time(), r.Time()
			r.Bits(&l.Period, &l.Missing)
		}
	}
	if n := r.Count(); n > 0 {
		p.Recent = make([]spending, n)
		for i := range p.Recent {
			p.Recent[i] = spending{At: r.Time(), Amount: r.Amount()}
		}
	}
	return p
}
