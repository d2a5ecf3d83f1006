package answers

import (
	"slices"
	"strconv"
	"strings"

	"wenbao/answers/text"
	"wenbao/retrieval"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// refusal says why there is no answer.
func refusal(lang text.Lang, reason Reason, res *retrieval.Result) string {
	switch reason {
	case OutOfPeriod:
		return lang.Say(text.RefusedOutOfPeriod, text.List(lang, yearsCovered(res.Generation)...))
	case OutOfPlace:
		for _, p := range res.Places {
			if !p.Home && !p.Within {
				return lang.Say(text.RefusedOutOfPlace, text.Name(p.Name), text.List(lang, regionsCovered(res.Generation)...))
			}
		}
		return lang.Say(text.RefusedNotMentioned)
	case NotMentioned:
		return lang.Say(text.RefusedNotMentioned)
	case NoFigure:
		return lang.Say(text.RefusedNoFigure)
	case OffTopic:
		return lang.Say(text.RefusedOffTopic)
	}
	return lang.Say(text.RefusedNoMatch)
}

// mostNamed bounds what a refusal lists.
const mostNamed = 6

func yearsCovered(g *retrieval.Generation) []string {
	years := map[int]bool{}
	for _, r := range g.Corpus.Reports {
		if r.Year > 0 {
			years[r.Year], years[r.Year-1] = true, true
		}
	}
	var out []string
	for y := range years {
		out = append(out, strconv.Itoa(y))
	}
	slices.Sort(out)
	return out[max(0, len(out)-mostNamed):]
}

func regionsCovered(g *retrieval.Generation) []string {
	var out []string
	for _, r := range g.Corpus.Reports {
		name := r.Region
		if name == "" {
			name = r.Title
		}
		if name != "" && !slices.Contains(out, name) && len(out) < mostNamed {
			out = append(out, name)
		}
	}
	return out
}

const mostSuggestions = 3

// suggestions lists questions near the one asked that the report answers:
// about figures and terms in the nearest passages.
func suggestions(found []finding) []string {
	var out []string
	add := func(s string) {
		if s != "" && len(out) < mostSuggestions && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, f := range found {
		for i := range f.hits {
			if i >= 3 {
				break
			}
			h := &f.hits[i]
			of := f.result.Report(h)
			for j := range of.Figures {
				if g := &of.Figures[j]; g.Paragraph == h.Paragraph && g.Sentence == h.Best {
					add(figureQuestion(f.result.Generation, g))
				}
			}
			if t := of.Paragraphs[h.Paragraph].Term; t >= 0 {
				add(text.Zh.Say(text.AskTerm, text.Name(of.Terms[t].Name)))
			}
		}
	}
	return out
}

// figureQuestion asks for a figure in the report's own words. Suggestions are
// in the language of the reports: they are asked of them.
func figureQuestion(g *retrieval.Generation, f *report.Figure) string {
	n := len([]rune(f.Indicator))
	if !g.Knows(f.Indicator) || n < 3 || n > 16 || !f.Sure || !f.Period.Known() || !f.Period.Is(f.Period.From) {
		return ""
	}
	key := text.AskFigure
	if f.Kind == report.Target {
		key = text.AskTarget
	}
	return text.Zh.Say(key, text.Name(f.Indicator), text.List(text.Zh, f.Period.String()))
}

// openers are questions to begin with: figures that the report leads with and
// terms of its glossary.
func (e *Engine) openers(g *retrieval.Generation, only string) []string {
	var out []string
	for _, r := range g.Corpus.Reports {
		if only != "" && r.ID != only {
			continue
		}
		for i := range r.Figures {
			if q := figureQuestion(g, &r.Figures[i]); q != "" && len(out) < mostSuggestions-1 && !slices.Contains(out, q) {
				out = append(out, q)
			}
		}
		if len(r.Terms) > 0 && len(out) < mostSuggestions {
			out = append(out, text.Zh.Say(text.AskTerm, text.Name(r.Terms[0].Name)))
		}
		if len(out) > 0 {
			return out
		}
	}
	return out
}

func talkMessage(lang text.Lang, talk question.Talk) string {
	switch talk {
	case question.Thanks:
		return lang.Say(text.Thanks)
	case question.Farewell:
		return lang.Say(text.Farewell)
	case question.Identity:
		return lang.Say(text.Identity)
	}
	return lang.Say(text.Greeting)
}

// preamble returns the lines that say who gave the report, and when: what a
// question about the report itself is answered with.
func preamble(res *retrieval.Result, q question.Question) []retrieval.Hit {
	var hits []retrieval.Hit
	for _, i := range newestFirst(res) {
		r := res.Generation.Corpus.Reports[i]
		for p := range r.Paragraphs {
			para := &r.Paragraphs[p]
			if para.Role != report.Preamble || len(para.Sentences) == 0 {
				continue
			}
			for s := range para.Sentences {
				if saysWho(r, para, q.Want) {
					h := retrieval.Hit{Report: i, Paragraph: p, Best: s, Score: 1, Coverage: 1, Places: true, Sentences: make([]retrieval.SentenceScore, len(para.Sentences))}
					hits = append(hits, h)
				}
				break
			}
		}
	}
	return hits
}

// newestFirst orders the reports in scope by year.
func newestFirst(res *retrieval.Result) []int {
	scope := slices.Clone(res.Scope)
	slices.SortStableFunc(scope, func(a, b int) int {
		return res.Generation.Corpus.Reports[b].Year - res.Generation.Corpus.Reports[a].Year
	})
	return scope
}

func saysWho(r *report.Report, p *report.Paragraph, want question.Want) bool {
	switch want {
	case question.Who, question.Which:
		name := r.Speaker
		return name != "" && strings.Contains(strings.ReplaceAll(strings.ReplaceAll(p.Text, " ", ""), "　", ""), name)
	case question.When:
		return strings.Contains(p.Text, "年") && strings.Contains(p.Text, "月") && strings.Contains(p.Text, "日")
	case question.Where:
		return strings.Contains(p.Text, "会议上")
	}
	return false
}
