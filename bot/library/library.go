// Package library shows the conversation the live generation's reports,
// glossaries and paragraphs.
package library

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"wenbao/bot"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/report"
)

// Engine gives the live generation until release is called;
// *retrieval.Engine is one.
type Engine interface {
	Acquire() (g *retrieval.Generation, release func(), err error)
}

// Library is a bot.Library over an Engine. Where there is no generation it is
// empty.
type Library struct {
	engine Engine
	base   string
	cached atomic.Pointer[shelf]
}

var _ bot.Library = (*Library)(nil)

// New returns a Library whose links begin with publicURL ("": relative).
func New(engine Engine, publicURL string) *Library {
	return &Library{engine: engine, base: strings.TrimRight(publicURL, "/")}
}

// shelf is what is looked up in one corpus. It is immutable.
type shelf struct {
	corpus     *corpus.Corpus
	reports    []bot.ReportInfo
	terms      map[string][]bot.TermInfo // by report, "" for all
	aliases    map[string][]entry        // by retrieval.AliasKey
	paragraphs map[[2]string]int         // report and paragraph id → index
}

type entry struct {
	report *report.Report
	term   int
	weight float64
}

// live returns the shelf of the live generation.
func (l *Library) live() *shelf {
	g, release, err := l.engine.Acquire()
	if err != nil {
		return &shelf{corpus: &corpus.Corpus{}}
	}
	defer release()
	if s := l.cached.Load(); s != nil && s.corpus == g.Corpus {
		return s
	}
	s := l.index(g.Corpus)
	l.cached.Store(s)
	return s
}

func (l *Library) index(c *corpus.Corpus) *shelf {
	s := &shelf{corpus: c, terms: map[string][]bot.TermInfo{}, aliases: map[string][]entry{}, paragraphs: map[[2]string]int{}}
	for _, r := range c.Reports {
		info := bot.ReportInfo{ID: r.ID, Title: r.Title, Region: r.Region, Year: r.Year}
		if len(r.Paragraphs) > 0 {
			info.URL = l.base + "/r/" + url.PathEscape(r.Slug())
		}
		s.reports = append(s.reports, info)
		for i := range r.Paragraphs {
			s.paragraphs[[2]string{r.ID, r.Paragraphs[i].ID}] = i
		}
		for i, t := range r.Terms {
			s.terms[r.ID] = append(s.terms[r.ID], termInfo(r, t))
			for _, a := range t.Aliases {
				key := retrieval.AliasKey(a.Text)
				s.aliases[key] = append(s.aliases[key], entry{r, i, a.Weight})
			}
		}
	}
	slices.SortStableFunc(s.reports, func(a, b bot.ReportInfo) int {
		return cmp.Or(cmp.Compare(b.Year, a.Year), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range s.reports {
		s.terms[""] = append(s.terms[""], s.terms[r.ID]...)
	}
	return s
}

// termInfo lists the strong forms of a term: those that mean it wherever they
// stand.
func termInfo(r *report.Report, t report.Term) bot.TermInfo {
	info := bot.TermInfo{Report: r.ID, Name: t.Name, Forms: []string{t.Name}}
	for _, a := range t.Aliases {
		if a.Weight >= 1 && utf8.RuneCountInString(a.Text) > 1 && !slices.Contains(info.Forms, a.Text) {
			info.Forms = append(info.Forms, a.Text)
		}
	}
	slices.SortStableFunc(info.Forms, func(a, b string) int { return len(b) - len(a) })
	return info
}

// Reports returns every report, newest year first, then by id.
func (l *Library) Reports() []bot.ReportInfo { return l.live().reports }

// Terms returns the entries of a report's glossary, of all for "".
func (l *Library) Terms(report string) []bot.TermInfo { return l.live().terms[report] }

// Term returns the entries that name finds: the one of that very name first,
// then by how surely the name means it.
func (l *Library) Term(report, name string) []bot.TermEntry {
	s := l.live()
	var found []entry
	for _, e := range s.aliases[retrieval.AliasKey(name)] {
		if report == "" || e.report.ID == report {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b entry) int {
		return cmp.Or(cmp.Compare(exact(b, name), exact(a, name)), cmp.Compare(b.weight, a.weight),
			cmp.Compare(b.report.Year, a.report.Year), cmp.Compare(a.report.ID, b.report.ID))
	})
	var out []bot.TermEntry
	seen := map[termKey]bool{} // several of its forms may fold to one
	for _, e := range found {
		t := e.report.Terms[e.term]
		key := termKey{e.report, e.term}
		if len(t.Paragraphs) == 0 || seen[key] {
			continue
		}
		seen[key] = true
		// An entry on two lines is quoted by the line of its definition.
		p := &e.report.Paragraphs[t.Paragraphs[len(t.Paragraphs)-1]]
		out = append(out, bot.TermEntry{TermInfo: termInfo(e.report, t), Place: l.place(e.report, p)})
	}
	return out
}

type termKey struct {
	report *report.Report
	term   int
}

func exact(e entry, name string) int {
	if e.report.Terms[e.term].Name == name {
		return 1
	}
	return 0
}

// Paragraph returns a paragraph with its neighbours.
func (l *Library) Paragraph(report, id string) (bot.Paragraph, bool) {
	s := l.live()
	i, found := s.paragraphs[[2]string{report, id}]
	if !found {
		return bot.Paragraph{}, false
	}
	r := s.corpus.Report(report)
	p := bot.Paragraph{Place: l.place(r, &r.Paragraphs[i])}
	if i > 0 {
		p.Previous = r.Paragraphs[i-1].ID
	}
	if i+1 < len(r.Paragraphs) {
		p.Next = r.Paragraphs[i+1].ID
	}
	return p, true
}

func (l *Library) place(r *report.Report, p *report.Paragraph) bot.Place {
	title := r.Title
	if title == "" {
		title = r.ID
	}
	section := r.Path(p.Section)
	return bot.Place{Report: r.ID, Title: title, Section: section, Number: p.Number, ID: p.ID, Text: p.Text,
		Label: fmt.Sprintf("《%s》%s 第%d段", title, strings.Join(section, "·"), p.Number),
		URL:   l.base + "/r/" + url.PathEscape(r.Slug()) + "/p/" + url.PathEscape(p.ID)}
}

// alike is the share of a quote's pairs of characters that a paragraph must
// have to count as the quote's, changed.
const alike = 0.6

// Check compares a quote with the source as it is now.
func (l *Library) Check(report, id string, start, end int, quote string) bot.Verdict {
	s := l.live()
	r := s.corpus.Report(report)
	if r == nil || quote == "" {
		return bot.Gone
	}
	if i, found := s.paragraphs[[2]string{report, id}]; found {
		t := r.Paragraphs[i].Text
		if 0 <= start && start <= end && end <= len(t) && t[start:end] == quote {
			return bot.Unchanged
		}
	}
	pairs := pairsOf(quote)
	verdict := bot.Gone
	for i := range r.Paragraphs {
		t := r.Paragraphs[i].Text
		if strings.Contains(t, quote) {
			return bot.Unchanged
		}
		if verdict == bot.Gone && shared(pairs, t) >= alike {
			verdict = bot.Changed
		}
	}
	return verdict
}

func pairsOf(s string) map[[2]rune]bool {
	out := map[[2]rune]bool{}
	var last rune
	for i, r := range s {
		if i > 0 {
			out[[2]rune{last, r}] = true
		}
		last = r
	}
	return out
}

// shared is the share of pairs that occur in s.
func shared(pairs map[[2]rune]bool, s string) float64 {
	if len(pairs) == 0 {
		return 0
	}
	n := 0
	for p := range pairsOf(s) {
		if pairs[p] {
			n++
		}
	}
	return float64(n) / float64(len(pairs))
}
