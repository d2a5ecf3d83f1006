package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/token"
)

const (
	maxHistory = 5  // earlier questions that a page carries
	maxChoices = 60 // reports to choose from; of more, none are listed
	listed     = 12 // reports that the empty page names
)

// askView is the ask page.
type askView struct {
	frame
	Question string
	Report   string
	Choices  []bot.ReportInfo
	History  []string // carried by the form
	After    string
	Anew     string
	Chosen   string // lang, where it was chosen
	Longest  int
	Examples []link
	Covers   string
	Reports  []bot.ReportInfo
	Reply    *replyView
}

// askPage is the page without a question, or with one and its answer.
func (s *Server) askPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	lang := s.language(r)
	v := askView{frame: s.frame(r, lang, lang.Say(text.PageTitle)), Question: strings.TrimSpace(q.Get("q")),
		Report: q.Get("report"), Longest: answers.MaxQuestion}
	if q.Has("lang") {
		v.Chosen = string(lang)
	}
	reports := s.Library.Reports()
	if len(reports) > 1 && len(reports) <= maxChoices {
		v.Choices = reports
	}
	status := http.StatusOK
	if v.Question == "" {
		v.Covers = lang.Say(text.PageCovers, text.Count(len(reports)))
		v.Reports = reports[:min(len(reports), listed)]
		v.Examples = s.examples(r, v)
	} else {
		v.Title = v.Question + " · " + v.Title
		status = s.reply(r, lang, &v, history(q["h"]))
	}
	s.show(w, r, status, s.views.ask, v)
}

// history keeps the last earlier questions that can be ones.
func history(asked []string) []string {
	var kept []string
	for _, q := range asked {
		if q = strings.TrimSpace(q); q != "" && utf8.RuneCountInString(q) <= answers.MaxQuestion {
			kept = append(kept, q)
		}
	}
	return kept[max(0, len(kept)-maxHistory):]
}

// reply asks the question of a page and puts the reply into it.
func (s *Server) reply(r *http.Request, lang text.Lang, v *askView, before []string) int {
	a, err := s.ask(r, answers.Request{Question: v.Question, History: before, Report: v.Report, Lang: string(lang)})
	if err != nil {
		reply, status := s.excuse(r, lang, err)
		v.Reply = s.view(reply, *v)
		return status
	}
	v.Reply = s.view(compose.Answer(lang, "", a, s.Library), *v)
	if a.Status == answers.SmallTalk {
		v.History = before
	} else {
		v.History = history(append(before, v.Question))
	}
	if n := len(v.History); n > 0 {
		v.After = lang.Say(text.PageAfter, text.Name(v.History[n-1]))
		v.Anew = v.address("")
	}
	return http.StatusOK
}

// excuse says why there is neither an answer nor a refusal.
func (s *Server) excuse(r *http.Request, lang text.Lang, err error) (bot.Reply, int) {
	var limit limitError
	say := func(k bot.Kind, key text.Key, args ...text.Arg) bot.Reply {
		return compose.Notice(k, lang, lang.Say(key, args...))
	}
	switch {
	case errors.Is(err, answers.ErrEmpty):
		return say(bot.KindNotice, text.Empty), http.StatusBadRequest
	case errors.Is(err, answers.ErrTooLong):
		return say(bot.KindNotice, text.TooLong, text.Count(answers.MaxQuestion)), http.StatusBadRequest
	case errors.Is(err, answers.ErrUnknownReport):
		return say(bot.KindNotice, text.PageNoReport), http.StatusNotFound
	case errors.As(err, &limit):
		return say(bot.KindLimited, text.LimitedUser, text.Wait(limit.wait)), http.StatusTooManyRequests
	case errors.Is(err, errBusy), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return say(bot.KindBusy, text.Busy), http.StatusServiceUnavailable
	}
	s.failed(r, err)
	return say(bot.KindFailed, text.Failed), http.StatusInternalServerError
}

// examples are questions to begin with: ours, or those that a greeting is
// answered with.
func (s *Server) examples(r *http.Request, v askView) []link {
	questions := s.Examples
	if len(questions) == 0 {
		a, err := s.Answerer.Answer(r.Context(), answers.Request{Question: "你好", Report: v.Report})
		if err != nil {
			return nil
		}
		questions = a.Suggestions
	}
	var out []link
	for _, q := range questions {
		out = append(out, link{q, v.address(q)})
	}
	return out
}

// address is where q is asked, of the same report and in the same language.
func (v askView) address(q string) string {
	values := url.Values{}
	for name, value := range map[string]string{"q": q, "report": v.Report, "lang": v.Chosen} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return (&url.URL{Path: "/", RawQuery: values.Encode()}).String()
}

// replyView is a reply as the page shows it.
type replyView struct {
	Kind        bot.Kind
	Blocks      []blockView
	Suggestions []link
}

type blockView struct {
	Kind   bot.BlockKind
	Lines  []string
	Value  string   // of a figure
	About  []string // what it is of, when, which kind
	Quote  *quoteView
	Items  []bot.Item
	Before string // a heading above it
}

type quoteView struct {
	Parts []part
	Label string
	URL   string
	Lead  bool // the quote that answers
	Note  string
	Chips []link
}

func (s *Server) view(reply bot.Reply, v askView) *replyView {
	out := &replyView{Kind: reply.Kind}
	for _, b := range reply.Blocks {
		block := blockView{Kind: b.Kind, Items: b.Items}
		if b.Text != "" {
			block.Lines = strings.Split(b.Text, "\n")
		}
		if b.Figure != nil {
			block.Value = b.Figure.Value
			for _, about := range []string{b.Figure.Indicator, b.Figure.Period, b.Text} {
				if about != "" {
					block.About = append(block.About, about)
				}
			}
		}
		if b.Quote != nil {
			block.Quote = s.quote(b.Quote, v)
			block.Quote.Lead = reply.Kind == bot.KindAnswer && b.Quote.Number == 1
			if reply.Kind == bot.KindAnswer && b.Quote.Number == 2 {
				block.Before = v.Words["further"]
			}
		}
		out.Blocks = append(out.Blocks, block)
	}
	for _, b := range reply.Suggestions {
		out.Suggestions = append(out.Suggestions, link{b.Label, v.address(b.Label)})
	}
	return out
}

// quote shows a quote; on our own pages its link stays on this host.
func (s *Server) quote(q *bot.Quote, v askView) *quoteView {
	out := &quoteView{Parts: parts(q.Text, q.Marks, nil), Label: q.Citation.Label, Note: q.Note, URL: q.Citation.URL}
	if s.PublicURL != "" {
		out.URL = strings.TrimPrefix(out.URL, s.PublicURL)
	}
	if v.Chosen != "" {
		out.URL += "&lang=" + v.Chosen
	}
	for _, b := range q.Buttons {
		if b.Verb == token.Term {
			out.Chips = append(out.Chips, link{b.Label, v.address(text.Zh.Say(text.AskTerm, text.Name(b.Label)))})
		}
	}
	return out
}
