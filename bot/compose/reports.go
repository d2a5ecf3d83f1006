package compose

import (
	"strconv"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/token"
)

// navigated marks, in a paragraph button's second argument, a step taken from
// a paragraph that is already shown: steps + navigated.
const navigated = 1000

// Steps decodes a paragraph button's second argument: how many paragraphs
// after the quote's own to show, and whether it takes the place of the one
// shown.
func Steps(arg int) (steps int, replaces bool) {
	if arg == 0 {
		return 0, false
	}
	return arg - navigated, true
}

// MaxSteps is how far one may read on from a quote, either way.
const MaxSteps = navigated / 2

// Passage returns the paragraph that stands steps after the one of the i-th
// quote of an answer; at is the quote's span in it, if it is the quote's own.
func Passage(lang text.Lang, code string, i, steps int, p bot.Paragraph, at *answers.Mark) bot.Reply {
	q := quoted(p.Place)
	if at != nil && 0 <= at.Start && at.Start < at.End && at.End <= len(p.Text) {
		q.Marks = []answers.Mark{*at}
	}
	turn := func(label text.Key, to int) bot.Button {
		return bot.Button{Verb: token.Paragraph, Label: lang.Say(label),
			Token: token.Token{Verb: token.Paragraph, Name: code, Args: [2]int{i, to + navigated}}.String()}
	}
	r := bot.Reply{Kind: bot.KindPassage, Lang: lang, Code: code, Private: true, Blocks: []bot.Block{
		{Kind: bot.BlockTitle, Text: lang.Say(text.ParagraphTitle, text.Name(p.Title))},
		{Kind: bot.BlockQuote, Quote: q},
	}}
	switch {
	case p.Previous == "":
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockNote, Text: lang.Say(text.ParagraphFirst)})
	case steps > -MaxSteps:
		r.Buttons = append(r.Buttons, turn(text.ButtonPrevious, steps-1))
	}
	switch {
	case p.Next == "":
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockNote, Text: lang.Say(text.ParagraphLast)})
	case steps < MaxSteps:
		r.Buttons = append(r.Buttons, turn(text.ButtonNext, steps+1))
	}
	return r
}

func quoted(p bot.Place) *bot.Quote {
	return &bot.Quote{Text: p.Text, Citation: answers.Citation{
		Report: p.Report, Title: p.Title, Section: p.Section, Paragraph: p.Number,
		ParagraphID: p.ID, Label: p.Label, URL: p.URL}}
}

// maxEntries of one term are shown at once.
const maxEntries = 3

// Term returns what the glossaries say of a term; entries is not empty.
func Term(lang text.Lang, entries []bot.TermEntry) bot.Reply {
	r := bot.Reply{Kind: bot.KindPassage, Lang: lang}
	shown := min(maxEntries, len(entries))
	for _, e := range entries[:shown] {
		q := quoted(e.Place)
		q.Citation.Term = e.Name
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockQuote, Quote: q})
	}
	if rest := len(entries) - shown; rest > 0 {
		r.Blocks = append(r.Blocks, bot.Block{Kind: bot.BlockNote, Text: lang.Say(text.TermMore, text.Count(rest))})
	}
	return r
}

// Terms returns the n-th page of the glossary.
func Terms(lang text.Lang, terms []bot.TermInfo, n int) bot.Reply {
	if len(terms) == 0 {
		return Say(lang, text.TermsNone)
	}
	from, to, pages := page(len(terms), n)
	var items []bot.Item
	for _, t := range terms[from:to] {
		items = append(items, bot.Item{Text: t.Name, Button: &bot.Button{Verb: token.Term, Label: t.Name, Token: termToken(t)}})
	}
	r := list(lang, lang.Say(text.TermsTitle, text.Count(len(terms))), items)
	pager(&r, token.Terms, from/pageItems, pages)
	return r
}

// Sources returns the n-th page of the reports; chosen is the id of the one
// that the conversation keeps to.
func Sources(lang text.Lang, reports []bot.ReportInfo, chosen string, n int) bot.Reply {
	if len(reports) == 0 {
		return Say(lang, text.SourcesNone)
	}
	from, to, pages := page(len(reports), n)
	r := list(lang, lang.Say(text.SourcesTitle, text.Count(len(reports))), shelf(lang, reports[from:to], chosen))
	pager(&r, token.Sources, from/pageItems, pages)
	return r
}

// Choices returns reports to choose from, under a title.
func Choices(lang text.Lang, title string, reports []bot.ReportInfo) bot.Reply {
	return list(lang, title, shelf(lang, reports[:min(pageItems, len(reports))], ""))
}

// ReportKey is the name under which a report's button finds it.
func ReportKey(id string) string { return token.Key(id) }

func shelf(lang text.Lang, reports []bot.ReportInfo, chosen string) []bot.Item {
	var items []bot.Item
	for _, rep := range reports {
		i := bot.Item{Text: Title(rep), URL: rep.URL, Button: &bot.Button{Verb: token.Use, Label: Title(rep),
			Token: token.Token{Verb: token.Use, Name: ReportKey(rep.ID)}.String()}}
		if rep.ID == chosen {
			i.Note = lang.Say(text.SourceChosen)
		}
		items = append(items, i)
	}
	return items
}

// Title names a report: its title, else region and year, else its id.
func Title(r bot.ReportInfo) string {
	switch {
	case r.Title != "":
		return r.Title
	case r.Region != "" && r.Year > 0:
		return r.Region + " " + strconv.Itoa(r.Year)
	}
	return r.ID
}

func list(lang text.Lang, title string, items []bot.Item) bot.Reply {
	return bot.Reply{Kind: bot.KindList, Lang: lang, Blocks: []bot.Block{
		{Kind: bot.BlockTitle, Text: title}, {Kind: bot.BlockList, Items: items}}}
}

// Ask returns questions to choose from, under a title; none gives the other
// message.
func Ask(lang text.Lang, title, none text.Key, questions []string) bot.Reply {
	if len(questions) == 0 {
		return Say(lang, none)
	}
	return bot.Reply{Kind: bot.KindList, Lang: lang, Suggestions: Questions(questions),
		Blocks: []bot.Block{{Kind: bot.BlockTitle, Text: lang.Say(title)}}}
}
