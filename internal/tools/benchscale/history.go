package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/storage"
	"github.com/credits-exporter/credits_exporter/providers"
)

// fillHistories gives every account in a state a week of history, so that memory and starts are measured as they are
// after a week.
func (s site) fillHistories(ctx context.Context) error {
	week, err := aWeek()
	if err != nil {
		return err
	}
	file, err := storage.Open(ctx, filepath.Join(s.dir, "data"), storage.Options{})
	if err != nil {
		return err
	}
	const atOnce = 1000
	for from := 0; from < s.accounts && err == nil; from += atOnce {
		var records []storage.Record
		for i := from; i < min(from+atOnce, s.accounts); i++ {
			records = append(records, storage.Record{Key: "history/olostep/" + accountName(i), Value: week})
		}
		err = file.Commit(records)
	}
	return errors.Join(err, file.Close())
}

// aWeek is the record of an account's history as a ledger writes it that was polled for a week.
func aWeek() ([]byte, error) {
	store := &oneRecord{prefix: "history/"}
	now := time.Now().Add(-7*24*time.Hour - 30*time.Minute)
	l, err := ledger.New(store, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	account := &ledger.Account{ID: ledger.ID{Provider: "olostep", Account: "week"}, Enabled: true, Interval: time.Hour, StaleAfter: 24 * time.Hour}
	l.Apply([]*ledger.Account{account})
	left := int64(1_000_000)
	for i := range 336 {
		now = now.Add(30 * time.Minute)
		left -= int64(17 * i % 400)
		l.Succeeded(account.ID, account.Identity, now, &providers.Report{Balances: []providers.Balance{{
			Unit: "credits", Remaining: providers.NewAmount(left),
			Lots: []providers.Lot{{ID: "default", Kind: "default", Remaining: providers.NewAmount(left)}},
		}}})
	}
	if err := l.Commit(); err != nil {
		return nil, err
	}
	if store.value == nil {
		return nil, fmt.Errorf("no record begins with %s", store.prefix)
	}
	return store.value, nil
}

// oneRecord is a store that keeps the last record of one kind.
type oneRecord struct {
	prefix string
	value  []byte
}

// Load gives nothing.
func (*oneRecord) Load(func(string, []byte) error) error { return nil }

// Salvage gives nothing.
func (*oneRecord) Salvage(func(string, []byte) error) error { return nil }

// Status says that all is well.
func (*oneRecord) Status() storage.Status { return storage.Status{} }

// Commit keeps what is wanted.
func (s *oneRecord) Commit(records []storage.Record) error {
	for _, r := range records {
		if strings.HasPrefix(r.Key, s.prefix) {
			s.value = r.Value
		}
	}
	return nil
}
