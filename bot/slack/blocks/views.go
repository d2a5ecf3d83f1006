package blocks

import (
	"strconv"

	"github.com/slack-go/slack"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
)

// A Home is what the home of the app shows one person.
type Home struct {
	Lang     text.Lang
	Command  string // "/ask"
	Examples []bot.Button
	Recent   []bot.Button
	Popular  []bot.Button
	Reports  []bot.ReportInfo
}

const (
	mostReports = 30
	mostOffered = 8
)

// View renders the home.
func (h Home) View() slack.HomeTabViewRequest {
	x := &renderer{lang: h.Lang}
	out := []slack.Block{header(h.Lang.Say(text.PageTitle))}
	out = append(out, rich(false, run{h.Lang.Say(text.SlackHomeLead, text.Name(h.Command)), false})...)
	ask := slack.NewButtonBlockElement(x.ids.next(ActionCompose), "ask", plain(h.Lang.Say(text.SlackHomeAsk), MaxButton)).WithStyle(slack.StylePrimary)
	out = append(out, slack.NewActionBlock("", ask))
	for _, part := range []struct {
		title   text.Key
		buttons []bot.Button
	}{{text.PageExamples, h.Examples}, {text.SlackHomeRecent, h.Recent}, {text.SlackHomePopular, h.Popular}} {
		if len(part.buttons) == 0 {
			continue
		}
		out = append(out, slack.NewDividerBlock())
		out = append(out, rich(false, run{h.Lang.Say(part.title), true})...)
		out = append(out, actions(&x.ids, part.buttons[:min(mostOffered, len(part.buttons))])...)
	}
	if len(h.Reports) > 0 {
		out = append(out, slack.NewDividerBlock())
		out = append(out, rich(false, run{h.Lang.Say(text.SourcesTitle, text.Count(len(h.Reports))), true})...)
		out = append(out, reports(h.Reports)...)
	}
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: out[:min(len(out), MaxViewBlocks)]}}
}

// reports lists reports, several to a section.
func reports(list []bot.ReportInfo) []slack.Block {
	var out []slack.Block
	lines, used := "", 0
	end := func() {
		if lines != "" {
			out = append(out, slack.NewSectionBlock(&slack.TextBlockObject{Type: slack.MarkdownType, Text: lines, Verbatim: true}, nil, nil))
		}
		lines, used = "", 0
	}
	for _, r := range list[:min(mostReports, len(list))] {
		title := r.Title
		if title == "" {
			title = r.ID
		}
		line := "•  " + link(r.URL, title, MaxSection/4)
		if used+size(line)+1 > MaxSection {
			end()
		}
		if lines != "" {
			lines += "\n"
			used++
		}
		lines += line
		used += size(line)
	}
	end()
	if rest := len(list) - mostReports; rest > 0 {
		out = append(out, note("… +"+strconv.Itoa(rest)))
	}
	return out
}

// Names of the forms and of what they ask for.
const (
	FormReason   = "reason"
	FormAsk      = "ask"
	BlockReason  = "reason"
	BlockWords   = "words"
	InputID      = "input"
	longestWords = 500
)

// ReasonForm asks what was wrong with an answer; reasons are the buttons of
// the reply that asks the same.
func ReasonForm(lang text.Lang, reasons []bot.Button, metadata string) slack.ModalViewRequest {
	words := &slack.PlainTextInputBlockElement{Type: slack.METPlainTextInput, ActionID: InputID, Multiline: true, MaxLength: longestWords}
	input := slack.NewInputBlock(BlockWords, plain(lang.Say(text.SlackReasonWords), MaxLabel), nil, words).WithOptional(true)
	var options []*slack.OptionBlockObject
	for _, b := range reasons[:min(MaxOptions, len(reasons))] {
		options = append(options, &slack.OptionBlockObject{Text: plain(b.Label, MaxButton), Value: fit(b.Token, MaxOptionValue)})
	}
	var out []slack.Block
	if len(options) > 0 {
		choice := slack.NewInputBlock(BlockReason, plain(lang.Say(text.SlackReasonTitle), MaxLabel), nil, slack.NewRadioButtonsBlockElement(InputID, options...))
		out = append(out, choice.WithOptional(true))
	}
	return form(lang, FormReason, text.SlackReasonTitle, metadata, append(out, input)...)
}

// AskForm asks for a question, beginning with the words given.
func AskForm(lang text.Lang, words, metadata string) slack.ModalViewRequest {
	e := &slack.PlainTextInputBlockElement{Type: slack.METPlainTextInput, ActionID: InputID, Multiline: true, MinLength: 1, MaxLength: answers.MaxQuestion,
		InitialValue: fit(words, answers.MaxQuestion), Placeholder: plain(lang.Say(text.SlackAskHint), MaxPlaceholder), FocusOnLoad: true}
	return form(lang, FormAsk, text.SlackHomeAsk, metadata, slack.NewInputBlock(BlockWords, plain(lang.Say(text.PageQuestion), MaxLabel), nil, e))
}

func form(lang text.Lang, name string, title text.Key, metadata string, blocks ...slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{Type: slack.VTModal, CallbackID: name, PrivateMetadata: metadata,
		Title: plain(lang.Say(title), MaxTitle), Submit: plain(lang.Say(text.SlackSend), MaxTitle), Close: plain(lang.Say(text.SlackCancel), MaxTitle),
		Blocks: slack.Blocks{BlockSet: blocks}}
}
