package uploads

import (
	"fmt"

	"wenbao/retrieval/report"
)

// A Preview says what the parser makes of a document, as wenbao inspect does,
// and what it does to the report that it takes the place of.
type Preview struct {
	ID          string      `json:"id"`
	File        string      `json:"file,omitempty"`
	Title       string      `json:"title"`
	Region      string      `json:"region"`
	Year        int         `json:"year"`
	DeliveredOn string      `json:"delivered_on"`
	Speaker     string      `json:"speaker"`
	Language    string      `json:"language"`
	SourceURL   string      `json:"source_url,omitempty"`
	Bytes       int         `json:"bytes"`
	SHA256      string      `json:"sha256"`
	Version     string      `json:"version"`
	Paragraphs  int         `json:"paragraphs"`
	Sentences   int         `json:"sentences"`
	Terms       int         `json:"terms"`
	Figures     int         `json:"figures"`
	Sections    int         `json:"sections"`
	Outline     []Section   `json:"outline"`  // the first of them
	Warnings    []string    `json:"warnings"` // the first of them, and how many more there are
	Replaces    string      `json:"replaces,omitempty"`
	Difference  *Difference `json:"difference,omitempty"` // where it replaces one
}

// A Section is a heading, with the number of the paragraph that opens it.
type Section struct {
	Title     string `json:"title"`
	Level     int    `json:"level"`
	Paragraph int    `json:"paragraph"`
}

// A Difference says in short how two documents differ. A paragraph that stands
// where another stood is a changed one.
type Difference struct {
	Added    int      `json:"added"`
	Removed  int      `json:"removed"`
	Changed  int      `json:"changed"`
	Metadata []string `json:"metadata"` // such as "year: 2025 → 2026"
	Samples  []Sample `json:"samples"`  // the first of the changed ones
}

// A Sample is the beginning of a paragraph, before and after.
type Sample struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

// None reports whether nothing differs.
func (d *Difference) None() bool {
	return d.Added+d.Removed+d.Changed+len(d.Metadata) == 0
}

// What is shown of a document: enough to see whether it was understood.
const (
	shownSections = 200
	shownWarnings = 20
	shownSamples  = 3
	shownRunes    = 80
)

// previewOf describes r, beside old, which may be nil.
func previewOf(r, old *report.Report) Preview {
	p := Preview{
		ID: r.ID, Title: r.Title, Region: r.Region, Year: r.Year, DeliveredOn: r.DeliveredOn, Speaker: r.Speaker, Language: r.Language, SourceURL: r.SourceURL,
		Version: r.Digest, Paragraphs: len(r.Paragraphs), Terms: len(r.Terms), Figures: len(r.Figures),
		Sections: len(r.Sections), Outline: []Section{}, Warnings: append([]string{}, r.Warnings[:min(len(r.Warnings), shownWarnings)]...),
	}
	if n := len(r.Warnings) - shownWarnings; n > 0 {
		p.Warnings = append(p.Warnings, fmt.Sprintf("%d more warnings", n))
	}
	for i := range r.Paragraphs {
		p.Sentences += len(r.Paragraphs[i].Sentences)
	}
	for _, s := range r.Sections[:min(len(r.Sections), shownSections)] {
		p.Outline = append(p.Outline, Section{beginning(s.Title), s.Level, r.Paragraphs[s.Paragraph].Number})
	}
	if old != nil {
		p.Difference = difference(old, r)
	}
	return p
}

func beginning(text string) string {
	n := 0
	for i := range text {
		if n++; n > shownRunes {
			return text[:i] + "…"
		}
	}
	return text
}

func difference(old, now *report.Report) *Difference {
	d := &Difference{Metadata: []string{}, Samples: []Sample{}}
	for _, f := range []struct{ key, old, now string }{
		{"title", old.Title, now.Title}, {"region", old.Region, now.Region}, {"year", fmt.Sprint(old.Year), fmt.Sprint(now.Year)},
		{"delivered_on", old.DeliveredOn, now.DeliveredOn}, {"speaker", old.Speaker, now.Speaker}, {"source_url", old.SourceURL, now.SourceURL}, {"language", old.Language, now.Language},
	} {
		if f.old != f.now {
			d.Metadata = append(d.Metadata, fmt.Sprintf("%s: %s → %s", f.key, orNone(f.old), orNone(f.now)))
		}
	}
	gone, came := gaps(old, now), gaps(now, old)
	for _, place := range came.order {
		before, after := gone.texts[place], came.texts[place]
		changed := min(len(before), len(after))
		d.Changed += changed
		d.Added += len(after) - changed
		for i := 0; i < changed && len(d.Samples) < shownSamples; i++ {
			d.Samples = append(d.Samples, apart(before[i], after[i]))
		}
	}
	for _, place := range gone.order {
		d.Removed += max(0, len(gone.texts[place])-len(came.texts[place]))
	}
	return d
}

func orNone(s string) string {
	if s == "" || s == "0" {
		return "–"
	}
	return s
}

// between are paragraphs that another report lacks, by where they stand: after
// which paragraph that both have.
type between struct {
	order []string
	texts map[string][]string
}

func gaps(r, other *report.Report) between {
	common := map[string]int{}
	for i := range other.Paragraphs {
		common[other.Paragraphs[i].Text]++
	}
	out := between{texts: map[string][]string{}}
	place, seen := "", map[string]int{}
	for i := range r.Paragraphs {
		text := r.Paragraphs[i].Text
		if common[text] > 0 {
			common[text]--
			seen[text]++
			place = fmt.Sprint(seen[text], " ", text)
			continue
		}
		if out.texts[place] == nil {
			out.order = append(out.order, place)
		}
		out.texts[place] = append(out.texts[place], text)
	}
	return out
}

// apart shows two paragraphs from shortly before where they part.
func apart(before, after string) Sample {
	a, b := []rune(before), []rune(after)
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	const context = 20
	from := max(0, i-context)
	cut := func(r []rune) string {
		text := beginning(string(r[from:]))
		if from > 0 {
			text = "…" + text
		}
		return text
	}
	return Sample{cut(a), cut(b)}
}
