package quantities

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"
)

// qualify reads the qualifiers on both sides of n. done are the numbers before
// it.
func (s *scanner) qualify(n *Number, done []Number) {
	head := strings.TrimRight(s.text[:n.Start], " ")
	floor := 0
	if len(done) > 0 {
		floor = done[len(done)-1].To
	}
	front := ""
	if rest, ok := strings.CutSuffix(head, "上"); ok && len(rest) >= floor && manyOf(n.Value) { // 上千万
		front = "上"
		n.From = len(rest)
	} else if w := before.Suffix(head); w != "" && len(head)-len(w) >= floor {
		front = w
		n.From = len(head) - len(w)
	}
	behind := n.Qualifier // 多, 余 within the number
	tail := strings.TrimLeft(s.text[n.End:], " ")
	gap := len(s.text[n.End:]) - len(tail)
	if w := after.Prefix(tail); w != "" && !afterIsWord(w, tail[len(w):]) && gap < 3 {
		n.To = n.End + gap + len(w)
		if behind == "" || w != "多" && w != "余" && w != "来" && w != "强" {
			behind = w
		}
	}
	switch {
	case front == "" || front == "预计" && behind != "":
		n.Qualifier = behind
	case behind == "":
		n.Qualifier = front
	default:
		n.Qualifier = front + "…" + behind
	}
}

// afterIsWord holds where what looks like a qualifier begins a word: 多种, 强调.
func afterIsWord(w, rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	switch w {
	case "多", "余", "强", "来":
		return rest != "" && unicode.Is(unicode.Han, r) && (w != "多" && w != "余" || strings.ContainsRune("种样项个家元", r))
	case "以上", "以下":
		return false
	}
	return false
}

// bounds sets the bounds that the qualifier says.
func (s *scanner) bounds(n *Number) {
	if n.Low != nil || n.Qualifier == "" {
		return
	}
	for part := range strings.SplitSeq(n.Qualifier, "…") {
		v := n.Number
		switch {
		case least.Has(part):
			n.Low = &v
		case most.Has(part):
			n.High = &v
		}
	}
}
