package book

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/credits-exporter/credits_exporter/providers"
)

var errNotABook = errors.New("not a book")

// MarshalJSON writes the book so that UnmarshalJSON reads back one that goes on exactly as this one would.
func (b Book) MarshalJSON() ([]byte, error) {
	if b.pages == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(*b.pages)
}

// UnmarshalJSON reads what MarshalJSON wrote, and refuses what is damaged: books that do not add up are no books. Its
// errors name the unit, never a value.
func (b *Book) UnmarshalJSON(text []byte) error {
	var pages []*page
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&pages); err != nil {
		return fmt.Errorf("%w: %w", errNotABook, err)
	}
	read, err := bound(pages)
	if err == nil {
		*b = read
	}
	return err
}

// bound makes a book of pages, if they are what a book has.
func bound(pages []*page) (Book, error) {
	for i, p := range pages {
		if p == nil || i > 0 && pages[i-1].Unit >= p.Unit {
			return Book{}, fmt.Errorf("%w: page %d is empty or not in order", errNotABook, i)
		}
		p.normalize()
		if err := p.check(); err != nil {
			return Book{}, fmt.Errorf("%w: unit %q: %w", errNotABook, p.Unit, err)
		}
	}
	if len(pages) == 0 {
		return Book{}, nil
	}
	return Book{pages: &pages}, nil
}

// normalize brings times to the form that all others have.
func (p *page) normalize() {
	p.Resets = storable(p.Resets)
	for i := range p.Lots {
		p.Lots[i].Starts, p.Lots[i].Expires = storable(p.Lots[i].Starts), storable(p.Lots[i].Expires)
	}
	for i := range p.Recent {
		p.Recent[i].At = storable(p.Recent[i].At)
	}
}

// check holds a page to what every page that this package wrote fulfils.
func (p *page) check() error {
	amounts := []providers.Amount{p.Consumed, p.Granted, p.Expired, orZero(p.Returned), orZero(p.Reinstated), orZero(p.Lead)}
	for _, a := range amounts {
		if !a.Known() || a.Sign() < 0 {
			return errors.New("a counter is missing or negative")
		}
	}
	if orZero(p.Returned).Cmp(p.Consumed) > 0 || orZero(p.Reinstated).Cmp(p.Expired) > 0 {
		return errors.New("more was taken back than was booked")
	}
	if p.Balance.Known() != p.Opening.Known() {
		return errors.New("balance and opening go together")
	}
	if !p.Balance.Known() {
		if len(p.Lots) > 0 || len(p.Recent) > 0 || p.Returned.Known() || p.Reinstated.Known() {
			return errors.New("there is no balance, but what belongs to one")
		}
		return nil
	}
	net := p.Granted.Sub(p.Consumed).Add(orZero(p.Returned)).Sub(p.Expired).Add(orZero(p.Reinstated))
	if net.Cmp(p.Balance.Sub(p.Opening)) != 0 {
		return errors.New("the counters do not add up to the balance")
	}
	for i, l := range p.Lots {
		if !l.Left.Known() || orZero(l.Lost).Sign() < 0 || i > 0 && p.Lots[i-1].order(&p.Lots[i]) >= 0 {
			return errors.New("a lot says nothing, or is not in order")
		}
	}
	if slices.ContainsFunc(p.Recent, func(s spending) bool { return s.Amount.Sign() <= 0 }) {
		return errors.New("recent consumption is not above 0")
	}
	if !utf8.ValidString(p.Unit) {
		return errors.New("the unit is not text")
	}
	return nil
}
