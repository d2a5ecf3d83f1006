// Package shelf keeps generations on disk: each is a folder with a checksummed
// manifest that appears whole or not at all, and a mark of when it last went
// live.
//
//	DIR/lock                one process at a time
//	DIR/.making-N/          one being made; left by a crash, it is cleaned up
//	DIR/ID/manifest.json    what it is made of, and its files' checksums
//	DIR/ID/live             when it went live last; without it, it never did
package shelf

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	makingPrefix = ".making-"
	manifestFile = "manifest.json"
	liveFile     = "live"
)

var (
	// ErrInUse is wrapped when another process has the shelf open.
	ErrInUse = errors.New("in use by another process")
	// ErrUnknown is wrapped when there is no generation of an id.
	ErrUnknown = errors.New("no such generation")
	// ErrDamaged is wrapped when files are not what the manifest says.
	ErrDamaged = errors.New("the generation is damaged")
)

// An Entry is one generation on the shelf.
type Entry struct {
	Manifest
	LiveAt   time.Time // when it went live last; zero: it never did
	Sequence int       // rises each time one goes live; 0: it never did
}

// Shelf keeps generations in one folder. It is safe for concurrent use.
type Shelf struct {
	dir  string
	now  func() time.Time
	lock *os.File

	mu      sync.Mutex
	entries map[string]Entry
	making  int
}

// Open opens the shelf in dir, which is made where it is missing, and cleans
// up what a crash left: those half-made, those that never went live, and those
// that cannot be read. cleaned names them.
func Open(dir string, now func() time.Time) (s *Shelf, cleaned []string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("open generations: %w", err)
	}
	lock, err := acquire(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, nil, fmt.Errorf("open generations in %s: %w", dir, err)
	}
	s = &Shelf{dir: dir, now: now, lock: lock, entries: map[string]Entry{}}
	if cleaned, err = s.load(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open generations: %w", err), lock.Close())
	}
	return s, cleaned, nil
}

// Close lets others open the shelf.
func (s *Shelf) Close() error { return s.lock.Close() }

func (s *Shelf) load() (cleaned []string, err error) {
	found, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		if !d.IsDir() {
			continue
		}
		e, err := s.read(d.Name())
		if err == nil && e.Sequence > 0 {
			s.entries[e.ID] = e
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.dir, d.Name())); err != nil {
			return cleaned, err
		}
		cleaned = append(cleaned, d.Name())
	}
	return cleaned, nil
}

func (s *Shelf) read(name string) (Entry, error) {
	if strings.HasPrefix(name, makingPrefix) {
		return Entry{}, ErrDamaged
	}
	m, err := readManifest(filepath.Join(s.dir, name, manifestFile))
	if err != nil {
		return Entry{}, err
	}
	if m.ID != name {
		return Entry{}, fmt.Errorf("%w: folder %s says that it is %s", ErrDamaged, name, m.ID)
	}
	e := Entry{Manifest: m}
	raw, err := os.ReadFile(filepath.Join(s.dir, name, liveFile))
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil
	}
	var mark liveMark
	if err == nil {
		err = json.Unmarshal(raw, &mark)
	}
	e.LiveAt, e.Sequence = mark.At, mark.Sequence
	return e, err
}

// liveMark is the content of the live file.
type liveMark struct {
	Sequence int       `json:"sequence"`
	At       time.Time `json:"at"`
}

// List returns the generations, the one that went live last first; those that
// never did come last.
func (s *Shelf) List() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Entry, 0, len(s.entries))
	for _, e := range s.entries {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.Sequence, a.Sequence), b.MadeAt.Compare(a.MadeAt), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// Entry returns one generation.
func (s *Shelf) Entry(id string) (Entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[id]
	return e, ok
}

// Folder is where the generation is, or would be.
func (s *Shelf) Folder(id string) string { return filepath.Join(s.dir, id) }

// Make returns an empty folder to make a generation in. Publish or Discard
// ends it.
func (s *Shelf) Make() (folder string, err error) {
	s.mu.Lock()
	s.making++
	folder = filepath.Join(s.dir, fmt.Sprint(makingPrefix, s.making))
	s.mu.Unlock()
	if err := os.RemoveAll(folder); err != nil {
		return "", fmt.Errorf("make generation: %w", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", fmt.Errorf("make generation: %w", err)
	}
	return folder, nil
}

// Discard removes a folder that Make returned.
func (s *Shelf) Discard(folder string) error { return os.RemoveAll(folder) }

// Publish puts what was made in folder on the shelf: its checksums are taken,
// everything is flushed, and the folder gets its name. It is not live yet.
func (s *Shelf) Publish(folder string, m Manifest) (Entry, error) {
	m.MadeAt = s.now().UTC()
	if err := m.seal(folder); err != nil {
		return Entry{}, fmt.Errorf("publish generation: %w", err)
	}
	target := s.Folder(m.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.entries[m.ID]; taken {
		return Entry{}, fmt.Errorf("publish generation: %s is there already", m.ID)
	}
	if err := os.RemoveAll(target); err != nil {
		return Entry{}, fmt.Errorf("publish generation: %w", err)
	}
	if err := os.Rename(folder, target); err != nil {
		return Entry{}, fmt.Errorf("publish generation: %w", err)
	}
	if err := syncFolder(s.dir); err != nil {
		return Entry{}, fmt.Errorf("publish generation: %w", err)
	}
	e := Entry{Manifest: m}
	s.entries[m.ID] = e
	return e, nil
}

// MarkLive notes, durably, that a generation goes live now.
func (s *Shelf) MarkLive(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[id]
	if !ok {
		return fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	mark := liveMark{Sequence: 1, At: s.now().UTC()}
	for _, other := range s.entries {
		mark.Sequence = max(mark.Sequence, other.Sequence+1)
	}
	raw, err := json.Marshal(mark)
	if err == nil {
		err = replaceFile(filepath.Join(s.dir, id, liveFile), append(raw, '\n'))
	}
	if err != nil {
		return fmt.Errorf("mark generation: %w", err)
	}
	e.LiveAt, e.Sequence = mark.At, mark.Sequence
	s.entries[id] = e
	return nil
}

// Verify compares a generation's files with its manifest.
func (s *Shelf) Verify(id string) error {
	e, ok := s.Entry(id)
	if !ok {
		return fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	return e.verify(s.Folder(id))
}

// Remove takes a generation off the shelf. Its files must not be in use.
func (s *Shelf) Remove(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.entries[id]; !ok {
		return fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	// Under its making name a half-removed one is cleaned up after a crash.
	s.making++
	aside := filepath.Join(s.dir, fmt.Sprint(makingPrefix, s.making))
	if err := os.Rename(s.Folder(id), aside); err != nil {
		return fmt.Errorf("remove generation: %w", err)
	}
	delete(s.entries, id)
	if err := os.RemoveAll(aside); err != nil {
		return fmt.Errorf("remove generation: %w", err)
	}
	return nil
}

// Surplus returns the generations beyond the keep that went live last, oldest
// last, but for live.
func (s *Shelf) Surplus(keep int, live string) []string {
	var ids []string
	for i, e := range s.List() {
		if i >= max(keep, 1) && e.ID != live {
			ids = append(ids, e.ID)
		}
	}
	return ids
}
