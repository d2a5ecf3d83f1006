// Package figures reads the figures of a report: every quantity that a
// sentence states, with what it is of, its measure, time and kind.
package figures

import (
	"sort"
	"strings"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/periods"
	"wenbao/retrieval/quantities"
	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// A Namer knows the indicators that have an id.
type Namer interface {
	// ID is the id of the indicator that a figure states, "" where none is
	// certain. before says that its noun stands before the number.
	ID(f *report.Figure, before bool) string
}

// Read fills in the figures of a report whose outline and periods are known.
// Without a namer no figure has an id.
func Read(r *report.Report, namer Namer) {
	clock := periods.ClockOf(r)
	area := r.Area()
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		if p.Role != report.Body {
			continue
		}
		var topic string // of the sentence before, within the paragraph
		for j := range p.Sentences {
			s := &p.Sentences[j]
			text := p.Text[s.Start:s.End]
			text = analysis.Simplify(text)
			numbers := quantities.Find(text)
			if len(numbers) == 0 {
				topic = subjectOf(text, topic)
				continue
			}
			rd := newReader(clock, text, numbers, periods.Tense{Period: s.Period, Kind: s.Kind})
			rd.topic = topic
			for _, f := range rd.read() {
				f.Paragraph, f.Sentence = i, j
				f.Start += s.Start
				f.End += s.Start
				f.Value = p.Text[f.Start:f.End]
				f.Area = area
				if namer != nil && f.Sure {
					f.IndicatorID = namer.ID(&f, strings.Contains(text[:f.Start-s.Start], f.Indicator))
				}
				r.Figures = append(r.Figures, f)
			}
			topic = rd.last
		}
	}
	correct(r, namer)
}

// A reader reads one sentence.
type reader struct {
	text     string
	numbers  []quantities.Number
	clauses  []report.Span
	brackets []int           // by number, where the bracket that it stands in opens, -1 for none
	tenses   []periods.Tense // of the clauses, at their ends
	clock    periods.Clock
	base     periods.Tense
	topic    string // what the sentence before was about
	last     string // what this one is about

	group     []string // what 分别 distributes over, or a pair
	groupAt   int      // how many of the group are used up
	qualifier string   // that the group has in common
	done      []report.Figure
	at        int                // the number under way
	oldYear   int                // that an earlier change of the sentence started from
	grows     bool               // the noun under way was said with a growth that is set
	compared  bool               // the clause under way says what the number is compared with
	prior     *quantities.Number // the one it may go on from
}

func newReader(clock periods.Clock, text string, numbers []quantities.Number, base periods.Tense) *reader {
	r := &reader{text: text, numbers: numbers, clock: clock, base: base}
	r.clauses = report.Clauses(text, report.Span{End: len(text)})
	r.tenses = clock.Clauses(text, r.clauses, base)
	r.brackets = brackets(text, numbers)
	return r
}

func (r *reader) read() []report.Figure {
	r.done = make([]report.Figure, 0, len(r.numbers))
	for k := range r.numbers {
		r.at = k
		n := &r.numbers[k]
		f := report.Figure{Start: n.Start, End: n.End, Quantity: n.Quantity, Sure: true}
		r.grows = false
		r.noun(n, &f)
		r.time(n, &f)
		f.Measure = measureOf(&f)
		r.carry(n, &f)
		sense(&f)
		sign(&f)
		r.done = append(r.done, f)
	}
	return r.done
}

// sense settles how a figure of several years stands for them where no word
// says it: a rate and a stock are those of the end, what was done is of all the
// years together.
func sense(f *report.Figure) {
	if !f.Period.Several() || f.Period.Sense == report.Average {
		return
	}
	switch f.Measure {
	case report.Growth, report.Change:
		f.Period.Sense = report.Total
	case report.Share, report.PerCapita:
		f.Period.Sense = report.End
	default:
		if f.Period.Sense == report.Plain {
			f.Period.Sense = report.Total
			if f.Verb == "" || reached.Suffix(f.Verb) != "" || standing.Has(f.Verb) {
				f.Period.Sense = report.End
			}
		}
	}
}

// carry mends the measure of a figure from what stands around it: one whose
// noun was said with a growth just before is a growth too (今年预期目标为6％左右), and
// one for each person says so in its clause.
func (r *reader) carry(n *quantities.Number, f *report.Figure) {
	if r.grows && f.Measure == report.Share {
		f.Measure = report.Growth
	}
	if f.Unit == "%" && f.Measure == report.Share && (f.Verb == "" || reachedOnly(f.Verb)) && len(r.done) > 0 {
		if prev := &r.done[len(r.done)-1]; prev.Indicator == f.Indicator && prev.Measure == report.Growth && prev.Unit == "%" {
			f.Measure = report.Growth
		}
	}
	clause := r.tail(r.clauses[r.clauseOf(n.From)].Start, n.From)
	stock := f.Measure == report.Level || f.Measure == report.Count
	paid := f.Measure == report.Level && f.Dimension == report.Money
	if stock && perMany.In(clause) || paid && perOne.In(clause[max(0, len(clause)-24):]) {
		f.Measure = report.PerCapita
	}
}

// clauseOf returns the index of the clause that at is in.
func (r *reader) clauseOf(at int) int {
	i := sort.Search(len(r.clauses), func(i int) bool { return at < r.clauses[i].End })
	return min(i, len(r.clauses)-1)
}

// longestClause bounds how much of a clause is looked at, in bytes.
const longestClause = 360

// tail returns text[from:to], at most its last longestClause bytes.
func (r *reader) tail(from, to int) string {
	s := r.text[from:to]
	if len(s) > longestClause {
		s = s[len(s)-longestClause:]
		for len(s) > 0 && s[0]&0xC0 == 0x80 {
			s = s[1:]
		}
	}
	return s
}

// time gives the figure the tense of its clause up to it.
func (r *reader) time(n *quantities.Number, f *report.Figure) {
	own := r.clauseOf(n.From)
	now := r.base
	if own > 0 {
		now = r.tenses[own-1]
	}
	clause := r.tail(r.clauses[own].Start, n.From)
	before := now
	now = r.clock.At(clause, now)
	f.Period, f.Kind = now.Period, now.Kind
	if r.clock.Year == 0 && f.Kind == report.Achieved && periods.Planned(r.since(n.From)) {
		f.Kind = report.Target // without a year of its own a document says in words what is planned
	}
	if f.Kind == report.Target && forecasts.In(clause) {
		f.Kind = report.Forecast
	}
	if old := startOf(clause); old >= 0 {
		f.Period, f.Kind = r.earlier(clause[old:], before)
		return
	}
	if f.Kind == report.Target && r.clock.Year > 0 && already.In(clause) && !periods.Planned(clause) {
		f.Period, f.Kind = report.Year(r.clock.Year-1), report.Achieved
	}
	if f.Period.Several() {
		f.Period = f.Period.With(periods.Sense(clause[max(0, len(clause)-45):] + f.Verb))
	}
}

// since is the text up to at behind the last ；.
func (r *reader) since(at int) string {
	text := r.tail(0, at)
	if i := strings.LastIndex(text, "；"); i >= 0 {
		return text[i:]
	}
	return text
}

// earlier is the time of the value that a change started from: the year that
// is named, or the one before the period of the change.
func (r *reader) earlier(clause string, now periods.Tense) (report.Period, report.Kind) {
	if y := yearOf(clause); y > 0 {
		r.oldYear = y
		return report.Year(y), report.Achieved
	}
	if r.oldYear > 0 { // 从2007年底的8.4％…，不良贷款率由6.1％…
		return report.Year(r.oldYear), report.Achieved
	}
	if strings.Contains(clause, "上年") || strings.Contains(clause, "去年") {
		now.Period = report.Year(max(0, r.clock.Year-2))
		if now.Kind == report.Target || r.clock.Year == 0 {
			now.Period = report.Year(max(0, r.clock.Year-1))
		}
		return now.Period, report.Achieved
	}
	switch {
	case !now.Period.Known():
		return report.Period{}, report.Unknown
	case now.Kind == report.Target && r.clock.Year > 0:
		return report.Year(r.clock.Year - 1), report.Achieved // from what is to what is planned
	}
	return report.Year(now.Period.From - 1), report.Achieved
}

// subjectOf is what a sentence without figures leaves as the topic of the
// next: nothing, but where it is a short lead.
func subjectOf(text, topic string) string {
	if words.AtMost(text, 16) {
		return topic
	}
	return ""
}
