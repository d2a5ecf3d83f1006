package corpus

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"wenbao/retrieval/report"
)

// WriteInspect writes, for a person, what the parser made of each report:
// the outline with paragraph numbers, the glossary, the figures and the
// warnings.
func WriteInspect(w io.Writer, c *Corpus) error {
	out := &errWriter{w: w}
	for _, p := range c.Problems {
		out.printf("problem: %s\n", p)
	}
	for i, r := range c.Reports {
		if i > 0 || len(c.Problems) > 0 {
			out.printf("\n")
		}
		inspectReport(out, r)
	}
	return out.err
}

func inspectReport(out *errWriter, r *report.Report) {
	out.printf("%s  %s\n", r.ID, r.Title)
	facts := []string{"region " + orNone(r.Region), "year " + orNone(yearString(r.Year)), "delivered " + orNone(r.DeliveredOn), "speaker " + orNone(r.Speaker), "language " + orNone(r.Language)}
	out.printf("%s\n", strings.Join(facts, ", "))
	sentences := 0
	for i := range r.Paragraphs {
		sentences += len(r.Paragraphs[i].Sentences)
	}
	out.printf("%d paragraphs, %d sentences, %d sections, %d terms, %d figures, %d warnings\n",
		len(r.Paragraphs), sentences, len(r.Sections), len(r.Terms), len(r.Figures), len(r.Warnings))
	for _, warning := range r.Warnings {
		out.printf("warning: %s\n", warning)
	}
	inspectOutline(out, r)
	if len(r.Terms) > 0 {
		out.printf("\nterms\n")
	}
	for i := range r.Terms {
		t := &r.Terms[i]
		out.printf("%5d  %s：%s\n", r.Paragraphs[t.Paragraphs[0]].Number, t.Name, firstRunes(t.Definition, 40))
		for _, a := range t.Aliases {
			out.printf("         %.2f %s\n", a.Weight, a.Text)
		}
	}
	if len(r.Figures) > 0 {
		out.printf("\nfigures\n")
	}
	for i := range r.Figures {
		out.printf("%5d  %s\n", r.Paragraphs[r.Figures[i].Paragraph].Number, FigureLine(&r.Figures[i]))
	}
}

// WriteFigures writes, for a person to check, every sentence of each report that
// has figures, as the report has it, and below it what was read in it.
func WriteFigures(w io.Writer, c *Corpus) error {
	out := &errWriter{w: w}
	for k, r := range c.Reports {
		if k > 0 {
			out.printf("\n")
		}
		out.printf("%s  %s, %d figures\n", r.ID, r.Title, len(r.Figures))
		for i := range r.Figures {
			f := &r.Figures[i]
			p := &r.Paragraphs[f.Paragraph]
			if i == 0 || r.Figures[i-1].Paragraph != f.Paragraph || r.Figures[i-1].Sentence != f.Sentence {
				s := p.Sentences[f.Sentence]
				out.printf("\n%5d  %s\n", p.Number, p.Text[s.Start:s.End])
			}
			out.printf("         %s\n", FigureLine(f))
		}
	}
	return out.err
}

// FigureLine is a figure on one line: what it is of, the words and the value as
// the report has them, how they are understood.
func FigureLine(f *report.Figure) string {
	number := formatNumber(f.Number)
	if f.Low != nil && f.High != nil {
		number = formatNumber(*f.Low) + "…" + formatNumber(*f.High)
	}
	line := fmt.Sprintf("%s | %s | %s | %s %s | %s | %s %s", orNone(f.Indicator), orNone(f.Verb), strings.TrimSpace(f.Qualifier+" "+f.Value),
		number, f.Unit, f.Measure, orNone(strings.TrimSpace(f.Period.String()+" "+f.Period.Sense.String())), orNone(f.Kind.String()))
	for _, note := range []string{f.IndicatorID, f.Basis, f.Compared} {
		if note != "" {
			line += " | " + note
		}
	}
	if !f.Sure {
		line += " | not sure"
	}
	if f.Corrected {
		line += " | corrected"
	}
	return line
}

func inspectOutline(out *errWriter, r *report.Report) {
	out.printf("\noutline\n")
	opens := map[int][]int{}
	for i := range r.Sections {
		p := r.Sections[i].Paragraph
		opens[p] = append(opens[p], i)
	}
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		if p.Role == report.Preamble || p.Role == report.Furniture {
			out.printf("%5d  [%s] %s\n", p.Number, p.Role, firstRunes(p.Text, 40))
		}
		for _, s := range opens[i] {
			sec := &r.Sections[s]
			out.printf("%5d  %s%s%s\n", p.Number, strings.Repeat("  ", sec.Level-1), sec.Title, tenseNote(p))
		}
	}
}

// tenseNote says in which tense a section's first sentence stands.
func tenseNote(p *report.Paragraph) string {
	if len(p.Sentences) == 0 || !p.Sentences[0].Period.Known() {
		return ""
	}
	return strings.TrimRight(fmt.Sprintf("  (%s %s", p.Sentences[0].Period, p.Sentences[0].Kind), " ") + ")"
}

// Inspection is a report as wenbao inspect --json shows it.
type Inspection struct {
	ID          string             `json:"id"`
	Title       string             `json:"title"`
	Region      string             `json:"region"`
	Year        int                `json:"year"`
	DeliveredOn string             `json:"delivered_on"`
	Speaker     string             `json:"speaker"`
	Sections    []InspectSection   `json:"sections"`
	Paragraphs  []InspectParagraph `json:"paragraphs"`
	Terms       []InspectTerm      `json:"terms"`
	Figures     []InspectFigure    `json:"figures"`
	Warnings    []string           `json:"warnings"`
}

// InspectSection is a section with the number of the paragraph that opens it.
type InspectSection struct {
	Title     string   `json:"title"`
	Level     int      `json:"level"`
	Path      []string `json:"path"`
	Paragraph int      `json:"paragraph"`
	Start     int      `json:"start"`
	End       int      `json:"end"`
}

// InspectParagraph is a paragraph and its place in the source text.
type InspectParagraph struct {
	Number    int               `json:"number"`
	ID        string            `json:"id"`
	Role      string            `json:"role"`
	Section   []string          `json:"section"`
	Offset    int               `json:"offset"`
	Text      string            `json:"text"`
	Sentences []InspectSentence `json:"sentences"`
}

// InspectSentence is a sentence's span, with what it is about.
type InspectSentence struct {
	Start  int    `json:"start"`
	End    int    `json:"end"`
	Lead   string `json:"lead,omitempty"`
	Period string `json:"period,omitempty"`
	Kind   string `json:"kind,omitempty"`
}

// InspectTerm is a glossary entry with the numbers of its paragraphs.
type InspectTerm struct {
	Name       string         `json:"name"`
	Definition string         `json:"definition"`
	Paragraphs []int          `json:"paragraphs"`
	Aliases    []InspectAlias `json:"aliases"`
}

// InspectAlias is a form under which a term is found.
type InspectAlias struct {
	Text   string  `json:"text"`
	Weight float64 `json:"weight"`
}

// InspectFigure is a figure; start and end are within its paragraph's text.
type InspectFigure struct {
	report.FigureWire
	Paragraph int `json:"paragraph"`
	Sentence  int `json:"sentence"`
	Start     int `json:"start"`
	End       int `json:"end"`
}

// Inspect returns what the parser made of a report, as shown in JSON.
func Inspect(r *report.Report) Inspection {
	in := Inspection{
		ID: r.ID, Title: r.Title, Region: r.Region, Year: r.Year, DeliveredOn: r.DeliveredOn, Speaker: r.Speaker,
		Sections: []InspectSection{}, Paragraphs: []InspectParagraph{}, Terms: []InspectTerm{}, Figures: []InspectFigure{},
		Warnings: append([]string{}, r.Warnings...),
	}
	for i, s := range r.Sections {
		in.Sections = append(in.Sections, InspectSection{s.Title, s.Level, r.Path(i), r.Paragraphs[s.Paragraph].Number, s.Start, s.End})
	}
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		row := InspectParagraph{
			Number: p.Number, ID: p.ID, Role: p.Role.String(), Section: append([]string{}, r.Path(p.Section)...),
			Offset: p.Offset, Text: p.Text, Sentences: []InspectSentence{},
		}
		for _, s := range p.Sentences {
			row.Sentences = append(row.Sentences, InspectSentence{s.Start, s.End, s.Lead, s.Period.String(), s.Kind.String()})
		}
		in.Paragraphs = append(in.Paragraphs, row)
	}
	for _, t := range r.Terms {
		row := InspectTerm{Name: t.Name, Definition: t.Definition, Paragraphs: []int{}, Aliases: []InspectAlias{}}
		for _, i := range t.Paragraphs {
			row.Paragraphs = append(row.Paragraphs, r.Paragraphs[i].Number)
		}
		for _, a := range t.Aliases {
			row.Aliases = append(row.Aliases, InspectAlias(a))
		}
		in.Terms = append(in.Terms, row)
	}
	for _, f := range r.Figures {
		in.Figures = append(in.Figures, InspectFigure{f.Wire(), r.Paragraphs[f.Paragraph].Number, f.Sentence, f.Start, f.End})
	}
	return in
}

// WriteInspectJSON writes {"reports":[…],"skipped":[{"path","reason"}…]}.
func WriteInspectJSON(w io.Writer, c *Corpus) error {
	type skipped struct {
		Path   string `json:"path"`
		Line   int    `json:"line,omitempty"`
		Reason string `json:"reason"`
	}
	out := struct {
		Reports []Inspection `json:"reports"`
		Skipped []skipped    `json:"skipped"`
	}{[]Inspection{}, []skipped{}}
	for _, r := range c.Reports {
		out.Reports = append(out.Reports, Inspect(r))
	}
	for _, p := range c.Problems {
		out.Skipped = append(out.Skipped, skipped{p.File, p.Line, p.Message})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// errWriter keeps the first error, so that callers check once.
type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) printf(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.w, format, args...)
	}
}

func orNone(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func yearString(y int) string {
	if y == 0 {
		return ""
	}
	return strconv.Itoa(y)
}

func formatNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}
