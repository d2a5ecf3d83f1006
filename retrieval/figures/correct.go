package figures

import (
	"fmt"
	"slices"
	"strings"

	"wenbao/retrieval/report"
)

// correct applies what the report's metadata says of misread figures: what is
// put right has the id of its indicator as if it had been read so. A correction
// that fits no figure becomes a warning.
func correct(r *report.Report, namer Namer) {
	for _, c := range r.Given.Figures {
		i, problem := locate(r, c)
		switch {
		case problem != "":
			r.Warnings = append(r.Warnings, fmt.Sprintf("the correction at %q: %s", c.At, problem))
		case c.Strike:
			r.Figures = slices.Delete(r.Figures, i, i+1)
		default:
			f := &r.Figures[i]
			if err := c.Apply(f); err != nil {
				r.Warnings = append(r.Warnings, err.Error())
			}
			if c.Set["indicator_id"] == "" && namer != nil {
				f.IndicatorID = namer.ID(f, true)
			}
		}
	}
}

// locate finds the figure that a correction is about.
func locate(r *report.Report, c report.Correction) (index int, problem string) {
	at, first := -1, 0
	for i := range r.Paragraphs {
		switch n := strings.Count(r.Paragraphs[i].Text, c.At); {
		case n > 1 || n == 1 && at >= 0:
			return 0, "that text stands more than once: quote more of it"
		case n == 1:
			at, first = i, strings.Index(r.Paragraphs[i].Text, c.At)
		}
	}
	if at < 0 {
		return 0, "that text is not in the report"
	}
	found := -1
	for i := range r.Figures {
		f := &r.Figures[i]
		if f.Paragraph != at || f.Start < first || f.End > first+len(c.At) || c.Value != "" && f.Value != c.Value {
			continue
		}
		if found >= 0 {
			return 0, "it holds several figures: name one by its value"
		}
		found = i
	}
	if found < 0 {
		return 0, "no such figure was read there"
	}
	return found, ""
}
