package uploads

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"wenbao/bot/audit"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/bot/uploads/intake"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/document"
	"wenbao/retrieval/report"
)

var (
	// ErrNoData is returned where there is no folder to keep anything in.
	ErrNoData = errors.New("without a data folder nothing can be kept: set WENBAO_DATA, or start with --data DIR")
	// ErrUnknown is wrapped when there is no report of an id.
	ErrUnknown = errors.New("no such report")
	// ErrExists is wrapped when a report would be replaced that nobody asked to.
	ErrExists = errors.New("the report is there already")
	// ErrChanged is wrapped when a report is not as the caller last saw it.
	ErrChanged = errors.New("the report has changed")
	// ErrLast is returned when no report would be left.
	ErrLast = errors.New("this is the only report; upload another first")
	// ErrUnread is wrapped when the corpus cannot be read.
	ErrUnread = errors.New("the corpus cannot be read; mend it first")
	// ErrKept is returned when what is to be restored was not removed.
	ErrKept = errors.New("the report was not removed")
)

// Invalid is the error for documents that cannot be used.
type Invalid struct{ Problems []document.Problem }

func (e *Invalid) Error() string {
	first := e.Problems[0].String()
	if n := len(e.Problems) - 1; n > 0 {
		first += fmt.Sprintf(" (and %d more)", n)
	}
	return first
}

// Where a report comes from.
const (
	OriginProgram = "program" // those in the program
	OriginCorpus  = "corpus"  // the configured corpus
	OriginUpload  = "upload"
)

// Queue begins reindexings; *reindex.Service is one.
type Queue interface {
	Queue(by reindex.Caller, o reindex.Options) (job jobs.Job, behind string, err error)
}

var _ Queue = (*reindex.Service)(nil)

// Parts are what a Library works with.
type Parts struct {
	Store  *Store // nil: nothing can be changed
	Reader corpus.Reader
	// Base reads the corpus without uploads, and says where it comes from.
	Base func(before *corpus.Corpus) (c *corpus.Corpus, origin string, err error)
	// Live returns the reports that questions are answered from.
	Live  func() (*corpus.Corpus, error)
	Jobs  Queue
	Audit *audit.Log
	Now   func() time.Time
	Log   *slog.Logger
}

// Library is the reports as operators see and change them: those of the
// corpus, with uploads over them. It is safe for concurrent use.
type Library struct {
	Parts
	changing sync.Mutex // held from looking at what is there to changing it
}

// New returns a Library.
func New(p Parts) *Library { return &Library{Parts: p} }

// An Entry is one report.
type Entry struct {
	ID          string    `json:"id"`
	Slug        string    `json:"slug"`
	Title       string    `json:"title"`
	Region      string    `json:"region"`
	Year        int       `json:"year"`
	DeliveredOn string    `json:"delivered_on"`
	SourceURL   string    `json:"source_url,omitempty"`
	Origin      string    `json:"origin"` // program, corpus or upload
	Live        bool      `json:"live"`   // questions are answered from exactly this
	Paragraphs  int       `json:"paragraphs"`
	Terms       int       `json:"terms"`
	Figures     int       `json:"figures"`
	Bytes       int       `json:"bytes"`   // of the document as uploaded; else of its text as UTF-8
	SHA256      string    `json:"sha256"`  // of the same
	Version     string    `json:"version"` // of text and metadata
	UploadedBy  string    `json:"uploaded_by,omitempty"`
	UploadedAt  time.Time `json:"uploaded_at,omitzero"`
	Replaces    bool      `json:"replaces"` // it stands in for a report of the corpus
}

// Listing is everything that is there.
type Listing struct {
	Reports  []Entry  `json:"reports"`
	Removed  []string `json:"removed"` // ids of the corpus that are not read
	Problems []string `json:"problems"`
}

// view is what is there at one moment.
type view struct {
	base    *corpus.Corpus // without uploads
	merged  *corpus.Corpus
	origin  string // of base
	live    *corpus.Corpus
	records map[string]Record // by slug
	failure error             // why base is empty, or merged
}

func (l *Library) look() (*view, error) {
	live, err := l.Live()
	if err != nil {
		return nil, err
	}
	v := &view{base: &corpus.Corpus{}, live: live, records: l.Store.Records()}
	base, origin, err := l.Base(live)
	if err != nil {
		base, v.failure = v.base, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	v.base, v.origin = base, origin
	if v.merged, err = l.Store.Over(v.base, live); err != nil {
		v.merged, v.failure = &corpus.Corpus{}, cmp.Or(v.failure, err)
	}
	return v, nil
}

func (v *view) entry(r *report.Report) Entry {
	e := Entry{
		ID: r.ID, Slug: r.Slug(), Title: r.Title, Region: r.Region, Year: r.Year, DeliveredOn: r.DeliveredOn, SourceURL: r.SourceURL,
		Origin: v.origin, Paragraphs: len(r.Paragraphs), Terms: len(r.Terms), Figures: len(r.Figures), Version: r.Digest,
	}
	if now := v.live.Report(r.ID); now != nil {
		e.Live = now.Digest == r.Digest
	}
	if u, uploaded := v.records[r.Slug()]; uploaded && !u.Removed {
		e.Origin, e.UploadedBy, e.UploadedAt, e.Bytes, e.SHA256 = OriginUpload, u.By, u.At, u.Size, u.SHA256
		e.Replaces = v.base.BySlug(r.Slug()) != nil
		return e
	}
	e.Bytes, e.SHA256 = len(r.Text), sumOf([]byte(r.Text))
	return e
}

// List lists the reports by id.
func (l *Library) List() (Listing, error) {
	out := Listing{Reports: []Entry{}, Removed: []string{}, Problems: []string{}}
	v, err := l.look()
	if err != nil {
		return out, err
	}
	for _, r := range v.merged.Reports {
		out.Reports = append(out.Reports, v.entry(r))
	}
	for _, r := range v.records {
		if r.Removed {
			out.Removed = append(out.Removed, r.ID)
		}
	}
	slices.Sort(out.Removed)
	if v.failure != nil {
		out.Problems = append(out.Problems, v.failure.Error())
	}
	problems := v.merged.Problems
	if len(v.merged.Reports) == 0 {
		problems = l.Store.Problems()
	}
	for _, p := range problems {
		out.Problems = append(out.Problems, p.String())
	}
	return out, nil
}

// Detail is all about one report.
type Detail struct {
	Entry
	Preview Preview `json:"preview"`
}

// Report describes one report.
func (l *Library) Report(slug string) (Detail, error) {
	v, err := l.look()
	if err != nil {
		return Detail{}, err
	}
	r := v.merged.BySlug(slug)
	if r == nil {
		return Detail{}, v.unknown(slug)
	}
	e := v.entry(r)
	d := Detail{e, previewOf(r, nil)}
	d.Preview.Bytes, d.Preview.SHA256, d.Preview.File = e.Bytes, e.SHA256, v.records[e.Slug].File
	return d, nil
}

func (v *view) unknown(slug string) error {
	if u, ok := v.records[slug]; ok && u.Removed {
		return fmt.Errorf("%w: %s; it was removed, and can be restored", ErrUnknown, u.ID)
	}
	if errors.Is(v.failure, ErrUnread) {
		return v.failure
	}
	return fmt.Errorf("%w: %s", ErrUnknown, strings.ReplaceAll(slug, "~", "/"))
}

// A Source is the text of a report, to be kept or edited.
type Source struct {
	ID     string
	Text   []byte // as uploaded; UTF-8 where it was not
	SHA256 string // of it
}

// Source returns the text of a report.
func (l *Library) Source(slug string) (Source, error) {
	v, err := l.look()
	if err != nil {
		return Source{}, err
	}
	r := v.merged.BySlug(slug)
	if r == nil {
		return Source{}, v.unknown(slug)
	}
	if u, uploaded := v.records[r.Slug()]; uploaded && !u.Removed {
		text, now, err := l.Store.Text(r.Slug())
		return Source{now.ID, text, now.SHA256}, err
	}
	return Source{r.ID, []byte(r.Text), sumOf([]byte(r.Text))}, nil
}

// A Match is what the caller takes a report to be; the zero Match is anything.
type Match struct {
	Any  []string // its version or SHA-256; "*": any that is there
	None bool     // that it is not there
}

func (m Match) check(v *view, r *report.Report) error {
	if m.None && r != nil {
		return fmt.Errorf("%w: %s is there by now", ErrChanged, r.ID)
	}
	if len(m.Any) == 0 {
		return nil
	}
	if r == nil {
		return fmt.Errorf("%w: it is not there any more", ErrChanged)
	}
	e := v.entry(r)
	for _, tag := range m.Any {
		if tag == "*" || tag == e.Version || tag == e.SHA256 {
			return nil
		}
	}
	return fmt.Errorf("%w: its SHA-256 is %s by now; look at it again", ErrChanged, e.SHA256)
}

// folded finds a report whose id differs in case only.
func (v *view) folded(id string) *report.Report {
	want := intake.Fold(id)
	for _, r := range v.merged.Reports {
		if r.ID != id && intake.Fold(r.ID) == want {
			return r
		}
	}
	return nil
}
