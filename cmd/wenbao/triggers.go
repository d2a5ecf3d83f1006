package main

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"wenbao/bot/reindex"
	"wenbao/bot/trigger"
)

const (
	// quietTime is how long files must be still before they are read: copying
	// a folder is one change.
	quietTime = 2 * time.Second
	// watchAgain is how long a folder that cannot be watched is left alone.
	watchAgain = 30 * time.Second
)

// Run reindexes by itself where the settings say so.
func (r *reindexing) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, r.Stop)
	defer stop()
	if r.settled != nil && r.settled(ctx) {
		r.log.Info("the generation that the replicas went back to stays, whatever the reports are now")
	} else {
		r.service.CatchUp(r.log)
	}
	for ctx.Err() == nil {
		part, cancel := context.WithCancel(ctx)
		group, part := errgroup.WithContext(part)
		cfg := r.cfg.Load()
		if cfg.Reindex.Watch && cfg.Corpus != "" {
			group.Go(func() error { r.watch(part, cfg.Corpus); return nil })
		}
		if s, err := trigger.ParseSchedule(cfg.Reindex.Schedule); err == nil {
			group.Go(func() error {
				trigger.Schedule(part, s, r.service.Now, func() { r.begin(part, "schedule") })
				return nil
			})
		}
		select {
		case <-ctx.Done():
		case <-r.changed:
		}
		cancel()
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// watch reindexes after changes of the corpus, however long it cannot be
// watched.
func (r *reindexing) watch(ctx context.Context, path string) {
	for ctx.Err() == nil {
		w, err := trigger.NewWatcher(path, r.log)
		if err == nil {
			r.log.Info("watching", "path", path)
			err = w.Run(ctx, quietTime, func() { r.begin(ctx, "watch") })
		}
		if err != nil {
			r.log.Warn("the corpus cannot be watched", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(watchAgain):
		}
	}
}

// begin reindexes, after the job at work if there is one: it may have read the
// files before they changed.
func (r *reindexing) begin(ctx context.Context, who string) {
	if _, _, err := r.service.Queue(reindex.Caller{Name: who}, reindex.Options{}); err != nil && ctx.Err() == nil {
		r.log.Error("cannot reindex", "by", who, "error", err)
	}
}
