// Package uploads keeps reports that operators sent, and lays them over the
// corpus.
//
//	DIR/00000007/        one change; a later one goes before an earlier one
//	DIR/00000007/0.json  a report: its id, metadata, checksum, who sent it and
//	                     when; or that a report of the corpus is removed
//	DIR/00000007/0.txt   its document, as it was sent
//	DIR/.making-N/       a change being written
//	DIR/.incoming-N      what a request sends
//
// A change is there wholly or not at all: its folder gets its name last. What
// a crash leaves beginning with a dot is removed when the store is opened.
package uploads

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"wenbao/retrieval/corpus"
	"wenbao/retrieval/document"
)

const (
	makingPrefix   = ".making-"
	incomingPrefix = ".incoming-"
)

// Store keeps uploads in one folder, which one process at a time uses. It is
// safe for concurrent use.
type Store struct {
	root   *os.Root
	name   string // of the folder, in messages
	reader corpus.Reader

	mu       sync.RWMutex
	versions map[string][]version // by slug, the one in effect last
	problems []document.Problem   // records that cannot be read
	last     int                  // number of the last change
	making   int
}

// version is one state of a report, in a file of a change.
type version struct {
	stem string // path of its files without extension
	Record
}

// Open opens the store in dir, which is made where it is missing, and removes
// what a crash left half-made; cleaned names it. Records that cannot be read
// are problems, no errors. rd reads the documents.
func Open(dir string, rd corpus.Reader) (s *Store, cleaned []string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("open uploads: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("open uploads: %w", err)
	}
	s = &Store{root: root, name: dir, reader: rd, versions: map[string][]version{}}
	if cleaned, err = s.load(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open uploads: %w", err), root.Close())
	}
	return s, cleaned, nil
}

// Close gives the folder back.
func (s *Store) Close() error { return s.root.Close() }

func (s *Store) load() (cleaned []string, err error) {
	found, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		if strings.HasPrefix(d.Name(), ".") {
			cleaned = append(cleaned, d.Name())
			if err := s.root.RemoveAll(d.Name()); err != nil {
				return cleaned, err
			}
			continue
		}
		n, err := strconv.Atoi(d.Name())
		if err != nil || !d.IsDir() || d.Name() != folderOf(n) {
			s.problem(d.Name(), errors.New("it is not of the uploads; move it elsewhere"))
			continue
		}
		s.last = max(s.last, n)
		if err := s.loadChange(d.Name()); err != nil {
			s.problem(d.Name(), err)
		}
	}
	for slug := range s.versions {
		s.tidy(slug)
	}
	return cleaned, nil
}

func folderOf(change int) string { return fmt.Sprintf("%08d", change) }

// loadChange reads the records of one change. Folders are read in the order of
// their numbers.
func (s *Store) loadChange(folder string) error {
	files, err := fs.ReadDir(s.root.FS(), folder)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, f := range files {
		named[f.Name()] = true
		stem, isRecord := strings.CutSuffix(f.Name(), recordExt)
		if !isRecord {
			continue
		}
		raw, err := s.root.ReadFile(path.Join(folder, f.Name()))
		var r Record
		if err == nil {
			r, err = decodeRecord(raw)
		}
		if err != nil {
			s.problem(path.Join(folder, f.Name()), fmt.Errorf("%w; put it back from a copy, or delete it", err))
			continue
		}
		s.versions[r.Slug()] = append(s.versions[r.Slug()], version{path.Join(folder, stem), r})
	}
	for name := range named { // a removal that was cut short
		if stem, isText := strings.CutSuffix(name, textExt); isText && !named[stem+recordExt] {
			if err := s.root.Remove(path.Join(folder, name)); err != nil {
				return err
			}
		}
	}
	return s.dropEmpty(folder)
}

func (s *Store) problem(file string, err error) {
	s.problems = append(s.problems, document.Problem{File: path.Join("uploads", file), Message: err.Error()})
}

// Problems lists what could not be read when the store was opened.
func (s *Store) Problems() []document.Problem {
	if s == nil {
		return nil
	}
	return slices.Clone(s.problems)
}

// Records returns what is in effect, by slug. The nil Store has none.
func (s *Store) Records() map[string]Record {
	records := map[string]Record{}
	if s == nil {
		return records
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for slug, v := range s.versions {
		records[slug] = v[len(v)-1].Record
	}
	return records
}

// A Change is a new state of one report.
type Change struct {
	Record
	Text []byte // nil where the report is removed
}

// Apply makes the changes, all of them or, where there is an error, none. They
// are on disk when it returns. first is called before they are made, and an
// error of it keeps them from being; whoever reads meanwhile waits for them.
func (s *Store) Apply(changes []Change, first func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.making++
	making := fmt.Sprint(makingPrefix, s.making)
	folder := folderOf(s.last + 1)
	err := s.write(making, changes)
	if err == nil {
		err = first()
	}
	if err == nil {
		err = s.root.Rename(making, folder)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("nothing was kept: %w", err), s.root.RemoveAll(making))
	}
	if err := s.sync("."); err != nil {
		return errors.Join(fmt.Errorf("nothing was kept: %w", err), s.root.RemoveAll(folder))
	}
	s.last++
	for i, c := range changes {
		s.versions[c.Slug()] = append(s.versions[c.Slug()], version{path.Join(folder, strconv.Itoa(i)), c.Record})
		s.tidy(c.Slug())
	}
	return nil
}

func (s *Store) write(folder string, changes []Change) error {
	if err := s.root.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for i, c := range changes {
		stem := path.Join(folder, strconv.Itoa(i))
		record, err := c.encode()
		if err == nil && !c.Removed {
			err = s.writeFile(stem+textExt, c.Text)
		}
		if err == nil {
			err = s.writeFile(stem+recordExt, record)
		}
		if err != nil {
			return err
		}
	}
	return s.sync(folder)
}

func (s *Store) writeFile(name string, content []byte) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// sync flushes a folder, where the file system can.
func (s *Store) sync(folder string) error {
	f, err := s.root.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// Forget removes all that is kept of a report, its mark of removal included.
// first is as for Apply.
func (s *Store) Forget(slug string, first func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := first(); err != nil {
		return fmt.Errorf("nothing was removed: %w", err)
	}
	for len(s.versions[slug]) > 0 { // the one in effect goes last
		if err := s.drop(slug); err != nil {
			return fmt.Errorf("remove an upload: %w", err)
		}
	}
	delete(s.versions, slug)
	return nil
}

// tidy removes the versions that are not in effect. One that cannot be removed
// does no harm: it is tried again later.
func (s *Store) tidy(slug string) {
	for len(s.versions[slug]) > 1 {
		if s.drop(slug) != nil {
			return
		}
	}
}

// drop removes the oldest version of a report.
func (s *Store) drop(slug string) error {
	v := s.versions[slug][0]
	folder := path.Dir(v.stem)
	if err := s.root.Remove(v.stem + recordExt); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.sync(folder); err != nil {
		return err
	}
	s.versions[slug] = s.versions[slug][1:]
	if err := s.root.Remove(v.stem + textExt); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil // without its record it is removed when the store is opened
	}
	_ = s.dropEmpty(folder) // as before
	return nil
}

func (s *Store) dropEmpty(folder string) error {
	if left, err := fs.ReadDir(s.root.FS(), folder); err != nil || len(left) > 0 {
		return err
	}
	return s.root.Remove(folder)
}

// Text returns the document of an upload, as it was sent.
func (s *Store) Text(slug string) ([]byte, Record, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	versions := s.versions[slug]
	if len(versions) == 0 || versions[len(versions)-1].Removed {
		return nil, Record{}, fmt.Errorf("%w: %s", ErrUnknown, slug)
	}
	v := versions[len(versions)-1]
	text, err := s.text(v)
	return text, v.Record, err
}

func (s *Store) text(v version) ([]byte, error) {
	text, err := s.root.ReadFile(v.stem + textExt)
	if err == nil && sumOf(text) != v.SHA256 {
		err = errors.New("it is not as it was sent; upload it again")
	}
	return text, err
}

// Over returns base with the uploads laid over it. before is as for
// corpus.Reader.Over. An upload that cannot be read is a problem; the report that it
// took the place of does not come back. The nil Store returns base.
func (s *Store) Over(base, before *corpus.Corpus) (*corpus.Corpus, error) {
	if s == nil {
		return base, nil
	}
	documents, without, problems := s.documents()
	if len(documents)+len(without)+len(problems) == 0 {
		return base, nil
	}
	below := &corpus.Corpus{Reports: base.Reports, Problems: append(problems, base.Problems...)}
	return s.reader.Over(below, documents, without, before)
}

func (s *Store) documents() (documents []document.Document, without []string, problems []document.Problem) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	problems = slices.Clone(s.problems)
	for _, slug := range slices.Sorted(maps.Keys(s.versions)) {
		versions := s.versions[slug]
		v := versions[len(versions)-1]
		file := path.Join("uploads", v.stem+textExt)
		if v.Removed {
			without = append(without, slug)
			continue
		}
		text, err := s.text(v)
		if err != nil {
			without = append(without, slug)
			problems = append(problems, document.Problem{File: file, Message: fmt.Sprintf("report %s: %s", v.ID, err)})
			continue
		}
		documents = append(documents, document.Document{Name: v.Name, File: file, Text: text, Given: v.Given})
	}
	return documents, without, problems
}
