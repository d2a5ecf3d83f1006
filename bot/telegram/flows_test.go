package telegram_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wenbao/answers/text"
	"wenbao/bot/telegram/telegramfake"
)

const (
	private, group = int64(7), int64(-1001)
	ann, bea       = int64(7), int64(8)
)

// In a private chat everything is a question; in a group what is said to the
// bot is.
func TestWhatIsForTheBot(t *testing.T) {
	fromBot := telegramfake.Fields{"from": telegramfake.Fields{"id": 4242, "is_bot": true}}
	replyToBot := telegramfake.Fields{"reply_to_message": telegramfake.Fields{"message_id": 1, "from": telegramfake.Fields{"id": 4242, "is_bot": true}}}
	topicRoot := telegramfake.Fields{"reply_to_message": telegramfake.Fields{"message_id": 1, "from": telegramfake.Fields{"id": 4242}, "forum_topic_created": telegramfake.Fields{"name": "t"}}}
	caption := func(s string) telegramfake.Fields {
		return telegramfake.Fields{"text": nil, "entities": nil, "photo": []any{}, "caption": s, "caption_entities": telegramfake.EntitiesIn(s)}
	}
	textMention := telegramfake.Fields{"entities": []any{telegramfake.Fields{"type": "text_mention", "offset": 0, "length": 2, "user": telegramfake.Fields{"id": 4242}}}}
	for _, tt := range []struct {
		name string
		said telegramfake.Said
		want string // in the answer; "" where there must be none
	}{
		{"private", telegramfake.Said{Chat: private, Text: question}, answer},
		{"private caption", telegramfake.Said{Chat: private, More: caption(question)}, answer},
		{"private photo", telegramfake.Said{Chat: private, More: telegramfake.Fields{"text": nil, "photo": []any{}}}, text.Zh.Say(text.Empty)},
		{"photo of an album", telegramfake.Said{Chat: private, More: telegramfake.Fields{"text": nil, "photo": []any{}, "media_group_id": "1"}}, ""},
		{"somebody joined", telegramfake.Said{Chat: private, More: telegramfake.Fields{"text": nil, "new_chat_members": []any{}}}, ""},
		{"private command", telegramfake.Said{Chat: private, Text: "/term 三线一单"}, "三线一单"},
		{"private /cmd@otherbot", telegramfake.Said{Chat: private, Text: "/help@otherbot"}, ""},
		{"private unknown command", telegramfake.Said{Chat: private, Text: "/hepl"}, "/help"},
		{"English", telegramfake.Said{Chat: private, Text: "/use", Lang: "en"}, "Please name a report"},
		{"group chatter", telegramfake.Said{Chat: group, Text: question}, ""},
		{"group /ask", telegramfake.Said{Chat: group, Text: "/ask " + question}, answer},
		{"group /ask on a new line", telegramfake.Said{Chat: group, Text: "/ask\n" + question}, answer},
		{"group /ask@wenbao_bot", telegramfake.Said{Chat: group, Text: "/ask@Wenbao_Bot " + question}, answer},
		{"group /ask@otherbot", telegramfake.Said{Chat: group, Text: "/ask@otherbot " + question}, ""},
		{"group /ask@otherbot in a reply to the bot", telegramfake.Said{Chat: group, Text: "/ask@otherbot " + question, More: replyToBot}, ""},
		{"group /ask of nothing", telegramfake.Said{Chat: group, Text: "/ask"}, text.Zh.Say(text.Empty)},
		{"group command of some bot", telegramfake.Said{Chat: group, Text: "/ban"}, ""},
		{"group unknown command of this bot", telegramfake.Said{Chat: group, Text: "/ban@wenbao_bot"}, "没有"},
		{"group command", telegramfake.Said{Chat: group, Text: "/sources"}, "报告"},
		{"mention", telegramfake.Said{Chat: group, Text: "@wenbao_bot " + question}, answer},
		{"mention behind emoji", telegramfake.Said{Chat: group, Text: "😀👨‍👩‍👧 " + question + " @WENBAO_BOT"}, answer},
		{"mention of a longer name", telegramfake.Said{Chat: group, Text: "@wenbao_bot2 " + question}, ""},
		{"mention without its entity", telegramfake.Said{Chat: group, Text: "@wenbao_bot " + question, More: telegramfake.Fields{"entities": nil}}, ""},
		{"mention by name", telegramfake.Said{Chat: group, Text: "问报" + question, More: textMention}, answer},
		{"mention in a caption", telegramfake.Said{Chat: group, More: caption("@wenbao_bot " + question)}, answer},
		{"reply", telegramfake.Said{Chat: group, Text: question, More: replyToBot}, answer},
		{"first word in a topic of the bot's", telegramfake.Said{Chat: group, Text: question, More: topicRoot}, ""},
		{"another bot", telegramfake.Said{Chat: group, Text: "/ask " + question, More: telegramfake.Fields{"from": telegramfake.Fields{"id": 9, "is_bot": true}}}, ""},
		{"itself", telegramfake.Said{Chat: private, Text: question, More: fromBot}, ""},
		{"its own inline result", telegramfake.Said{Chat: private, Text: question, More: telegramfake.Fields{"via_bot": telegramfake.Fields{"id": 4242}}}, ""},
		{"anonymous administrator", telegramfake.Said{Chat: group, Text: "/ask " + question, More: telegramfake.Fields{
			"from": telegramfake.Fields{"id": 1087968824, "is_bot": true}, "sender_chat": telegramfake.Fields{"id": group}}}, answer},
		{"channel in a group", telegramfake.Said{Chat: group, Text: "/ask " + question, More: telegramfake.Fields{
			"sender_chat": telegramfake.Fields{"id": -1009}}}, ""},
		{"channel", telegramfake.Said{Chat: group, Text: "/ask " + question, More: telegramfake.Fields{
			"chat": telegramfake.Fields{"id": group, "type": "channel"}}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, options{}, func(t *testing.T, w *world) {
				if tt.said.User == 0 {
					tt.said.User = ann
				}
				sent := w.say(tt.said)
				if tt.want == "" {
					if len(sent) > 0 {
						t.Fatalf("sent %q", sent[0].Text)
					}
					return
				}
				if m := one(t, sent); !strings.Contains(m.Text, tt.want) || m.Chat != fmt.Sprint(tt.said.Chat) {
					t.Errorf("chat %s: %q, want %q in it", m.Chat, m.Text, tt.want)
				}
			})
		})
	}
}

// A channel's posts are not even asked for, and pass where they come.
func TestChannelPostsAreIgnored(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		post := telegramfake.Said{Chat: -100, User: ann, ID: 1, Text: "/ask " + question}.Fields()
		w.Push(telegramfake.Fields{"channel_post": post})
		w.Push(telegramfake.Fields{"edited_channel_post": post})
		settle()
		if sent := w.Sent(); len(sent) > 0 || len(w.Unconfirmed()) > 0 {
			t.Errorf("sent %v, unconfirmed %v", sent, w.Unconfirmed())
		}
		if asked := w.Calls("getUpdates")[0].Params["allowed_updates"]; strings.Contains(asked, "channel") {
			t.Errorf("asks for %s", asked)
		}
	})
}

// Replies stay in the topic in which was asked, and are replies there. A
// thread of replies is no topic.
func TestTopics(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		m := one(t, w.say(telegramfake.Said{Chat: group, User: ann, Text: "/ask " + question, Topic: 77, ID: 500}))
		if m.Thread != "77" || m.ReplyTo != 500 {
			t.Errorf("thread %q, reply to %d", m.Thread, m.ReplyTo)
		}
		w.Press(m, ann, button(t, m, "相关"))
		settle()
		if related := w.Sent()[1]; related.Thread != "77" {
			t.Errorf("thread %q after a press", related.Thread)
		}
		m = one(t, w.say(telegramfake.Said{Chat: group, User: ann, Text: "/ask " + question,
			More: telegramfake.Fields{"message_thread_id": 12}}))
		if m.Thread != "" {
			t.Errorf("a thread of replies: %q", m.Thread)
		}
		m = one(t, w.say(telegramfake.Said{Chat: private, User: ann, Text: question}))
		if m.ReplyTo != 0 {
			t.Errorf("reply to %d in private", m.ReplyTo)
		}
	})
}

// An edited question edits its answer, however often.
func TestEditedQuestion(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		s := telegramfake.Said{Chat: private, User: ann, ID: 5, Text: "不存在的外星飞船"}
		m := one(t, w.say(s))
		s.Text = question
		w.Edit(s, 1)
		w.Edit(s, 1) // delivered twice
		settle()
		got := one(t, w.Sent())
		if got.ID != m.ID || got.Edits != 1 || !strings.Contains(got.Text, answer) {
			t.Errorf("%d edits: %q", got.Edits, got.Text)
		}
		s.Text = "你好"
		w.Edit(s, 1) // within the same second
		settle()
		if got = one(t, w.Sent()); got.Edits != 2 || len(got.Keyboard) > 0 {
			t.Errorf("%d edits: %q %v", got.Edits, got.Text, got.Keyboard)
		}
		w.Edit(telegramfake.Said{Chat: group, User: ann, ID: 6, Text: "@wenbao_bot " + question}, 2) // a mention added
		settle()
		if sent := w.Sent(); len(sent) != 2 {
			t.Errorf("%d messages", len(sent))
		}
	})
}

// Buttons do what they say, for who asked; every press is acknowledged.
func TestButtons(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		m := one(t, w.say(telegramfake.Said{Chat: group, User: ann, Text: "/ask " + question}))
		press := func(user int64, words string) (toast string, sent []telegramfake.Message) {
			t.Helper()
			before := len(w.Sent())
			id := w.Press(m, user, button(t, m, words))
			settle()
			if !w.Answered(id) {
				t.Errorf("%s: not acknowledged", words)
			}
			calls := w.Calls("answerCallbackQuery")
			return calls[len(calls)-1].Params["text"], w.Sent()[before:]
		}
		if toast, sent := press(bea, "更多"); toast != text.Zh.Say(text.NotYours) || len(sent) > 0 {
			t.Errorf("somebody else's more: %q %v", toast, sent)
		}
		if toast, sent := press(bea, "👍"); toast != text.Zh.Say(text.VotedUp) || len(sent) > 0 {
			t.Errorf("somebody else's vote: %q %v", toast, sent)
		}
		if toast, sent := press(ann, "整段"); toast != "" || one(t, sent).ReplyTo != m.ID {
			t.Errorf("paragraph: %q %+v", toast, sent)
		}
		if toast, sent := press(ann, "👎"); toast != "" || !strings.Contains(one(t, sent).Text, "哪里不好") {
			t.Errorf("down: %q %v", toast, sent)
		}
		if link := button(t, m, "私聊"); !strings.HasPrefix(link, "https://t.me/wenbao_bot?start=") {
			t.Errorf("link %q", link)
		}
		for _, row := range m.Keyboard {
			for _, k := range row {
				if data := k["callback_data"]; len(data) > 64 || data != "" && data[0] != '1' {
					t.Errorf("callback data %q of %d bytes", data, len(data))
				}
			}
		}
	})
}

// Presses that mean nothing any more are answered with a hint.
func TestExpiredButtons(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		m := one(t, w.say(telegramfake.Said{Chat: private, User: ann, Text: question}))
		for _, data := range []string{"", "x", "0m:ABCDEFGH", "1m:ABCDEFGH", "1Z:", "1m:ABCDEFGH:9:9:9", strings.Repeat("1", 64), "1m:ABCDEFGH~zzzzzzzzzzzzzzz", "~", "1q:0000"} {
			id := w.Press(m, ann, data)
			settle()
			calls := w.Calls("answerCallbackQuery")
			if got := calls[len(calls)-1].Params["text"]; !w.Answered(id) || got != text.Zh.Say(text.Expired) {
				t.Errorf("%q: %q", data, got)
			}
		}
		w.Push(telegramfake.Fields{"callback_query": telegramfake.Fields{"id": "homeless", "from": telegramfake.Fields{"id": ann},
			"inline_message_id": "x", "data": "1m:ABCDEFGH"}})
		settle()
		if calls := w.Calls("answerCallbackQuery"); calls[len(calls)-1].Params["callback_query_id"] != "homeless" {
			t.Error("the press of an inline message was not acknowledged")
		}
	})
}

// Turning a page edits the message.
func TestPaging(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		m := one(t, w.say(telegramfake.Said{Chat: private, User: ann, Text: question}))
		w.Press(m, ann, button(t, m, "整段"))
		settle()
		m = w.Sent()[1]
		w.Press(m, ann, button(t, m, "上一段"))
		settle()
		if got := one(t, w.Sent()[1:]); got.Edits != 1 || got.Text == m.Text {
			t.Errorf("%d edits: %q", got.Edits, got.Text)
		}
	})
}

// /start with the code of an answer opens it.
func TestDeepLink(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		m := one(t, w.say(telegramfake.Said{Chat: group, User: ann, Text: "/ask " + question}))
		_, code, _ := strings.Cut(button(t, m, "私聊"), "start=")
		if m := one(t, w.say(telegramfake.Said{Chat: private, User: bea, Text: "/start " + code})); !strings.Contains(m.Text, answer) {
			t.Errorf("opened %q", m.Text)
		}
		for _, s := range []string{"/start", "/start inline", "/start ../../x"} {
			if m := one(t, w.say(telegramfake.Said{Chat: private, User: bea, Text: s})); !strings.Contains(m.Text, "命令") {
				t.Errorf("%s: %q", s, m.Text)
			}
		}
	})
}

// Every command does what it is there for.
func TestCommands(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		m := one(t, w.say(telegramfake.Said{Chat: private, User: ann, Text: question}))
		_, code, _ := strings.Cut(m.Text, "编号 ")
		for _, tt := range []struct{ said, want string }{
			{"/ask " + question, answer}, {"/term 三线一单", "三线一单"}, {"/terms", "名词解释"}, {"/sources", "报告（"},
			{"/use 内蒙古", "只在"}, {"/top 5", "5"}, {"/top", "常问"}, {"/more", "更多"}, {"/verify " + code[:8], "未变"},
			{"/reset", "重新开始"}, {"/help", "命令"}, {"/forgetme", "删除"}, {"/lang en", "English"},
		} {
			if m := one(t, w.say(telegramfake.Said{Chat: private, User: ann, Text: tt.said})); !strings.Contains(m.Text, tt.want) {
				t.Errorf("%s: %q, want %q in it", tt.said, m.Text, tt.want)
			}
		}
	})
}

// Telegram is told the commands and what the bot is, in both languages.
func TestIntroduction(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		for _, tt := range []struct {
			method, param string
			most          int
		}{{"setMyCommands", "commands", 4096}, {"setMyDescription", "description", 512}, {"setMyShortDescription", "short_description", 120}} {
			var langs []string
			for _, c := range w.Calls(tt.method) {
				langs = append(langs, c.Params["language_code"])
				if v := c.Params[tt.param]; v == "" || len([]rune(v)) > tt.most {
					t.Errorf("%s %q", tt.method, v)
				}
			}
			if !slices.Equal(langs, []string{"", "zh", "en"}) {
				t.Errorf("%s in %q", tt.method, langs)
			}
		}
		for _, name := range []string{"ask", "term", "terms", "sources", "use", "top", "more", "reset", "forgetme", "verify", "help"} {
			if !strings.Contains(w.Calls("setMyCommands")[0].Params["commands"], `"command":"`+name+`"`) {
				t.Errorf("%s is not in the menu", name)
			}
		}
	})
}

// Chats that are not on the allow-list are told so.
func TestAllowList(t *testing.T) {
	in(t, options{allow: []string{"telegram:7"}}, func(t *testing.T, w *world) {
		if m := one(t, w.say(telegramfake.Said{Chat: private, User: ann, Text: question})); !strings.Contains(m.Text, answer) {
			t.Errorf("allowed: %q", m.Text)
		}
		if m := one(t, w.say(telegramfake.Said{Chat: group, User: ann, Text: "/ask " + question})); m.Text != text.Zh.Say(text.NotAllowed) {
			t.Errorf("not allowed: %q", m.Text)
		}
	})
}

// Inline queries are answered with cards, page by page.
func TestInline(t *testing.T) {
	in(t, options{}, func(t *testing.T, w *world) {
		last := func() map[string]string {
			calls := w.Calls("answerInlineQuery")
			return calls[len(calls)-1].Params
		}
		id := w.Query(ann, "三线一单", "")
		settle()
		p := last()
		if !w.Answered(id) || !strings.Contains(p["results"], "<blockquote") || !strings.Contains(p["results"], "https://wenbao.example/r/") ||
			p["cache_time"] == "" || p["is_personal"] != "false" {
			t.Errorf("%v", p)
		}
		w.Query(ann, "经济社会发展", "")
		settle()
		if p = last(); p["next_offset"] != "10" || strings.Count(p["results"], `"type":"article"`) != 10 {
			t.Errorf("next offset %q, %d results", p["next_offset"], strings.Count(p["results"], `"type":"article"`))
		}
		first := p["results"]
		w.Query(ann, "经济社会发展", p["next_offset"])
		settle()
		if p = last(); p["results"] == first || p["results"] == "[]" {
			t.Errorf("second page: %s", p["results"])
		}
		for _, q := range [][2]string{{"", ""}, {"不存在的外星飞船", ""}, {"三线一单", "999999"}, {"三线一单", "-5"}, {"你好", "x"}} {
			id := w.Query(ann, q[0], q[1])
			settle()
			if !w.Answered(id) {
				t.Errorf("%q is not answered", q)
			}
		}
		w.Push(telegramfake.Fields{"chosen_inline_result": telegramfake.Fields{"result_id": "x", "from": telegramfake.Fields{"id": ann}, "query": "三线一单"}})
		settle()
		if got := w.metric("wenbao_telegram_inline_chosen_total"); got != 1 {
			t.Errorf("%v chosen", got)
		}
		if len(w.Sent()) > 0 {
			t.Error("messages were sent")
		}
	})
}
