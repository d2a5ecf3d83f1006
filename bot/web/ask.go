package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/token"
	"wenbao/retrieval/question"
)

const (
	maxHistory = 5  // earlier questions that a page carries
	maxChoices = 60 // reports to choose from; of more, none are listed
	listed     = 12 // reports that the empty page names
	mostOthers = 5  // questions of others that it shows
	maxForm    = 64 << 10
)

// askView is the ask page.
type askView struct {
	frame
	state
	Question string
	Heading  string // of what is shown
	Choices  []bot.ReportInfo
	After    string
	Anew     string
	Longest  int
	Examples []link
	Popular  []link // what others asked
	Covers   string
	Reports  []bot.ReportInfo
	Reply    *replyView

	before state // what the page was asked with
	most   int   // excerpts asked for
}

// newView is the page before it shows anything.
func (s *Server) newView(r *http.Request, lang text.Lang, carried state) askView {
	carried.base = s.base
	v := askView{frame: s.frame(r, lang, lang.Say(text.PageTitle)), state: carried, before: carried, Longest: answers.MaxQuestion}
	if reports := s.Library.Reports(); len(reports) > 1 && len(reports) <= maxChoices {
		v.Choices = reports
	}
	return v
}

// askPage is the page without a question, or with a reply to one or to a
// button that only shows something.
func (s *Server) askPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	lang := s.language(r)
	v := s.newView(r, lang, stateOf(q))
	v.Question = strings.TrimSpace(q.Get("q"))
	v.most = mostOf(q.Get("n"), v.Top)
	status := http.StatusOK
	switch pressed := q.Get("a"); {
	case pressed != "":
		v.Question = ""
		status = s.press(w, r, lang, &v, bot.Action{Token: pressed}, shows)
	case v.Question != "":
		status = s.reply(w, r, lang, &v)
	default:
		s.welcome(r, lang, &v)
	}
	s.show(w, r, status, s.views.ask, v)
}

// welcome fills the page without a question.
func (s *Server) welcome(r *http.Request, lang text.Lang, v *askView) {
	reports := s.Library.Reports()
	v.Covers = lang.Say(text.PageCovers, text.Count(len(reports)))
	for _, info := range reports[:min(len(reports), listed)] {
		info.URL = s.local(info.URL)
		v.Reports = append(v.Reports, info)
	}
	v.Popular = s.popular(r, v)
	v.Examples = slices.DeleteFunc(s.examples(r, v), func(l link) bool {
		return slices.ContainsFunc(v.Popular, func(p link) bool { return question.Normal(p.Text) == question.Normal(l.Text) })
	})
}

// popular are questions that others asked on the page.
func (s *Server) popular(r *http.Request, v *askView) []link {
	if s.Popular == nil {
		return nil
	}
	questions, err := s.Popular.Top(r.Context(), bot.Address{Platform: Platform}.Team(), mostOthers)
	if err != nil {
		s.Log.WarnContext(r.Context(), "store failed", "store", "popular", "error", err)
	}
	return v.links(questions)
}

// links are where questions are asked.
func (v *askView) links(questions []string) []link {
	var out []link
	for _, q := range questions {
		out = append(out, link{q, v.address(q)})
	}
	return out
}

// pressPage does what a form's button says: a vote, a confirmed erasure.
func (s *Server) pressPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	carried := stateOf(r.PostForm)
	lang := s.language(r)
	if carried.Chosen != "" {
		lang = text.Pick(carried.Chosen, lang)
	}
	v := s.newView(r, lang, carried)
	a := bot.Action{Token: r.PostForm.Get("a"), Input: strings.TrimSpace(r.PostForm.Get("input"))}
	s.show(w, r, s.press(w, r, lang, &v, a, does), s.views.ask, v)
}

// shows reports whether a button only shows something, so that a link may
// press it.
func shows(v token.Verb) bool {
	switch v {
	case token.Paragraph, token.Why, token.Related, token.Term, token.Terms, token.Sources, token.Use, token.Open, token.Ask:
		return true
	}
	return false
}

// does reports whether a form may press a button: nobody can be told later who
// is known by an address only.
func does(v token.Verb) bool { return v != token.Watch }

// mostOf is how many excerpts a page shows: as many as its link asks for, as
// the person chose, or as many as anybody gets.
func mostOf(asked string, chosen int) int {
	for _, n := range []int{number(asked), chosen} {
		if n > 0 {
			return n
		}
	}
	return mostExcerpts
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return min(max(n, 0), answers.MaxTop)
}

// reply asks the question of a page and puts the reply into it.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, lang text.Lang, v *askView) int {
	v.Heading = v.Question
	v.Title = v.Question + " · " + v.Title
	m := bot.Message{Text: v.Question, Addressed: true, Whisper: true, Confirm: true, Top: v.most, Locale: string(lang), Carried: v.session()}
	m.Address, m.Unlimited = s.turn(r)
	out, err := bot.Reply{}, s.check(v)
	if err == nil {
		out, err = s.ask(r, func(ctx context.Context) (bot.Reply, error) { return s.Conversation.Handle(ctx, m) })
	}
	return s.put(w, r, lang, v, out, err)
}

// check says what cannot be asked.
func (s *Server) check(v *askView) error {
	if utf8.RuneCountInString(v.Question) > answers.MaxQuestion {
		return answers.ErrTooLong
	}
	if v.Report == "" {
		return nil
	}
	for _, info := range s.Library.Reports() {
		if info.ID == v.Report {
			return nil
		}
	}
	return answers.ErrUnknownReport
}

// press does what a button says and puts the reply into the page.
func (s *Server) press(w http.ResponseWriter, r *http.Request, lang text.Lang, v *askView, a bot.Action, admits func(token.Verb) bool) int {
	tok, err := token.Parse(a.Token)
	if err != nil || !admits(tok.Verb) {
		v.Reply = s.view(compose.Say(lang, text.Expired), v)
		return http.StatusBadRequest
	}
	a.Locale, a.Carried, a.Whisper = string(lang), v.session(), true
	a.Address, a.Unlimited = s.turn(r)
	out, err := s.inTurn(r, func(ctx context.Context) (bot.Reply, error) { return s.Conversation.Act(ctx, a) })
	status := s.put(w, r, lang, v, out, err)
	switch tok.Verb {
	case token.Paragraph, token.Why, token.Related, token.Up, token.Down:
		back := token.Token{Verb: token.Open, Name: tok.Name}
		v.Reply.Actions = append(v.Reply.Actions, link{v.Words["back"], v.pressing(back.String())})
	}
	return status
}

// put puts a reply into the page, and returns the status of the response.
func (s *Server) put(w http.ResponseWriter, r *http.Request, lang text.Lang, v *askView, reply bot.Reply, err error) int {
	status := http.StatusOK
	switch {
	case err != nil:
		reply, status = s.excuse(r, lang, err)
	case reply.Kind == bot.KindLimited:
		retryAfter(w, reply.Wait)
		status = http.StatusTooManyRequests
	case reply.Carried != nil:
		v.state = v.with(*reply.Carried)
		if lang = text.Pick(v.Chosen, lang); v.Chosen != "" {
			v.speak(lang)
		}
	}
	if reply.Code != "" {
		v.Code = reply.Code
	}
	v.Reply = s.view(reply, v)
	if n := len(v.History); n > 0 {
		v.After = lang.Say(text.PageAfter, text.Name(v.History[n-1]))
		v.Anew = v.address("")
	}
	return status
}

// excuse says why there is neither an answer nor a refusal.
func (s *Server) excuse(r *http.Request, lang text.Lang, err error) (bot.Reply, int) {
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
	case errors.Is(err, errBusy), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return say(bot.KindBusy, text.Busy), http.StatusServiceUnavailable
	}
	s.failed(r, err)
	return say(bot.KindFailed, text.Failed), http.StatusInternalServerError
}

// examples are questions to begin with: ours, or those that a greeting is
// answered with.
func (s *Server) examples(r *http.Request, v *askView) []link {
	questions := s.Examples
	if len(questions) == 0 {
		a, err := s.Answerer.Answer(r.Context(), answers.Request{Question: "你好", Report: v.Report})
		if err != nil {
			return nil
		}
		questions = a.Suggestions
	}
	return v.links(questions)
}
