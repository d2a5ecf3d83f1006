package bot

// A Library is what the conversation needs of the reports beside answers. All
// of it reads the live generation; ids and texts are the reports' own.
// Implementations are safe for concurrent use, and callers do not change what
// they return.
type Library interface {
	Shelf
	Glossary
	Source
}

// A Shelf lists the reports.
type Shelf interface {
	// Reports returns every report, newest year first, then by id.
	Reports() []ReportInfo
}

// A ReportInfo describes a report.
type ReportInfo struct {
	ID, Title, Region string
	Year              int
	URL               string // of its first page in the reader; "" for none
}

// A Glossary knows the terms that reports explain.
type Glossary interface {
	// Terms returns the entries of one report ("" for all), in the order of
	// the reports and of their glossaries.
	Terms(report string) []TermInfo
	// Term returns the entries that name finds, best first, under any form
	// that it is known by; nil when there is none.
	Term(report, name string) []TermEntry
}

// A TermInfo names a glossary entry.
type TermInfo struct {
	Report string
	Name   string   // as written
	Forms  []string // under which it occurs in text, longest first; never empty strings
}

// A TermEntry is a glossary entry with its text.
type TermEntry struct {
	TermInfo
	Place Place // the entry's whole text
}

// A Source gives the text of the reports as it is now.
type Source interface {
	// Paragraph returns a paragraph; false when the report has none with
	// this id (any more).
	Paragraph(report, id string) (Paragraph, bool)
	// Check compares a quote with the source.
	Check(report, id string, start, end int, quote string) Verdict
}

// A Paragraph is a paragraph with its neighbours.
type Paragraph struct {
	Place
	Previous, Next string // ids; "" at the ends of the report
}

// A Place is verbatim text of a report, cited.
type Place struct {
	Report, Title string
	Section       []string
	Number        int    // of the paragraph
	ID            string // of the paragraph
	Text          string // verbatim
	Label, URL    string
}

// A Verdict says what became of a quote.
type Verdict string

const (
	Unchanged Verdict = "unchanged" // the report still holds exactly these bytes in one paragraph
	Changed   Verdict = "changed"   // a paragraph of the report reads much like it
	Gone      Verdict = "gone"      // neither, or the report is no longer there
)
