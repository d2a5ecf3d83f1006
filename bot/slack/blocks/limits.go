package blocks

import (
	"strings"
	"unicode/utf16"
)

// Slack's limits, in characters where they are of text. What this package
// renders is within them whatever it is given.
const (
	MaxBlocks      = 50   // of a message
	MaxViewBlocks  = 100  // of a form or a home
	MaxSection     = 3000 // text of a section or of an element of a context
	MaxHeader      = 150  // text of a header
	MaxButton      = 75   // text of a button or of an option
	MaxValue       = 2000 // value of a button
	MaxOptionValue = 150
	MaxID          = 255 // action_id, block_id, callback_id
	MaxActions     = 25  // elements of an actions block
	MaxContext     = 10  // elements of a context block
	MaxURL         = 3000
	MaxTitle       = 24 // of a form, and of its buttons
	MaxMetadata    = 3000
	MaxLabel       = 2000
	MaxPlaceholder = 150
	MaxText        = 4000   // of a message, beside its blocks
	MaxRich        = 2900   // of one rich text block; ours, Slack tells none
	MaxMessage     = 12_000 // of everything a message shows; ours
	MaxOptions     = 10     // of a group of radio buttons
)

// size is how long Slack may take s to be: characters outside the basic plane
// count twice.
func size(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// fit returns s, valid, and cut to at most n characters.
func fit(s string, n int) string { return fitEach(s, n, func(r rune) string { return string(r) }) }

// Escape returns s such that Slack shows exactly s, and reads nothing in it
// as a link or a mention.
func Escape(s string) string { return escaper.Replace(strings.ToValidUTF8(s, "")) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// fitEscaped is Escape, cut to at most n characters and never inside what
// stands for one.
func fitEscaped(s string, n int) string {
	return fitEach(s, n, func(r rune) string { return escaper.Replace(string(r)) })
}

// fitEach writes each rune of s as show does, up to n characters in all; an
// ellipsis says that something is missing.
func fitEach(s string, n int, show func(rune) string) string {
	var b strings.Builder
	used, end := 0, 0 // end is where an ellipsis still fits
	for _, r := range strings.ToValidUTF8(s, "") {
		x := show(r)
		if used += size(x); used > n {
			return b.String()[:end] + "…"
		}
		b.WriteString(x)
		if used < n {
			end = b.Len()
		}
	}
	return b.String()
}

// pieces cuts s into pieces of at most n characters.
func pieces(s string, n int) []string {
	var out []string
	start, used := 0, 0
	for i, r := range s {
		if used += utf16.RuneLen(r); used > n {
			out = append(out, s[start:i])
			start, used = i, utf16.RuneLen(r)
		}
	}
	return append(out, s[start:])
}
