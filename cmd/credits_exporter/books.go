package main

import (
	"context"
	"errors"
	"time"

	"github.com/credits-exporter/credits_exporter/internal/config"
	"github.com/credits-exporter/credits_exporter/internal/ledger"
	"github.com/credits-exporter/credits_exporter/internal/storage"
)

// store is the storage of a ledger, with its end.
type store interface {
	ledger.Store
	Close() error
}

// openStore takes the configured storage. What is wrong with it and does not forbid to go on is logged.
func (p *program) openStore(ctx context.Context, cfg config.Storage, lockWait time.Duration) (store, error) {
	if cfg.None {
		return storage.None{}, nil
	}
	options := storage.Options{Now: p.clock}
	file, err := storage.Open(ctx, cfg.Path, options)
	if lockWait > 0 && errors.Is(err, storage.ErrLocked) {
		p.log.Warn("Another process has the storage; its end is waited for", "path", cfg.Path, "at_most", lockWait, "err", err)
		options.LockWait = lockWait
		file, err = storage.Open(ctx, cfg.Path, options)
	}
	if err != nil {
		return nil, err // It names the storage.
	}
	status := file.Status()
	if status.Recovery != nil {
		p.log.Error("The storage was damaged: it was set aside and begins anew, only retry windows were kept",
			"file", status.Recovery.Path, "err", status.Recovery.Err)
	}
	if status.Err != nil {
		p.log.Error("The storage cannot be written: counters stand still until it can", "path", cfg.Path, "err", status.Err)
	}
	return file, nil
}

// recovered is how many damaged files were set aside.
func recovered(s store) int {
	if s.Status().Recovery != nil {
		return 1
	}
	return 0
}
