package conversation_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"wenbao/answers"
	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/stores"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/lexicon"
	"wenbao/seeds"
)

// The same conversation with the answers that askers get: what must come
// back, not how it is worded.
func TestRealAnswers(t *testing.T) {
	l, err := lexicon.Load(os.DirFS("../../configs/lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := retrieval.NewGeneration(t.Context(), "", loadCorpus(t, seeds.FS), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	engine := retrieval.NewEngine(g, retrieval.Options{Dictionary: cedict.Open()})
	t.Cleanup(func() { _ = engine.Close() })
	h, err := conversation.New(conversation.Parts{Answerer: answers.New(engine, answers.Options{}), Library: library.New(engine, ""),
		Stores: stores.Memory(stores.Defaults(), time.Now).Stores})
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	for i, c := range []struct {
		locale, text string
		kind         bot.Kind
		holds        []string
	}{
		{"zh", "你好", bot.KindTalk, []string{"你好"}},
		{"en", "hello", bot.KindTalk, []string{"Hello"}},
		{"zh", "三线一单是什么？", bot.KindAnswer, []string{"生态保护红线、环境质量底线"}},
		{"zh", "四水四定呢？", bot.KindAnswer, []string{"以水定城、以水定地"}},
		{"zh", "2021年地区生产总值增长多少？", bot.KindAnswer, []string{"6.3％", "编号"}},
		{"en", "how much did GDP grow in 2021?", bot.KindAnswer, []string{"6.3％", "Code"}},
		{"zh", "更多", bot.KindPassage, []string{"更多原文"}},
		{"zh", "2030年奥运会在哪里举办", bot.KindRefusal, nil},
		{"zh", "术语 双减", bot.KindPassage, []string{"减轻义务教育阶段学生作业负担"}},
		{"en", "terms", bot.KindList, []string{"“千兆城市”"}},
		{"en", "verify CODE", bot.KindVerify, []string{"unchanged"}},
	} {
		m := bot.Message{Address: alice, ID: string(rune('a' + i)), Text: strings.Replace(c.text, "CODE", code, 1), Addressed: true, Locale: c.locale}
		r, err := h.Handle(t.Context(), m)
		shown := bottest.Print(r)
		if err != nil || r.Kind != c.kind {
			t.Errorf("%s: %v, %s", c.text, err, shown)
		}
		plain := strings.ReplaceAll(shown, "*", "")
		for _, s := range c.holds {
			if !strings.Contains(plain, s) {
				t.Errorf("%s: no %q in\n%s", c.text, s, shown)
			}
		}
		if r.Kind == bot.KindAnswer {
			code = r.Code
		}
		for _, b := range bottest.Buttons(r) {
			if _, err := h.Act(t.Context(), bot.Action{Address: alice, ID: "x", Token: b.Token}); err != nil {
				t.Errorf("%s: press %s: %v", c.text, b.Label, err)
			}
		}
	}
}
