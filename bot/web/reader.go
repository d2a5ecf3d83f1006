package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/retrieval/report"
)

// deepest is the lowest level of the outline that the contents list.
const deepest = 2

// readerView is a whole report.
type readerView struct {
	frame
	Name       string // of the report
	Language   string
	About      []string
	Source     string
	Outline    []entry
	Paragraphs []paragraphView
	Notice     string
	Jump       string
}

// An entry is a line of the contents.
type entry struct {
	Title, URL string
	Level      int
}

// paragraphView is one paragraph. Level is 0 where it is no heading, else that
// of the heading in HTML.
type paragraphView struct {
	ID, URL  string
	Number   int
	Level    int
	Role     string
	Parts    []part
	Cited    bool // the link is to it
	CitedAll bool // without a place in it
}

// reader shows a report, and opens it at the paragraph of a citation.
func (s *Server) reader(w http.ResponseWriter, r *http.Request) {
	g, release, err := s.Reports.Acquire()
	if err != nil {
		s.failed(r, err)
		s.lost(w, r, http.StatusServiceUnavailable, text.Failed, lostView{})
		return
	}
	defer release()
	of := g.Corpus.BySlug(r.PathValue("slug"))
	if of == nil {
		s.lost(w, r, http.StatusNotFound, text.PageNoReport, lostView{Links: s.shelf()})
		return
	}
	lang := s.language(r)
	name := titleOf(of)
	v := readerView{frame: s.frame(r, lang, name), Name: name, Language: of.Language, About: about(of), Source: webAddress(of.SourceURL)}
	cited := -1
	if id := r.PathValue("id"); id != "" {
		if cited = paragraphIndex(of, id); cited < 0 {
			page := link{name, s.base + address(of, "")}
			s.lost(w, r, http.StatusNotFound, text.PageNoParagraph, lostView{Links: []link{page}}, text.Name(name))
			return
		}
	}
	v.Outline = outline(of, lang)
	v.Paragraphs = s.paragraphs(of)
	if cited >= 0 {
		v.cite(lang, of, cited, r.URL.Query())
	}
	s.show(w, r, http.StatusOK, s.views.reader, v)
}

// cite marks what a citation's link names.
func (v *readerView) cite(lang text.Lang, of *report.Report, cited int, q url.Values) {
	p := &of.Paragraphs[cited]
	shown := &v.Paragraphs[cited]
	shown.Cited = true
	v.Jump = "#p-" + p.ID
	key := text.PageCited
	mark, ok := markOf(p.Text, q.Get("s"))
	switch {
	case ok:
		strong := slices.DeleteFunc(leads(of, cited), func(m answers.Mark) bool { return m.Start < mark.End && mark.Start < m.End })
		shown.Parts = parts(p.Text, []answers.Mark{mark}, strong) // so that the mark is in one piece
	case q.Has("s"):
		key = text.PageBadRange
		shown.CitedAll = true
	default:
		shown.CitedAll = true
	}
	v.Notice = lang.Say(key, text.Count(p.Number))
}

// markOf reads start-end, bytes of the paragraph's text.
func markOf(paragraph, s string) (answers.Mark, bool) {
	from, to, ok := strings.Cut(s, "-")
	start, err1 := strconv.ParseUint(from, 10, 31)
	end, err2 := strconv.ParseUint(to, 10, 31)
	m := answers.Mark{Start: int(start), End: int(end)}
	if !ok || err1 != nil || err2 != nil || !fits(paragraph, m) {
		return m, false
	}
	whole := utf8.RuneStart(paragraph[m.Start]) && (m.End == len(paragraph) || utf8.RuneStart(paragraph[m.End]))
	return m, whole
}

func (s *Server) paragraphs(of *report.Report) []paragraphView {
	out := make([]paragraphView, 0, len(of.Paragraphs))
	for i := range of.Paragraphs {
		p := &of.Paragraphs[i]
		v := paragraphView{ID: p.ID, URL: s.base + address(of, p.ID), Number: p.Number, Role: p.Role.String(), Parts: parts(p.Text, nil, leads(of, i))}
		if p.Role == report.Heading && p.Section >= 0 {
			v.Level = min(of.Sections[p.Section].Level+1, 6)
		}
		out = append(out, v)
	}
	return out
}

// leads are the spans of a paragraph that stand out in it: the lead sentences
// that open a section, and the name of the term that it explains.
func leads(of *report.Report, at int) []answers.Mark {
	p := &of.Paragraphs[at]
	if p.Role == report.Heading {
		return nil
	}
	var out []answers.Mark
	for i := range of.Sections {
		if s := &of.Sections[i]; s.Paragraph == at {
			out = append(out, answers.Mark{Start: s.Start, End: s.End})
		}
	}
	if p.Term >= 0 {
		name := of.Terms[p.Term].Name
		if i := strings.Index(p.Text, name); i >= 0 && name != "" {
			out = append(out, answers.Mark{Start: i, End: i + len(name)})
		}
	}
	return out
}

// outline lists the sections, and the glossary where none of them is it.
func outline(of *report.Report, lang text.Lang) []entry {
	var out []entry
	for i := range of.Sections {
		s := &of.Sections[i]
		if s.Level <= deepest {
			out = append(out, entry{s.Title, "#p-" + of.Paragraphs[s.Paragraph].ID, s.Level})
		}
	}
	for i := range of.Paragraphs {
		p := &of.Paragraphs[i]
		if p.Role != report.Glossary {
			continue
		}
		if at := "#p-" + p.ID; len(out) > 0 && !slices.ContainsFunc(out, func(e entry) bool { return e.URL == at }) {
			out = append(out, entry{lang.Say(text.PageGlossary), at, 1})
		}
		break
	}
	return out
}

func paragraphIndex(of *report.Report, id string) int {
	for i := range of.Paragraphs {
		if of.Paragraphs[i].ID == id {
			return i
		}
	}
	return -1
}

func titleOf(of *report.Report) string {
	if of.Title != "" {
		return of.Title
	}
	return of.ID
}

func about(of *report.Report) []string {
	var out []string
	for _, s := range []string{of.Region, of.DeliveredOn, of.Speaker} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// webAddress is s where it is one that a page may link to.
func webAddress(s string) string {
	if u, err := url.Parse(s); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		return s
	}
	return ""
}

// address is where a report is read, or one of its paragraphs.
func address(of *report.Report, paragraph string) string {
	at := "/r/" + url.PathEscape(of.Slug())
	if paragraph != "" {
		at += "/p/" + url.PathEscape(paragraph)
	}
	return at
}

// shelf links to some reports.
func (s *Server) shelf() []link {
	var out []link
	for _, r := range s.Library.Reports() {
		if len(out) == listed {
			break
		}
		out = append(out, link{r.Title, s.local(r.URL)})
	}
	return out
}
