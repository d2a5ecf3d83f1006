package answers

import (
	"slices"
	"strconv"
	"strings"

	"wenbao/retrieval"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// Limits are the thresholds of a refusal, calibrated on questions with gold.
type Limits struct {
	Coverage float64 `json:"coverage"` // least share of the question that the evidence accounts for
	Figure   float64 `json:"figure"`   // the same where a figure is asked for
	Loose    float64 `json:"loose"`    // the same for whether, how, and questions without a question word
	Who      float64 `json:"who"`      // the same for persons and bodies: naming the place is not enough
	Meaning  float64 `json:"meaning"`  // the same for the meaning of a term that no glossary has
	Sentence float64 `json:"sentence"` // least share that the quoted sentence itself accounts for
	OffTopic float64 `json:"off_topic"`
	// A figure is refused where the evidence is slight, below Slight in mass,
	// and leaves much of the question open, below Open in coverage.
	Slight   float64 `json:"slight"`
	Open     float64 `json:"open"`
	Faint    float64 `json:"faint"`     // least mass of the evidence where somebody asks whether, or for help
	Near     float64 `json:"near"`      // a hit this close to the first may take its place when it holds the figure
	NearTerm float64 `json:"near_term"` // the same where it spells out a coined term
	Extend   float64 `json:"extend"`    // a neighbouring sentence joins the quote from this share of the best
}

// DefaultLimits returns the calibrated thresholds.
func DefaultLimits() Limits {
	return Limits{Coverage: 0.14, Figure: 0.2, Loose: 0.16, Who: 0.14, Meaning: 0.7, Sentence: 0.03, OffTopic: 0.03, Slight: 4.2, Open: 0.48, Faint: 2.6, Near: 0.85, NearTerm: 0.35, Extend: 0.3}
}

// decide returns why res holds no answer, "" when its first hit answers. It
// may reorder the hits so that the first one fits what is asked.
func decide(l Limits, res *retrieval.Result) Reason {
	reason := judge(l, res)
	if reason == NotMentioned || reason == OffTopic || reason == NoMatch {
		for _, p := range res.Places {
			if !p.Home && !p.Within {
				return OutOfPlace // what is missing is most of all the place
			}
		}
	}
	return reason
}

func judge(l Limits, res *retrieval.Result) Reason {
	if len(res.Hits) == 0 {
		return NoMatch
	}
	preferFit(l, res)
	h := &res.Hits[0]
	if h.Term && (res.Question.Want == question.Definition || res.TermShare > 0.5) {
		return ""
	}
	if r := outOfPlace(res, h); r != "" {
		return r
	}
	if outOfPeriod(res, h) {
		return OutOfPeriod
	}
	if h.Coverage < l.OffTopic {
		return OffTopic
	}
	s := &h.Sentences[h.Best]
	if h.Coverage < l.least(&res.Question) || s.Coverage < l.Sentence || !explained(res, h) {
		return NotMentioned
	}
	if o := res.Question.Office; o != "" && !res.Holds(h, o) {
		return NotMentioned
	}
	switch {
	case res.Question.Want == question.Figure && !res.Question.Weak:
		if otherTime(res, h) {
			return NoFigure
		}
		if !s.Quantity || !s.Bound && res.Question.Dimension != report.NoDimension {
			return NoFigure
		}
		if !res.PlaceBound(h) || h.Mass < l.Slight && h.Coverage < l.Open {
			return NotMentioned
		}
	case res.Question.Want == question.When && !res.Question.Weak:
		if !s.Date {
			return NotMentioned
		}
	case h.Mass < l.faint(&res.Question):
		switch res.Question.Want {
		case question.YesNo, question.Measure, question.When:
			return NotMentioned
		}
	}
	return ""
}

// least is the coverage that an answer of a type needs. Who asks whether or
// how something is dealt with puts it in words of their own, who asks for a
// figure names what it is of.
func (l Limits) least(q *question.Question) float64 {
	switch q.Want {
	case question.Definition:
		if !q.Weak {
			return l.Meaning
		}
		return l.Figure
	case question.Figure:
		return l.Figure
	case question.YesNo, question.Measure, question.Anything:
		return l.Loose
	case question.When:
		if q.Weak {
			return l.Loose // a wish
		}
	case question.Who:
		return l.Who
	}
	return l.Coverage
}

// talkative is how many characters say what somebody asks whether or wishes
// for at length; who says less leaves less to be found.
const talkative = 8

// faint is the least mass of the evidence for a question whether, or for help.
func (l Limits) faint(q *question.Question) float64 {
	n := 0
	for _, s := range q.Content {
		if s.Weight == 1 {
			n += s.End - s.Start
		}
	}
	return l.Faint * min(1, float64(n)/talkative)
}

// explained refuses a term that the report uses but does not explain.
func explained(res *retrieval.Result, h *retrieval.Hit) bool {
	switch res.Question.Want {
	case question.Definition, question.List, question.Which, question.Where, question.Anything:
	default:
		return true
	}
	term := res.Coined()
	return term == "" || len(res.Terms) > 0 || res.Explains(h, term)
}

// otherTime refuses a figure that was achieved in another year where a plan
// is asked for, and the other way round.
func otherTime(res *retrieval.Result, h *retrieval.Hit) bool {
	s := &res.Report(h).Paragraphs[h.Paragraph].Sentences[h.Best]
	if len(res.Years) != 1 || !s.Period.Known() || s.Kind == report.Unknown || s.Period.Holds(res.Years[0]) {
		return false
	}
	return res.Question.Tense == question.Planned && s.Kind == report.Achieved || res.Question.Tense == question.Past && s.Kind == report.Target
}

// preferFit moves the first hit that names the places and holds the figure
// asked for to the front, if it is nearly as good as the best.
func preferFit(l Limits, res *retrieval.Result) {
	near := l.Near
	if res.Coined() != "" && len(res.Terms) == 0 {
		near = l.NearTerm
	}
	fits := func(h *retrieval.Hit) bool {
		return h.Places && explained(res, h) && (res.Question.Want != question.Figure || res.Question.Weak || h.Sentences[h.Best].Quantity)
	}
	for i := range res.Hits {
		h := res.Hits[i]
		if h.Score < near*res.Hits[0].Score {
			return
		}
		if fits(&h) {
			copy(res.Hits[1:i+1], res.Hits[:i])
			res.Hits[0] = h
			return
		}
	}
}

// outOfPlace refuses where a place that the question names is not in the
// evidence.
func outOfPlace(res *retrieval.Result, h *retrieval.Hit) Reason {
	if h.Places {
		return ""
	}
	for _, p := range res.Places {
		if !p.Home && !p.Within {
			return OutOfPlace
		}
	}
	return NotMentioned
}

// hasFigureOf reports whether a figure of the best sentence is of a year.
func hasFigureOf(of *report.Report, h *retrieval.Hit, year int) bool {
	return slices.ContainsFunc(of.Figures, func(f report.Figure) bool {
		return f.Paragraph == h.Paragraph && f.Sentence == h.Best && f.Period.Holds(year)
	})
}

// outOfPeriod refuses a year that neither the report nor the evidence is about.
func outOfPeriod(res *retrieval.Result, h *retrieval.Hit) bool {
	of := res.Report(h)
	p := &of.Paragraphs[h.Paragraph]
	for _, y := range res.Years {
		if of.Year == 0 || y == of.Year || y == of.Year-1 {
			return false
		}
		if strings.Contains(analysis.FoldString(p.Text), strconv.Itoa(y)) || p.Sentences[h.Best].Period.Holds(y) || hasFigureOf(of, h, y) {
			return false
		}
	}
	return len(res.Years) > 0
}
