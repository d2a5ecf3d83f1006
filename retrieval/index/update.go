package index

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2"
)

const batchSize = 500

// Key names a report's documents by all that the index makes of them: equal
// keys, equal documents. id sets apart reports of the same text.
func Key(id string, docs []Document) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %q\n", SchemaVersion, id)
	for _, d := range docs {
		fmt.Fprintf(h, "%d %d %d\n%s%s", len(d.Text), len(d.Head), len(d.Aliases), d.Text, d.Head)
		for _, a := range d.Aliases {
			fmt.Fprintf(h, "%d %s", len(a), a)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func documentID(key string, at int) string { return key + "." + strconv.Itoa(at) }

// position returns the position of a document in the corpus.
func (ix *Index) position(id string) (int, bool) {
	key, number, _ := strings.Cut(id, ".")
	first, ok := ix.first[key]
	at, err := strconv.Atoi(number)
	return first + at, ok && err == nil
}

// Update makes the index at path, which nothing else has open, one of just
// these reports. Those that it holds already are not indexed again. It
// returns how many were.
func Update(ctx context.Context, path string, reports []Report, progress func(done int)) (added int, err error) {
	b, err := bleve.OpenUsing(path, nil)
	if err != nil {
		return 0, fmt.Errorf("open index: %w", err)
	}
	held, err := readTallies(b)
	if err != nil {
		return 0, errors.Join(err, b.Close())
	}
	for _, r := range reports {
		if _, ok := held[r.Key]; !ok {
			added++
		}
	}
	if err := update(ctx, b, held, reports, progress); err != nil {
		return 0, errors.Join(err, b.Close())
	}
	if err := b.Close(); err != nil {
		return 0, fmt.Errorf("write index: %w", err)
	}
	return added, nil
}

// Clone makes a copy of the closed or read-only index at from that can be
// updated without from being changed. Segments never change once written, so
// they are linked where the file system can.
func Clone(from, to string) error {
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rest)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		if filepath.Ext(name) == ".zap" && os.Link(name, target) == nil {
			return nil
		}
		return copyFile(name, target)
	})
	if err != nil {
		return fmt.Errorf("copy index: %w", err)
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// fields is what bleve sees of a Document.
type fields struct {
	Text, Head, Report string
	Aliases            []string
}

// tally counts a report's documents and tokens. Bleve's own average length
// counts distinct terms a segment and so depends on segment layout.
type tally struct {
	Documents int `json:"d"`
	Bigrams   int `json:"b"`
	Unigrams  int `json:"u"`
	Heads     int `json:"h"`
	Aliases   int `json:"a"`
}

func (t *tally) add(o tally) {
	t.Documents += o.Documents
	t.Bigrams += o.Bigrams
	t.Unigrams += o.Unigrams
	t.Heads += o.Heads
	t.Aliases += o.Aliases
}

func talliesKey() []byte { return []byte("wenbao_reports") }

// readTallies returns what the index holds, by report key.
func readTallies(b bleve.Index) (map[string]tally, error) {
	raw, err := b.GetInternal(talliesKey())
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	held := map[string]tally{}
	if err := json.Unmarshal(raw, &held); err != nil {
		return nil, errors.New("the index is incomplete: it does not say which reports it holds")
	}
	return held, nil
}

// update brings b, which holds the reports of held, to hold just those given.
func update(ctx context.Context, b bleve.Index, held map[string]tally, reports []Report, progress func(int)) error {
	w := &writer{index: b, batch: b.NewBatch(), progress: progress}
	wanted := map[string]tally{}
	for _, r := range reports {
		if _, twice := wanted[r.Key]; twice {
			return fmt.Errorf("two reports share the key %s", r.Key)
		}
		if t, ok := held[r.Key]; ok {
			wanted[r.Key] = t
			w.done += t.Documents
			continue
		}
		t, err := w.addReport(ctx, r)
		if err != nil {
			return err
		}
		wanted[r.Key] = t
	}
	for key, t := range held {
		if _, kept := wanted[key]; kept {
			continue
		}
		for at := range t.Documents {
			w.batch.Delete(documentID(key, at))
		}
	}
	raw, err := json.Marshal(wanted)
	if err != nil {
		return err
	}
	w.batch.SetInternal(talliesKey(), raw)
	return w.flush()
}

// writer fills an index batch by batch.
type writer struct {
	index    bleve.Index
	batch    *bleve.Batch
	done     int
	progress func(int)
}

func (w *writer) addReport(ctx context.Context, r Report) (tally, error) {
	t := tally{Documents: len(r.Documents)}
	for at, d := range r.Documents {
		if err := ctx.Err(); err != nil {
			return t, err
		}
		f := fields{Text: d.Text, Head: d.Head, Report: r.Key, Aliases: d.Aliases}
		if err := w.batch.Index(documentID(r.Key, at), f); err != nil {
			return t, fmt.Errorf("index paragraph %d: %w", at+1, err)
		}
		bigrams, unigrams := count(d.Text)
		heads, _ := count(d.Head)
		t.add(tally{Bigrams: int(bigrams), Unigrams: int(unigrams), Heads: int(heads), Aliases: len(d.Aliases)})
		w.done++
		if w.batch.Size() >= batchSize {
			if err := w.flush(); err != nil {
				return t, err
			}
		}
	}
	return t, nil
}

func (w *writer) flush() error {
	if err := w.index.Batch(w.batch); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	w.batch = w.index.NewBatch() // bleve may still be reading the old one
	if w.progress != nil {
		w.progress(w.done)
	}
	return nil
}
