package question

import (
	"strings"

	"wenbao/retrieval/analysis"
)

// openers are phrases before a question that ask nothing themselves, longest
// first where one begins another.
var openers = []string{"请问一下", "请问下", "请问", "想问一下", "想问下", "想问问", "我想问", "想问", "问一下", "我想知道", "想知道",
	"我想了解一下", "我想了解", "麻烦问下", "麻烦问一下", "帮我查一下", "帮我查下", "帮我查查", "帮我看看", "查一下", "查下", "告诉我", "你好", "您好"}

// closers are what a question may end with that asks nothing.
const closers = "?!。.~…;,、 啊呀哦哟啦"

// Normal returns what questions that ask the same in the same words have in
// common: width, case, traditional characters, spaces beside Chinese, quotation
// marks, opening fillers and final marks are folded. Numbers, years, units,
// negation and word order stay: questions with different answers differ.
func Normal(text string) string {
	s := analysis.FoldString(text)
	s = strings.Trim(tight(s), " ")
	for again := true; again; {
		again = false
		for _, o := range openers {
			rest, found := strings.CutPrefix(s, o)
			rest = strings.TrimLeft(rest, ",:、。! ")
			if found && len([]rune(rest)) > 3 {
				s, again = rest, true
				break
			}
		}
	}
	if short := strings.TrimRight(s, closers); short != "" {
		s = short
	}
	return s
}

// marks are quotation marks: of each pair the opening one, then the closing.
const marks = "“”‘’「」『』《》〈〉"

// paired reports whether every quotation mark has its other half.
func paired(s string) bool {
	depth := 0
	for _, r := range s {
		at := strings.IndexRune(marks, r)
		switch {
		case at < 0:
		case at/3%2 == 0: // each is three bytes long
			depth++
		default:
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

// tight drops quotation marks that are paired, and spaces that part no words.
func tight(s string) string {
	drop := paired(s)
	var b strings.Builder
	var before rune
	gap := false
	for _, r := range s {
		switch {
		case r == ' ' || drop && strings.ContainsRune(marks, r):
			gap = true
			continue
		case gap && before != 0 && narrow(before) && narrow(r):
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		before, gap = r, false
	}
	return b.String()
}

// narrow reports whether a space after or before r parts words.
func narrow(r rune) bool { return !analysis.IsHan(r) && r < 0x3000 }
