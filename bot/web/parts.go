package web

import (
	"slices"

	"wenbao/answers"
)

// A part is a piece of a text shown in one way.
type part struct {
	Text         string
	Mark, Strong bool
}

// parts cuts text at the ends of its marks and of what stands out in it.
// Spans that do not fit the text are left out.
func parts(text string, marks, strong []answers.Mark) []part {
	cuts := []int{0, len(text)}
	for _, m := range slices.Concat(marks, strong) {
		if fits(text, m) {
			cuts = append(cuts, m.Start, m.End)
		}
	}
	slices.Sort(cuts)
	var out []part
	for i, from := range cuts[:len(cuts)-1] {
		if to := cuts[i+1]; from < to {
			out = append(out, part{text[from:to], covered(text, marks, from), covered(text, strong, from)})
		}
	}
	return out
}

func fits(text string, m answers.Mark) bool {
	return 0 <= m.Start && m.Start < m.End && m.End <= len(text)
}

func covered(text string, spans []answers.Mark, at int) bool {
	return slices.ContainsFunc(spans, func(m answers.Mark) bool { return fits(text, m) && m.Start <= at && at < m.End })
}
