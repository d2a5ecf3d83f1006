// Package trigger begins a task by itself: when a folder changes, and at times
// that a cron expression names.
package trigger

import (
	"context"
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

// Watch calls do once the files at path, a folder with all below it or one
// file, have changed and then been still for quiet. It returns when ctx is
// done, or when watching is not possible.
func Watch(ctx context.Context, path string, quiet time.Duration, log *slog.Logger, do func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch %s: %w", path, err)
	}
	defer w.Close()
	f := &folder{watcher: w, path: filepath.Clean(path), log: log}
	if err := f.begin(); err != nil {
		return fmt.Errorf("watch %s: %w", path, err)
	}
	still := time.NewTimer(quiet)
	still.Stop()
	defer still.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-w.Events:
			if f.concerns(e) {
				still.Reset(quiet)
			}
		case err := <-w.Errors: // events may be lost
			log.Warn("watch", "path", path, "error", err)
			still.Reset(quiet)
		case <-still.C:
			do()
		}
	}
}

// folder is what is watched.
type folder struct {
	watcher *fsnotify.Watcher
	path    string
	single  bool // path is a file: its folder is watched, since editors replace files
	log     *slog.Logger
}

func (f *folder) begin() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if f.single = !info.IsDir(); f.single {
		return f.watcher.Add(filepath.Dir(f.path))
	}
	return f.add(f.path)
}

// add watches a folder and all below it.
func (f *folder) add(root string) error {
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == root:
			return err
		case err != nil || !d.IsDir():
			return nil
		case name != f.path && hidden(name):
			return fs.SkipDir
		}
		return f.watcher.Add(name)
	})
}

func hidden(name string) bool { return strings.HasPrefix(filepath.Base(name), ".") }

// concerns reports whether an event changes what is read. New folders are
// watched from then on.
func (f *folder) concerns(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod || hidden(e.Name) {
		return false
	}
	if f.single {
		base := strings.TrimSuffix(f.path, filepath.Ext(f.path))
		return e.Name == f.path || strings.TrimSuffix(e.Name, filepath.Ext(e.Name)) == base
	}
	if e.Has(fsnotify.Create) {
		if info, err := os.Stat(e.Name); err == nil && info.IsDir() {
			if err := f.add(e.Name); err != nil {
				f.log.Warn("watch", "path", e.Name, "error", err)
			}
		}
	}
	return true
}
