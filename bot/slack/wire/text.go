package wire

import "strings"

// Words are the words of a message without Slack's markup.
type Words struct {
	Text      string
	Mentioned bool // the bot is mentioned
	Others    bool // somebody else, or a group, is mentioned
}

// unescape reverses what Slack does to the text that people type.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// Read returns the words of a message's text. Mentions are left out, links
// and channels stay as people see them. bot is the bot's user id.
func Read(text, bot string) Words {
	var w Words
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		b.WriteString(unescape.Replace(before))
		if !found {
			break
		}
		inner, after, closed := strings.Cut(rest, ">")
		if !closed { // Slack escapes what people type: this is nobody's markup
			b.WriteString("<" + unescape.Replace(rest))
			break
		}
		b.WriteString(w.entity(inner, bot))
		text = after
	}
	w.Text = strings.TrimSpace(strings.ToValidUTF8(b.String(), ""))
	return w
}

// entity returns what people see of <inner>.
func (w *Words) entity(inner, bot string) string {
	target, label, labelled := strings.Cut(inner, "|")
	switch {
	case target == "":
		return "<" + unescape.Replace(inner) + ">"
	case target[:1] == "@":
		if bot != "" && target[1:] == bot {
			w.Mentioned = true
		} else {
			w.Others = true
		}
		return " "
	case target[:1] == "!":
		if strings.HasPrefix(target, "!date^") && labelled {
			return unescape.Replace(label)
		}
		w.Others = true
		return " "
	case labelled && label != "":
		if target[:1] == "#" {
			return "#" + unescape.Replace(label)
		}
		return unescape.Replace(label)
	}
	return unescape.Replace(strings.TrimPrefix(target, "mailto:"))
}
