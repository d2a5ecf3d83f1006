package answers

import (
	_ "embed"
	"slices"
	"strings"

	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

//go:embed words.txt
var wordFile string

var (
	lists      = words.Parse(wordFile)
	shownVerbs = lists.Set("shown-verbs")
)

// Said is the figure as people are shown it: its value with the verb and the
// qualifier that the report has (增长5%左右, 突破2万亿元), in the report's words
// and, where they stand side by side, exactly as they stand there. It is ""
// where the answer has no figure.
func (a *Answer) Said() string {
	f := a.Figure
	if f == nil {
		return ""
	}
	if f.Citation != nil {
		for _, x := range a.Excerpts {
			if x.Citation.Report == f.Citation.Report && x.Citation.ParagraphID == f.Citation.ParagraphID {
				return f.said(x.Text)
			}
		}
	}
	return f.said("")
}

// said is the figure in words; text is its paragraph, "" where that is not at
// hand.
func (f *Figure) said(text string) string {
	left, right := "", ""
	if c := f.Citation; c != nil && 0 <= c.Start && c.Start <= c.End && c.End <= len(text) && text[c.Start:c.End] == f.Value {
		left, right = text[:c.Start], text[c.End:]
	}
	front, behind := f.qualifiers(left, right)
	verb := f.shownVerb()
	if verb != "" && strings.Contains(front, verb) {
		verb = "" // 力争达到: the qualifier says it
	}
	if before, ok := stretch(left, verb, front); ok && strings.HasPrefix(strings.TrimLeft(right, " "), behind) {
		after := ""
		if behind != "" {
			after = right[:len(right)-len(strings.TrimLeft(right, " "))+len(behind)]
		}
		return before + f.Value + after
	}
	if front != "" && strings.LastIndex(left, front) < strings.LastIndex(left, verb) {
		return front + verb + f.Value + behind
	}
	return verb + front + f.Value + behind
}

// shownVerb is the verb where it says which way the figure went or that it was
// reached, else "".
func (f *Figure) shownVerb() string {
	if f.Measure == report.Growth.String() || f.Measure == report.Change.String() || shownVerbs.Has(f.Verb) {
		return f.Verb
	}
	return ""
}

// qualifiers are what of the qualifier stands before the value and what behind
// it. left and right are the text on both sides, "" where it is not at hand.
func (f *Figure) qualifiers(left, right string) (front, behind string) {
	const within = "多余几来" // 100多万吨
	q := f.Qualifier
	front, behind, both := strings.Cut(q, "…")
	switch {
	case both:
		return front, behind
	case q == "" || strings.Contains(f.Value, q) || strings.Contains(within, q) && strings.ContainsAny(f.Value, within):
		return "", ""
	case strings.HasSuffix(strings.TrimRight(left, " "), q):
		return q, ""
	case strings.HasPrefix(strings.TrimLeft(right, " "), q):
		return "", q
	case strings.Contains(lastSentence(left), q):
		return q, ""
	}
	return "", q
}

// lastSentence is what of the sentence under way stands in text.
func lastSentence(text string) string {
	sentences := report.Sentences(text)
	if len(sentences) == 0 {
		return ""
	}
	s := sentences[len(sentences)-1]
	return text[s.Start:s.End]
}

// stretch is the end of text that consists of the given words, in whatever
// order, with only spaces between and behind them; ok is false where there is
// none. Empty words are passed over.
func stretch(text string, parts ...string) (tail string, ok bool) {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	from := len(text)
	for len(parts) > 0 {
		head := strings.TrimRight(text[:from], " ")
		i := slices.IndexFunc(parts, func(p string) bool { return strings.HasSuffix(head, p) })
		if i < 0 {
			return "", false
		}
		from = len(head) - len(parts[i])
		parts = slices.Delete(parts, i, i+1)
	}
	return text[from:], true
}
