// Package trigger begins a task by itself: when a folder changes, and at times
// that a cron expression names.
package trigger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/robfig/cron/v3"
)

// ParseSchedule reads a cron expression of five fields, or @daily, @every 6h
// and the like.
func ParseSchedule(expression string) (cron.Schedule, error) {
	s, err := cron.ParseStandard(expression)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w", expression, err)
	}
	return s, nil
}

// Schedule calls do at the times of s until ctx is done.
func Schedule(ctx context.Context, s cron.Schedule, now func() time.Time, do func()) {
	for {
		at := now()
		next := s.Next(at)
		if next.IsZero() {
			<-ctx.Done()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(next.Sub(at)):
			do()
		}
	}
}

// Watcher notices changes of a folder with all below it, or of one file.
type Watcher struct {
	events *fsnotify.Watcher
	path   string
	single bool // path is a file: its folder is watched, since editors replace files
	log    *slog.Logger
}

// NewWatcher watches path from now on. Run ends it.
func NewWatcher(path string, log *slog.Logger) (*Watcher, error) {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", path, err)
	}
	w := &Watcher{events: events, path: filepath.Clean(path), log: log}
	if err := w.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("watch %s: %w", path, err), events.Close())
	}
	return w, nil
}

// Run calls do once files have changed and then been still for quiet, until
// ctx is done.
func (w *Watcher) Run(ctx context.Context, quiet time.Duration, do func()) error {
	still := time.NewTimer(quiet)
	still.Stop()
	defer still.Stop()
	for {
		select {
		case <-ctx.Done():
			return w.events.Close()
		case e := <-w.events.Events:
			if w.concerns(e) {
				still.Reset(quiet)
			}
		case err := <-w.events.Errors: // events may be lost
			w.log.Warn("watch", "path", w.path, "error", err)
			still.Reset(quiet)
		case <-still.C:
			do()
		}
	}
}

func (w *Watcher) begin() error {
	info, err := os.Stat(w.path)
	if err != nil {
		return err
	}
	if w.single = !info.IsDir(); w.single {
		return w.events.Add(filepath.Dir(w.path))
	}
	return w.add(w.path)
}

// add watches a folder and all below it.
func (w *Watcher) add(root string) error {
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == root:
			return err
		case err != nil || !d.IsDir():
			return nil
		case name != w.path && hidden(name):
			return fs.SkipDir
		}
		return w.events.Add(name)
	})
}

func hidden(name string) bool { return strings.HasPrefix(filepath.Base(name), ".") }

// concerns reports whether an event changes what is read. New folders are
// watched from then on.
func (w *Watcher) concerns(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod || hidden(e.Name) {
		return false
	}
	if w.single {
		base := strings.TrimSuffix(w.path, filepath.Ext(w.path))
		return e.Name == w.path || strings.TrimSuffix(e.Name, filepath.Ext(e.Name)) == base
	}
	if e.Has(fsnotify.Create) {
		if info, err := os.Stat(e.Name); err == nil && info.IsDir() {
			if err := w.add(e.Name); err != nil {
				w.log.Warn("watch", "path", e.Name, "error", err)
			}
		}
	}
	return true
}
