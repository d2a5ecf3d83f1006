package text

import (
	"regexp"
	"slices"
	"testing"
	"time"
	"unicode"
)

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// Every message is there in both languages, with the same placeholders, each
// of which an argument fills, and each in its language's script.
func TestComplete(t *testing.T) {
	args := []Arg{Name("x"), Code("x"), Count(1), List(Zh, "x")}
	for k, m := range catalogue {
		if m.zh == "" || m.en == "" {
			t.Errorf("message %d: zh %q, en %q", k, m.zh, m.en)
			continue
		}
		zh, en := placeholder.FindAllString(m.zh, -1), placeholder.FindAllString(m.en, -1)
		slices.Sort(zh)
		slices.Sort(en)
		zh, en = slices.Compact(zh), slices.Compact(en)
		if !slices.Equal(zh, en) {
			t.Errorf("message %d: placeholders %v and %v", k, zh, en)
		}
		for _, p := range zh {
			if !slices.ContainsFunc(args, func(a Arg) bool { return "{"+a.name+"}" == p }) {
				t.Errorf("message %d: nothing fills %s", k, p)
			}
		}
		for _, l := range []Lang{Zh, En} {
			if s := l.Say(Key(k), args...); s == "" || placeholder.MatchString(s) {
				t.Errorf("message %d in %s: %q", k, l, s)
			}
		}
	}
}

func TestSay(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{En.Say(TermUnknown, Name("{name} {n}")), "“{name} {n}” is not in the glossary."},
		{Zh.Say(TooLong, Count(500)), "问题太长了，请缩短到 500 字以内再问。"},
		{En.Say(LimitedUser, Wait(1500*time.Millisecond)), "You are asking a little fast. Please try again in 2 s."},
		{Zh.Say(LimitedUser, Wait(0)), "你问得有点快，请 1 秒后再问。"},
		{Zh.Say(WhyWords, List(Zh, "甲", "乙")), "与问题相符的词：甲、乙"},
		{En.Say(WhyWords, List(En, "a", "b")), "Words it shares with the question: a, b"},
		{En.Say(TermUnknown), "“” is not in the glossary."},
		{En.Say(Key(-1)), ""},
		{En.Say(keys), ""},
		{Lang("xx").Say(Thanks), Zh.Say(Thanks)},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestPick(t *testing.T) {
	for _, c := range []struct {
		locale string
		other  Lang
		want   Lang
	}{
		{"en-US", Zh, En}, {"EN", "", En}, {"zh_TW", En, Zh}, {"zh-hans", En, Zh}, {"", "", Zh}, {"", En, En}, {"fr", En, En}, {"\xff", "", Zh}, {"english", "", Zh},
	} {
		if got := Pick(c.locale, c.other); got != c.want {
			t.Errorf("Pick(%q, %q) = %q, want %q", c.locale, c.other, got, c.want)
		}
	}
}

// English messages hold Chinese only as an example, Chinese ones English only
// as a name.
func TestScripts(t *testing.T) {
	for k, m := range catalogue {
		if han, latin := scripts(m.en); han > 0 && latin == 0 {
			t.Errorf("message %d is not English: %q", k, m.en)
		}
		if han, latin := scripts(placeholder.ReplaceAllString(m.zh, "")); han == 0 && latin > 0 {
			t.Errorf("message %d is not Chinese: %q", k, m.zh)
		}
	}
}

func scripts(s string) (han, latin int) {
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.Is(unicode.Latin, r):
			latin++
		}
	}
	return han, latin
}
