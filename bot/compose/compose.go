// Package compose makes replies of answers, reports and terms. It decides
// what a reply shows and in which order; words come from the catalogue,
// quotes from what it is given, verbatim.
package compose

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/token"
)

const (
	maxChips       = 3 // glossary chips at one quote
	maxSuggestions = 5
	pageItems      = 20 // of a list
)

// Notice returns a short text.
func Notice(kind bot.Kind, lang text.Lang, message string) bot.Reply {
	return bot.Reply{Kind: kind, Lang: lang, Blocks: []bot.Block{{Kind: bot.BlockText, Text: message}}}
}

// Say returns a short text of the catalogue.
func Say(lang text.Lang, k text.Key, args ...text.Arg) bot.Reply {
	return Notice(bot.KindNotice, lang, lang.Say(k, args...))
}

// Confirm returns a short text with a button that does what it warns of.
func Confirm(lang text.Lang, v token.Verb, warning, label text.Key) bot.Reply {
	r := Say(lang, warning)
	r.Private = true
	r.Buttons = []bot.Button{{Verb: v, Label: lang.Say(label), Token: token.Token{Verb: v}.String()}}
	return r
}

// Toast returns a short text that may be shown in passing.
func Toast(lang text.Lang, k text.Key, args ...text.Arg) bot.Reply {
	r := Say(lang, k, args...)
	r.Toast, r.Private = true, true
	return r
}

// Answer returns the reply to an answer that is kept under code; without a
// code it has no buttons that need one.
func Answer(lang text.Lang, code string, a answers.Answer, terms bot.Glossary) bot.Reply {
	switch a.Status {
	case answers.SmallTalk:
		return talk(lang, a)
	case answers.NoAnswer:
		return refusal(lang, code, a, terms)
	}
	r := bot.Reply{Kind: bot.KindAnswer, Lang: lang, Code: code}
	understood(&r, a)
	if a.Message != "" {
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockText, Text: a.Message})
	}
	if a.Figure != nil {
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockFigure, Figure: a.Figure, Said: a.Said(), Text: figureKind(lang, a.Figure)})
	}
	r.Blocks = append(r.Blocks, Quotes(lang, code, a.Excerpts, 0, terms)...)
	if code != "" {
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockNote, Text: lang.Say(text.AnswerCode, text.Code(code))})
		r.Buttons = []bot.Button{
			button(lang, token.More, text.ButtonMore, code),
			button(lang, token.Related, text.ButtonRelated, code),
			button(lang, token.Up, text.ButtonUp, code),
			downButton(lang, code),
		}
	}
	r.Suggestions = Questions(a.Suggestions)
	return r
}

func talk(lang text.Lang, a answers.Answer) bot.Reply {
	message := a.Message
	if message == "" {
		key := text.Greeting
		switch a.Talk {
		case "thanks":
			key = text.Thanks
		case "farewell":
			key = text.Farewell
		case "identity":
			key = text.Identity
		}
		message = lang.Say(key)
	}
	r := Notice(bot.KindTalk, lang, message)
	r.Suggestions = Questions(a.Suggestions)
	return r
}

func refusal(lang text.Lang, code string, a answers.Answer, terms bot.Glossary) bot.Reply {
	message := a.Message
	if message == "" {
		message = lang.Say(text.Refused)
	}
	r := bot.Reply{Kind: bot.KindRefusal, Lang: lang, Code: code}
	understood(&r, a)
	r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockText, Text: message})
	if len(a.Excerpts) > 0 {
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockTitle, Text: lang.Say(text.Nearest)})
		r.Blocks = append(r.Blocks, Quotes(lang, code, a.Excerpts, 0, terms)...)
	}
	if code != "" {
		if a.Reason != answers.OffTopic {
			r.Buttons = append(r.Buttons, button(lang, token.Watch, text.ButtonWatch, code))
		}
		r.Buttons = append(r.Buttons, button(lang, token.Up, text.ButtonUp, code), downButton(lang, code))
	}
	r.Suggestions = Questions(a.Suggestions)
	return r
}

func understood(r *bot.Reply, a answers.Answer) {
	if a.Understood != "" && a.Understood != a.Question {
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockNote, Text: r.Lang.Say(text.Understood, text.Name(a.Understood))})
	}
}

func figureKind(lang text.Lang, f *answers.Figure) string {
	switch f.Kind {
	case "achieved":
		return lang.Say(text.FigureAchieved)
	case "target":
		return lang.Say(text.FigureTarget)
	case "forecast":
		return lang.Say(text.FigureForecast)
	}
	return ""
}

// Quotes returns a block for each excerpt; the first has number from+1.
func Quotes(lang text.Lang, code string, excerpts []answers.Excerpt, from int, terms bot.Glossary) []bot.Block {
	var out []bot.Block
	for i, x := range excerpts {
		q := &bot.Quote{Number: from + i + 1, Text: x.Quote, Marks: x.Marks, Citation: x.Citation}
		if x.Citation.Curated {
			q.Note = lang.Say(text.Curated)
		}
		if code != "" {
			at := [2]int{from + i}
			q.Buttons = []bot.Button{
				{Verb: token.Paragraph, Label: lang.Say(text.ButtonParagraph), Token: token.Token{Verb: token.Paragraph, Name: code, Args: at}.String()},
				{Verb: token.Why, Label: lang.Say(text.ButtonWhy), Token: token.Token{Verb: token.Why, Name: code, Args: at}.String()},
			}
		}
		q.Buttons = append(q.Buttons, chips(lang, TermsIn(terms, x), maxChips)...)
		out = append(out, bot.Block{Kind: bot.BlockQuote, Quote: q})
	}
	return out
}

// TermsIn returns the terms of the excerpt's report that occur in its quote,
// in the order of the glossary; not the one whose entry it is.
func TermsIn(terms bot.Glossary, x answers.Excerpt) []bot.TermInfo {
	var out []bot.TermInfo
	for _, t := range terms.Terms(x.Citation.Report) {
		if t.Name == x.Citation.Term {
			continue
		}
		for _, form := range t.Forms {
			if utf8.RuneCountInString(form) > 1 && strings.Contains(x.Quote, form) {
				out = append(out, t)
				break
			}
		}
	}
	return out
}

func chips(lang text.Lang, terms []bot.TermInfo, most int) []bot.Button {
	var out []bot.Button
	for _, t := range terms[:min(most, len(terms))] {
		out = append(out, bot.Button{Verb: token.Term, Label: lang.Say(text.ButtonTerm, text.Name(t.Name)), Token: termToken(t)})
	}
	return out
}

// TermKey is the name under which a term's button finds it.
func TermKey(t bot.TermInfo) string { return token.Key(t.Report + "\x00" + t.Name) }

func termToken(t bot.TermInfo) string {
	return token.Token{Verb: token.Term, Name: TermKey(t)}.String()
}

// Questions returns buttons that ask questions; the label is the question.
func Questions(questions []string) []bot.Button {
	var out []bot.Button
	for _, q := range questions {
		if len(out) == maxSuggestions {
			break
		}
		if q == "" || utf8.RuneCountInString(q) > answers.MaxQuestion {
			continue
		}
		out = append(out, bot.Button{Verb: token.Ask, Label: q, Token: token.Token{Verb: token.Ask, Name: token.Key(q)}.String()})
	}
	return out
}

func button(lang text.Lang, v token.Verb, label text.Key, code string) bot.Button {
	return bot.Button{Verb: v, Label: lang.Say(label), Token: token.Token{Verb: v, Name: code}.String()}
}

func downButton(lang text.Lang, code string) bot.Button {
	b := button(lang, token.Down, text.ButtonDown, code)
	b.Asks = true
	return b
}

// Reasons are what may be wrong with an answer, by the argument of the
// button; 0 is none given.
var reasons = [...]struct {
	name string
	key  text.Key
}{
	{"", 0},
	{"wrong", text.ReasonWrong},
	{"incomplete", text.ReasonIncomplete},
	{"outdated", text.ReasonOutdated},
	{"unclear", text.ReasonUnclear},
}

// Reason returns the name of the i-th reason, "" for none.
func Reason(i int) string {
	if i < 1 || i >= len(reasons) {
		return ""
	}
	return reasons[i].name
}

// Down returns the reply to a 👎 without a reason: it asks for one.
func Down(lang text.Lang, code string) bot.Reply {
	r := Toast(lang, text.VotedDown)
	r.Code = code
	for i, reason := range reasons {
		if i > 0 {
			t := token.Token{Verb: token.Down, Name: code, Args: [2]int{i}}
			r.Buttons = append(r.Buttons, bot.Button{Verb: token.Down, Label: lang.Say(reason.key), Token: t.String()})
		}
	}
	return r
}

// More returns further excerpts of an answer, after the shown that were seen
// before.
func More(lang text.Lang, code string, further []answers.Excerpt, shown int, terms bot.Glossary) bot.Reply {
	r := bot.Reply{Kind: bot.KindPassage, Lang: lang, Code: code,
		Blocks: []bot.Block{{Kind: bot.BlockTitle, Text: lang.Say(text.MoreTitle)}}}
	r.Blocks = append(r.Blocks, Quotes(lang, code, further, shown, terms)...)
	if shown+len(further) < answers.MaxTop {
		r.Buttons = []bot.Button{button(lang, token.More, text.ButtonMore, code)}
	}
	return r
}

// Why returns why an excerpt was chosen.
func Why(lang text.Lang, code string, x answers.Excerpt, rank int) bot.Reply {
	var lines []string
	if words := marked(x); len(words) > 0 {
		lines = append(lines, lang.Say(text.WhyWords, text.List(lang, words...)))
	} else if x.Citation.Term == "" {
		lines = append(lines, lang.Say(text.WhyMeaning))
	}
	if t := x.Citation.Term; t != "" {
		lines = append(lines, lang.Say(text.WhyTerm, text.Name(t)))
	}
	if n := len(x.Citation.Section); n > 0 {
		lines = append(lines, lang.Say(text.WhySection, text.Name(strings.Join(x.Citation.Section, " › "))))
	}
	if p := x.Citation.Period; p != "" {
		lines = append(lines, lang.Say(text.WhyPeriod, text.Name(p)))
	}
	if x.Citation.Curated {
		lines = append(lines, lang.Say(text.WhyCurated))
	}
	lines = append(lines, lang.Say(text.WhyRank, text.Count(rank+1)))
	return bot.Reply{Kind: bot.KindNotice, Lang: lang, Code: code, Private: true, Blocks: []bot.Block{
		{Kind: bot.BlockTitle, Text: lang.Say(text.WhyTitle)},
		{Kind: bot.BlockQuote, Quote: &bot.Quote{Text: x.Quote, Marks: x.Marks, Citation: x.Citation}},
		{Kind: bot.BlockText, Text: strings.Join(lines, "\n")},
	}}
}

// marked returns the marked words of a quote, each once.
func marked(x answers.Excerpt) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range x.Marks {
		if m.Start < 0 || m.End > len(x.Quote) || m.Start >= m.End {
			continue
		}
		if w := x.Quote[m.Start:m.End]; !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// Verify returns what became of the quotes of an answer.
func Verify(lang text.Lang, code string, a answers.Answer, source bot.Source) bot.Reply {
	if len(a.Excerpts) == 0 {
		return Say(lang, text.VerifyEmpty, text.Code(code))
	}
	r := bot.Reply{Kind: bot.KindVerify, Lang: lang, Code: code,
		Blocks: []bot.Block{{Kind: bot.BlockTitle, Text: lang.Say(text.VerifyTitle, text.Code(code))}}}
	for i, x := range a.Excerpts {
		key := text.VerifyGone
		switch source.Check(x.Citation.Report, x.Citation.ParagraphID, x.Start, x.End, x.Quote) {
		case bot.Unchanged:
			key = text.VerifyUnchanged
		case bot.Changed:
			key = text.VerifyChanged
		}
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockQuote, Quote: &bot.Quote{
			Number: i + 1, Text: x.Quote, Citation: x.Citation, Note: lang.Say(key)}})
	}
	return r
}

func page(items, n int) (from, to, pages int) {
	pages = max(1, (items+pageItems-1)/pageItems)
	n = min(max(n, 0), pages-1)
	return n * pageItems, min(items, (n+1)*pageItems), pages
}

// pager adds the note and the buttons of a list of several pages. Their
// second argument says that they replace the page they are on.
func pager(r *bot.Reply, v token.Verb, n, pages int) {
	if pages < 2 {
		return
	}
	r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockNote,
		Text: r.Lang.Say(text.PageNote, text.Count(n+1), text.List(r.Lang, strconv.Itoa(pages)))})
	turn := func(label text.Key, to int) {
		r.Buttons = append(r.Buttons, bot.Button{Verb: v, Label: r.Lang.Say(label),
			Token: token.Token{Verb: v, Args: [2]int{to, 1}}.String()})
	}
	if n > 0 {
		turn(text.ButtonPreviousPage, n-1)
	}
	if n < pages-1 {
		turn(text.ButtonNextPage, n+1)
	}
}
