package uploads

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// A Spool is what a request sent, on disk until it is closed.
type Spool struct {
	*os.File
	Size  int64
	store *Store
	name  string
}

// Spool reads all of r. Whoever calls it bounds r and closes the Spool.
func (s *Store) Spool(r io.Reader) (*Spool, error) {
	s.mu.Lock()
	s.making++
	name := fmt.Sprint(incomingPrefix, s.making)
	s.mu.Unlock()
	f, err := s.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("receive an upload: %w", err)
	}
	p := &Spool{File: f, store: s, name: name}
	if p.Size, err = io.Copy(f, r); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Close removes it.
func (p *Spool) Close() error {
	return errors.Join(p.File.Close(), p.store.root.Remove(p.name))
}
