package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"wenbao/configs"
)

// reloader is a component that reads the settings again on SIGHUP.
type reloader struct {
	load  func() (*configs.Config, error)
	apply func(*configs.Config)
	now   *configs.Config
	log   *slog.Logger
}

// Run waits for signals until ctx is done.
func (r *reloader) Run(ctx context.Context) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangups:
			r.reload()
		}
	}
}

// reload applies what can change while serving, and names what cannot.
func (r *reloader) reload() {
	next, err := r.load()
	if err != nil {
		r.log.Error("the settings could not be read again: those before stay", "error", err)
		return
	}
	applied, later := []string{}, []string{}
	for _, key := range r.now.Changed(next) {
		if strings.HasPrefix(key, "reindex.") || key == "ops.tokens" || key == "log.level" || key == "corpus" || key == "lexicon" {
			applied = append(applied, key)
		} else {
			later = append(later, key)
		}
	}
	r.apply(next)
	r.now = next
	r.log.Info("settings read again", "applied", applied)
	if len(later) > 0 {
		r.log.Warn("settings changed that take a restart", "settings", later)
	}
}
