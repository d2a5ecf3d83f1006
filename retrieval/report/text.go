package report

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Span is a stretch of a paragraph's text, in bytes.
type Span struct{ Start, End int }

// CloserOf maps the brackets inside which no sentence ends.
func CloserOf(r rune) rune {
	switch r {
	case '“':
		return '”'
	case '‘':
		return '’'
	case '（':
		return '）'
	case '《':
		return '》'
	case '「':
		return '」'
	case '『':
		return '』'
	}
	return 0
}

func isCloser(r rune) bool {
	switch r {
	case '”', '’', '）', '》', '」', '』':
		return true
	}
	return false
}

// Enclosed returns the outermost spans between brackets that are closed
// within text, brackets included. An opener that is never closed counts as a
// plain character, and so does a closer without opener.
func Enclosed(text string) []Span {
	type open struct {
		at     int
		closer rune
	}
	var stack []open
	var spans []Span
	pending := map[rune]int{} // openers on the stack, by their closer
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if c := CloserOf(r); c != 0 {
			stack = append(stack, open{i, c})
			pending[c]++
		} else if isCloser(r) && pending[r] > 0 {
			for j := len(stack) - 1; j >= 0; j-- {
				pending[stack[j].closer]--
				if stack[j].closer != r {
					continue
				}
				// Whatever was opened inside and not closed by now is plain; a
				// span swallows those it contains.
				s := Span{stack[j].at, i + n}
				for len(spans) > 0 && spans[len(spans)-1].Start >= s.Start {
					spans = spans[:len(spans)-1]
				}
				spans = append(spans, s)
				stack = stack[:j]
				break
			}
		}
		i += n
	}
	return spans
}

// Sentences returns the sentences of a paragraph's text. They end at
// 。！？ (or ! ? outside Latin text), with the closers that follow, or at the
// end of the text, never between brackets.
func Sentences(text string) []Sentence {
	var out []Sentence
	for _, s := range cut(text, Span{0, len(text)}, endsSentence, true) {
		out = append(out, Sentence{Start: s.Start, End: s.End})
	}
	return out
}

// SoftParts cuts sentence s of a paragraph's text at ；, for sentences too
// long to quote whole. It returns at least one part, and the parts tile the
// sentence but for white space.
func SoftParts(text string, s Sentence) []Span {
	return cut(text, Span{s.Start, s.End}, func(_ string, _ int, r rune) bool { return r == '；' }, false)
}

func endsSentence(text string, i int, r rune) bool {
	switch r {
	case '。', '！', '？':
		return true
	case '!', '?':
		// Not within a URL or an identifier.
		next, _ := utf8.DecodeRuneInString(text[i+1:])
		return i+1 == len(text) || next >= utf8.RuneSelf || unicode.IsSpace(next)
	}
	return false
}

// cut divides within at the characters that end says, leaving bracketed
// spans whole; a run of ends, and with closers the closers after it, stay
// with the part they end.
func cut(text string, within Span, end func(text string, i int, r rune) bool, closers bool) []Span {
	var out []Span
	shut := Enclosed(text)
	start := within.Start
	add := func(to int) {
		if s := Trim(text, Span{start, to}); s.Start < s.End {
			out = append(out, s)
		}
		start = to
	}
	for i := within.Start; i < within.End; {
		for len(shut) > 0 && shut[0].End <= i {
			shut = shut[1:]
		}
		if len(shut) > 0 && i >= shut[0].Start {
			i = min(shut[0].End, within.End)
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:within.End])
		if !end(text, i, r) {
			i += n
			continue
		}
		i += n
		for i < within.End {
			r, n := utf8.DecodeRuneInString(text[i:within.End])
			if !end(text, i, r) && !(closers && isCloser(r)) {
				break
			}
			i += n
		}
		add(i)
	}
	add(within.End)
	return out
}

func Trim(text string, s Span) Span {
	part := text[s.Start:s.End]
	trimmed := strings.TrimLeftFunc(part, unicode.IsSpace)
	s.Start += len(part) - len(trimmed)
	s.End = s.Start + len(strings.TrimRightFunc(trimmed, unicode.IsSpace))
	return s
}

// Clauses cuts a stretch of a paragraph's text into its clauses. They end
// behind ，；：。！？ and their half-width forms and behind ——, never within a
// quotation or a title, nor at the comma or the point within a number
// (1,206户, 1：3). There is at least one, and they tile the stretch.
func Clauses(text string, within Span) []Span {
	var out []Span
	start := within.Start
	var shut []Span
	for _, s := range Enclosed(text[within.Start:within.End]) {
		if r, _ := utf8.DecodeRuneInString(text[within.Start+s.Start:]); r != '（' {
			shut = append(shut, Span{s.Start + within.Start, s.End + within.Start})
		}
	}
	var prev rune
	for i := within.Start; i < within.End; {
		for len(shut) > 0 && shut[0].End <= i {
			shut = shut[1:]
		}
		if len(shut) > 0 && i >= shut[0].Start {
			i, prev = min(shut[0].End, within.End), '”'
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		if EndsClause(r) && !(digitOf(prev) && digitAt(text[i:within.End])) || r == '—' && prev == '—' {
			out = append(out, Span{start, i})
			start = i
		}
		prev = r
	}
	if start < within.End || len(out) == 0 {
		out = append(out, Span{start, within.End})
	}
	return out
}

// EndsClause holds for the characters behind which a clause ends where they do
// not stand within a number, a quotation or a title.
func EndsClause(r rune) bool {
	switch r {
	case '，', '；', '：', '。', '！', '？', ',', ';', ':', '!', '?':
		return true
	}
	return false
}

func digitOf(r rune) bool { return r >= '0' && r <= '9' || r >= '０' && r <= '９' }

func digitAt(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return digitOf(r)
}

// Outside yields the characters of text that stand outside of brackets and
// quotations, with their offsets.
func Outside(text string) iter.Seq2[int, rune] {
	return func(yield func(int, rune) bool) {
		shut := Enclosed(text)
		for i := 0; i < len(text); {
			if len(shut) > 0 && i >= shut[0].Start {
				i = max(i, shut[0].End)
				shut = shut[1:]
				continue
			}
			r, n := utf8.DecodeRuneInString(text[i:])
			if !yield(i, r) {
				return
			}
			i += n
		}
	}
}

// Unbalanced is how many more quotation marks and brackets text opens than it
// closes.
func Unbalanced(text string) int {
	n := 0
	for _, r := range text {
		switch r {
		case '“', '（', '《':
			n++
		case '”', '）', '》':
			n--
		}
	}
	return n
}
