// Package text holds everything wenbao says to askers, in Chinese first and
// English second, in one catalogue.
//
// A message is named by a [Key] and said in a [Lang] with typed arguments:
//
//	lang.Say(text.TermUnknown, text.Name("三线"))
//
// A message never holds a quote from a report: quotes travel beside it,
// verbatim.
package text

import (
	"strconv"
	"strings"
	"time"
)

// A Lang is a language that wenbao speaks.
type Lang string

const (
	Zh Lang = "zh"
	En Lang = "en"
)

// Pick returns the language for a locale such as "en-US" or "zh_CN"; other
// when the locale is empty or of a language that wenbao does not speak, and
// Zh when other is neither.
func Pick(locale string, other Lang) Lang {
	tag, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	switch Lang(tag) {
	case Zh:
		return Zh
	case En:
		return En
	}
	if other == En {
		return En
	}
	return Zh
}

// An Arg fills one {placeholder} of a message.
type Arg struct{ name, value string }

// Name fills {name}: a term, a report's title, a question, a command.
func Name(s string) Arg { return Arg{"name", s} }

// Code fills {code}: an answer's code.
func Code(s string) Arg { return Arg{"code", s} }

// Count fills {n}.
func Count(n int) Arg { return Arg{"n", strconv.Itoa(n)} }

// List fills {list} with the items as the language separates them.
func List(l Lang, items ...string) Arg {
	if l == En {
		return Arg{"list", strings.Join(items, ", ")}
	}
	return Arg{"list", strings.Join(items, "、")}
}

// Wait fills {n} with whole seconds, at least 1, rounded up.
func Wait(d time.Duration) Arg {
	return Count(max(1, int((d+time.Second-1)/time.Second)))
}

// Say returns message k in language l. Values are inserted as they are and
// never read as placeholders; escaping is the renderer's. A placeholder
// without an argument is left out.
func (l Lang) Say(k Key, args ...Arg) string {
	if k < 0 || k >= keys {
		return ""
	}
	message := catalogue[k].zh
	if l == En {
		message = catalogue[k].en
	}
	if !strings.Contains(message, "{") {
		return message
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(message, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("{" + rest)
			return b.String()
		}
		for _, a := range args {
			if a.name == name {
				b.WriteString(a.value)
				break
			}
		}
		message = after
	}
}
