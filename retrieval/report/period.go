package report

import (
	"fmt"
	"strconv"
	"strings"
)

// A Period is the time that a statement is about: a year, years, a part of a
// year. Its zero value is an unknown time. Periods are comparable: equal ones
// are ==.
type Period struct {
	From, To   int // years, both included; To is 0 for an open end (自2015年以来)
	Start, End int // months of the one year, both included, 1–12; 0 for the whole year
	Sense      Sense
}

// Sense says how a figure stands for several years. Of one year it is Plain.
type Sense uint8

const (
	Plain   Sense = iota
	Total         // of all the years together
	Average       // of one of the years on average
	End           // at the end of the years
)

// String is the word used in answers: "total", "average", "end" or "".
func (s Sense) String() string { return [...]string{"", "total", "average", "end"}[s] }

// Year is the period of one year; 0 gives the unknown period.
func Year(y int) Period { return Period{From: y, To: y} }

// Years is the period from one year to another; where the second is not later,
// it is the second alone.
func Years(from, to int) Period {
	if from == 0 || from >= to {
		return Year(to)
	}
	return Period{From: from, To: to}
}

// Since is the period that began with a year and has no end.
func Since(y int) Period { return Period{From: y} }

// Months is a part of one year, from one month to another.
func Months(year, start, end int) Period {
	if start == 1 && end == 12 {
		return Year(year)
	}
	return Period{From: year, To: year, Start: start, End: end}
}

// Known is false for the unknown period.
func (p Period) Known() bool { return p.From != 0 }

// Several holds for a period of more than one year.
func (p Period) Several() bool { return p.Known() && p.From != p.To }

// Holds reports whether a year lies within the period.
func (p Period) Holds(year int) bool {
	return p.Known() && p.From <= year && (p.To == 0 || year <= p.To)
}

// Is reports whether the period is that one year, whole.
func (p Period) Is(year int) bool { return p == Year(year) }

// With is the period with another sense; of one year it stays plain.
func (p Period) With(s Sense) Period {
	if p.Several() {
		p.Sense = s
	}
	return p
}

// String is the period as answers and files have it: YYYY, YYYY-YYYY, YYYY-Qn,
// YYYY-MM, YYYY- for since, YYYY-MM/MM for other months; "" when unknown. The
// sense is written apart.
func (p Period) String() string {
	switch {
	case !p.Known():
		return ""
	case p.To == 0:
		return fmt.Sprintf("%d-", p.From)
	case p.From != p.To:
		return fmt.Sprintf("%d-%d", p.From, p.To)
	case p.Start == 0:
		return strconv.Itoa(p.From)
	case p.Start == p.End:
		return fmt.Sprintf("%d-%02d", p.From, p.Start)
	case p.End-p.Start == 2 && p.End%3 == 0:
		return fmt.Sprintf("%d-Q%d", p.From, p.End/3)
	}
	return fmt.Sprintf("%d-%02d/%02d", p.From, p.Start, p.End)
}

// ParsePeriod reads what String writes; "" is the unknown period. ok is false
// for any other text.
func ParsePeriod(s string) (p Period, ok bool) {
	if s == "" {
		return Period{}, true
	}
	head, tail, cut := strings.Cut(s, "-")
	year, good := number(head, 4)
	if !good || year < 1000 {
		return Period{}, false
	}
	if !cut {
		return Year(year), true
	}
	switch {
	case tail == "":
		return Since(year), true
	case len(tail) == 2 && tail[0] == 'Q' && tail[1] >= '1' && tail[1] <= '4':
		q := int(tail[1] - '0')
		return Months(year, 3*q-2, 3*q), true
	case len(tail) == 4:
		to, good := number(tail, 4)
		return Period{From: year, To: to}, good && to > year
	}
	from, to, span := strings.Cut(tail, "/")
	start, good := number(from, 2)
	end := start
	if span {
		var fine bool
		end, fine = number(to, 2)
		good = good && fine && end > start
	}
	p = Months(year, start, end)
	return p, good && start >= 1 && end <= 12 && p.String() == s
}

// number reads exactly n digits.
func number(s string, n int) (int, bool) {
	if len(s) != n || strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	v, err := strconv.Atoi(s)
	return v, err == nil
}
