// Package report is the vocabulary of retrieval: a report with its paragraphs,
// sentences, clauses, terms and figures, and what a period, a quantity and a
// measure are. It knows no other package of the project but the words.
package report

import "strings"

// A Report is one document as it was read. It is immutable once read;
// everything that reads it shares it. All offsets are bytes.
type Report struct {
	ID          string // path in the corpus without extension, or as its metadata says
	Title       string
	Region      string // e.g. 内蒙古自治区; "" when neither given nor found
	Year        int    // the year the report was delivered in and sets targets for; 0 when unknown
	DeliveredOn string // YYYY-MM-DD, or ""
	Speaker     string
	SourceURL   string
	Language    string // BCP 47, default zh-CN

	Text       string   // the decoded source text
	Digest     string   // hex SHA-256 of all that the report was made of
	Name       string   // what the document was called: its path in the corpus without extension
	Given      Metadata // as the document came with it; the rest was inferred
	Paragraphs []Paragraph
	Sections   []Section // in document order
	Terms      []Term
	Figures    []Figure // in document order
	Warnings   []string // what was not understood, for a person to check
}

// Slug is the id with / as ~, before percent-encoding.
func (r *Report) Slug() string { return Slug(r.ID) }

// Slug is the slug of the report with this id.
func Slug(id string) string { return strings.ReplaceAll(id, "/", "~") }

// Area is the area that the report is about.
func (r *Report) Area() Area { return AreaOf(r.Region) }

// Path returns the titles from the top to section i (nil for -1).
func (r *Report) Path(i int) []string {
	if i < 0 {
		return nil
	}
	s := r.Sections[i]
	return append(r.Path(s.Parent), s.Title)
}

// Role says what part of a report a paragraph is.
type Role uint8

const (
	Body      Role = iota
	Heading        // a section heading on a line of its own
	Preamble       // title, date, occasion, speaker, salutation before the first section
	Glossary       // the glossary's heading and its entries
	Furniture      // page chrome left by scraping: 下载, 打印, 责任编辑 …
)

// String is the role's name in inspection output.
func (r Role) String() string {
	switch r {
	case Heading:
		return "heading"
	case Preamble:
		return "preamble"
	case Glossary:
		return "glossary"
	case Furniture:
		return "furniture"
	}
	return "body"
}

// A Paragraph is a non-empty line of the source, trimmed of Unicode white
// space.
type Paragraph struct {
	Number    int    // ordinal among the non-empty lines, from 1
	ID        string // derived from the text, with an ordinal where the same text recurs
	Text      string // == Report.Text[Offset:Offset+len(Text)]
	Offset    int
	Role      Role
	Section   int // index into Report.Sections of the innermost section, -1 for none
	Term      int // index into Report.Terms where this paragraph is (part of) an entry, else -1
	Sentences []Sentence
}

// A Sentence is a span of its paragraph's text. Sentences tile the paragraph
// but for white space between them.
type Sentence struct {
	Start, End int
	// Lead is the bold-like lead sentence or list item (一是…) of the
	// paragraph that governs this sentence, "" when it is that lead itself
	// or there is none.
	Lead   string
	Period Period // what the statement is about; its zero value where that is not known
	Kind   Kind
}

// Kind tells what was done from what is set out to be done.
type Kind uint8

const (
	Unknown Kind = iota
	Achieved
	Target
	Forecast // an estimate of what will be
)

// String is the word used in answers and files: "achieved", "target",
// "forecast" or "".
func (k Kind) String() string {
	return [...]string{"", "achieved", "target", "forecast"}[k]
}

// A Section is a node of the report's outline.
type Section struct {
	Title     string // as written, numbering included: "一、“十四五”开局起步之年的工作回顾"
	Parent    int    // index into Report.Sections, -1 at the top
	Level     int    // 1 at the top
	Paragraph int    // index into Report.Paragraphs of the line that opens it
	// Start and End delimit Title within that paragraph (a bold-like lead
	// is only the beginning of its line).
	Start, End int
}

// A Term is a glossary entry.
type Term struct {
	Name       string // as written, without the ordinal: “蒙速办·四办”服务
	Definition string
	Paragraphs []int // indices of the entry's lines (one, or term and definition apart)
	Aliases    []Alias
}

// An Alias is a form under which a term is found.
type Alias struct {
	Text   string
	Weight float64 // (0,1]; less than 1 for weak parts and parts that several terms share
}
