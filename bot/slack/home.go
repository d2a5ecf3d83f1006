package slack

import (
	"context"
	"encoding/json"
	"time"

	"github.com/slack-go/slack"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/compose"
	"wenbao/bot/slack/blocks"
	"wenbao/bot/store"
)

// examples are questions that can be answered, as a greeting offers them.
func (a *App) examples(ctx context.Context) []string {
	if a.Answerer == nil {
		return nil
	}
	hello, err := a.Answerer.Answer(ctx, answers.Request{Question: "你好", Lang: string(a.Settings.Lang)})
	if err != nil {
		a.Log.WarnContext(ctx, "no examples for the home", "error", err)
		return nil
	}
	return hello.Suggestions
}

// publish shows the home to a person.
func (a *App) publish(ctx context.Context, workspace, user string) {
	if user == "" {
		return
	}
	who := bot.Address{Platform: Platform, Workspace: workspace, User: user}
	view := a.home(ctx, who).View()
	for wait := time.Second; ; wait *= 2 {
		t, err := a.token(ctx, workspace)
		if err == nil {
			_, err = a.calls.client(t).PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: view})
			err = a.calls.judge("views.publish", workspace, user, err)
		}
		if err == nil {
			return
		}
		if permanent(err) || wait > 8*time.Second || !sleep(ctx, max(wait, retryAfter(err))) {
			a.Log.WarnContext(ctx, "slack home was not published", "error", a.Redactor.Error(err))
			return
		}
	}
}

// home gathers what a person's home shows.
func (a *App) home(ctx context.Context, who bot.Address) blocks.Home {
	h := blocks.Home{Lang: a.Settings.Lang, Command: a.Settings.Command, Reports: a.Library.Reports()}
	h.Examples = a.offered(ctx, a.examples(ctx))
	h.Recent = a.offered(ctx, a.recentOf(ctx, who))
	if a.Popular != nil {
		questions, err := a.Popular.Top(ctx, who.Team(), homeQuestions)
		if err != nil {
			a.Log.DebugContext(ctx, "store failed", "store", "popular", "error", err)
		}
		h.Popular = a.offered(ctx, questions)
	}
	return h
}

// homeQuestions of each kind are shown in the home.
const homeQuestions = 5

// offered makes buttons of questions, and keeps what is behind them.
func (a *App) offered(ctx context.Context, questions []string) []bot.Button {
	buttons := compose.Questions(questions)
	for _, b := range buttons {
		if err := a.Phrases.Keep(ctx, b.Token[3:], b.Label); err != nil {
			a.Log.WarnContext(ctx, "store failed", "store", "phrases", "error", err)
			return nil
		}
	}
	return buttons
}

// asked remembers what a person asked, for their home.
func (a *App) asked(ctx context.Context, who bot.Address, question string) {
	if question == "" || len(question) > 600 {
		return
	}
	list := []string{question}
	for _, q := range a.recentOf(ctx, who) {
		if q != question && len(list) < homeQuestions {
			list = append(list, q)
		}
	}
	raw, err := json.Marshal(list)
	if err == nil {
		err = a.Recent.Put(ctx, store.Item{Key: who.Person(), Owner: who.Person(), Value: raw, Expires: a.Now().Add(30 * 24 * time.Hour)})
	}
	if err != nil {
		a.Log.DebugContext(ctx, "question was not kept", "error", err)
	}
}

func (a *App) recentOf(ctx context.Context, who bot.Address) []string {
	raw, found, err := a.Recent.Get(ctx, who.Person())
	var list []string
	if err != nil || !found || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}
