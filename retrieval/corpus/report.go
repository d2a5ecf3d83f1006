// Package corpus turns documents into reports: sections, paragraphs,
// sentences, glossary terms and figures, each with its exact place in the
// source text.
package corpus

// A Report is one parsed document. It is immutable after Load; everything
// that reads it shares it. All offsets are bytes.
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
	Digest     string   // hex SHA-256 of Text, Name and Given
	Name       string   // what the document was called: its path in the corpus without extension
	Given      Metadata // as the document came with it; the rest was inferred
	Paragraphs []Paragraph
	Sections   []Section // in document order
	Terms      []Term
	Figures    []Figure // in document order
	Warnings   []string // what the parser could not make sense of, for a person to check
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
	Period string // year the statement is about ("2021", "2021-2025"), "" when unknown
	Kind   Kind
}

// Kind tells a report's review of what was done from what it sets out to do.
type Kind uint8

const (
	Unknown Kind = iota
	Achieved
	Target
)

// String is the word used in answers and files: "achieved", "target" or "".
func (k Kind) String() string {
	switch k {
	case Achieved:
		return "achieved"
	case Target:
		return "target"
	}
	return ""
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

// A Figure is a quantity the report states.
type Figure struct {
	Paragraph, Sentence int    // indices
	Start, End          int    // of the value with its unit, within the paragraph's text
	Value               string // verbatim: 突破2万亿元 has Value 2万亿元 and Qualifier 突破
	Number              float64
	Unit                string // 元, ％→"%", 个百分点, 万户→"户" (the multiplier is in Number), "" when bare
	Qualifier           string // 突破, 超过, 以上, 左右, 不低于 …
	Indicator           string // what is measured: 地区生产总值; "" when not found
	Verb                string // 增长, 下降, 达到, 新增, 完成 …
	Period              string
	Kind                Kind
}

// Path returns the titles from the top to section i (nil for -1).
func (r *Report) Path(i int) []string {
	if i < 0 {
		return nil
	}
	s := r.Sections[i]
	return append(r.Path(s.Parent), s.Title)
}
