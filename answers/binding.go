package answers

import (
	"strings"

	"wenbao/retrieval"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/indicators"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// A binding is what a figure must be of to answer a question.
type binding struct {
	indicator *indicators.Mention // nil where the question names none of the list
	measure   report.Measure
	named     bool // the question says which measure
	asked     map[analysis.Gram]bool
	years     []int
	tense     question.Tense
}

func newBinding(res *retrieval.Result) binding {
	b := binding{asked: askedGrams(&res.Question), years: res.Years, tense: res.Question.Tense}
	b.measure, b.named = measureAsked(&res.Question)
	if list := res.Generation.Corpus.Indicators; list != nil {
		if m, ok := list.In(string(res.Question.Folded.Runes)); ok {
			b.indicator = &m
			if m.Growth && !b.named {
				b.measure, b.named = report.Growth, true
			}
		}
	}
	return b
}

// binds reports whether a figure is of what is asked, in the way, at the time
// and of the kind that is asked. What the question leaves open binds anything.
func (b binding) binds(f *report.Figure) bool {
	return f.Sure && b.timely(f) && b.ofIndicator(f)
}

// timely refuses a figure of other years, and one of several years together for
// one of them; and what was done where a plan is asked for, and the reverse.
func (b binding) timely(f *report.Figure) bool {
	if len(b.years) == 1 && f.Period.Known() && (!f.Period.Holds(b.years[0]) || f.Period.Several()) {
		return false
	}
	switch b.tense {
	case question.Planned:
		return f.Kind != report.Achieved
	case question.Past:
		return f.Kind != report.Target || len(b.years) == 0
	}
	return true
}

// ofIndicator holds where the question names no indicator of the list, or the
// figure states it in the measure asked. What states no indicator of the list
// must be asked for by most of its name.
func (b binding) ofIndicator(f *report.Figure) bool {
	if b.indicator == nil {
		return true
	}
	if f.IndicatorID == "" {
		noun := analysis.FoldString(f.Indicator)
		if noun == b.indicator.Name {
			return b.measured(f)
		}
		full := analysis.FoldString(f.Verb + f.Indicator) // 新建学校
		return strings.Contains(full, b.indicator.Name) && max(overlap(b.asked, noun), overlap(b.asked, full)) >= mostOfName
	}
	return f.IndicatorID == b.indicator.ID && b.measured(f)
}

// mostOfName is the least share of a noun that a question must name to ask for
// it.
const mostOfName = 0.6

// measured reports whether a figure measures as the question asks: without a
// word of it, in the way the indicator is usually stated.
func (b binding) measured(f *report.Figure) bool {
	asked := b.measure
	if !b.named {
		if b.tense == question.Planned && f.Measure != report.Change {
			return true // a target is set in one measure only
		}
		asked = b.indicator.Measures[0]
	}
	switch asked {
	case report.Level, report.Count, report.PerCapita:
		return f.Measure == report.Level || f.Measure == report.Count || f.Measure == report.PerCapita
	case report.Growth:
		return f.Measure == report.Growth || f.Measure == report.Change && !b.named
	}
	return f.Measure == asked || !b.named
}
