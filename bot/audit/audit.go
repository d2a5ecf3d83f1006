// Package audit writes down who did what: JSON lines, appended only, in files
// of bounded size.
package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// An Entry is one thing that was done, or refused.
type Entry struct {
	At      time.Time `json:"at"`
	Who     string    `json:"who"` // name of the token; "" for a caller without a valid one
	Role    string    `json:"role,omitempty"`
	From    string    `json:"from,omitempty"` // address
	What    string    `json:"what"`           // reindex, activate, cancel …
	Target  string    `json:"target,omitempty"`
	Job     string    `json:"job,omitempty"`
	Outcome string    `json:"outcome"`          // ok, refused, or how a job ended
	Detail  string    `json:"detail,omitempty"` // never what people asked
	Request string    `json:"request,omitempty"`
}

// Options bound the log; zero values mean the defaults.
type Options struct {
	MaxSize int64 // of one file; 10 MB
	Keep    int   // older files kept; 10
}

const (
	defaultSize = 10 << 20
	defaultKeep = 10
	fileName    = "audit.jsonl"
)

// Log appends entries. It is safe for concurrent use. The nil Log drops them.
type Log struct {
	dir string
	o   Options

	mu   sync.Mutex
	file *os.File
	size int64
}

// Open opens the log in dir, which is made where it is missing.
func Open(dir string, o Options) (*Log, error) {
	if o.MaxSize <= 0 {
		o.MaxSize = defaultSize
	}
	if o.Keep <= 0 {
		o.Keep = defaultKeep
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open audit log: %w", err)
	}
	l := &Log{dir: dir, o: o}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("open audit log: %w", err)
	}
	return l, nil
}

func (l *Log) path(n int) string {
	if n == 0 {
		return filepath.Join(l.dir, fileName)
	}
	return filepath.Join(l.dir, fileName+"."+strconv.Itoa(n))
}

func (l *Log) open() error {
	f, err := os.OpenFile(l.path(0), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Size() > 0 {
		// A line torn by a crash must not swallow the next.
		last := []byte{0}
		if _, err = f.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			_, err = f.WriteString("\n")
		}
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Add appends an entry, durably.
func (l *Log) Add(e Entry) error {
	if l == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	line = append(line, '\n')
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return errors.New("audit: the log is closed")
	}
	if l.size > 0 && l.size+int64(len(line)) > l.o.MaxSize {
		if err := l.rotate(); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	n, err := l.file.Write(line)
	l.size += int64(n)
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// rotate begins a new file; the oldest beyond those kept goes.
func (l *Log) rotate() error {
	for n := l.o.Keep; n >= 0; n-- {
		var err error
		if n == l.o.Keep {
			err = os.Remove(l.path(n))
		} else {
			err = os.Rename(l.path(n), l.path(n+1))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	old := l.file
	if err := l.open(); err != nil {
		return err // the old one goes on
	}
	return old.Close()
}

// Close closes the log.
func (l *Log) Close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
