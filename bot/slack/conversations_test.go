package slack_test

import (
	"strings"
	"testing"

	"wenbao/bot/slack/slackfake"
)

const (
	mines    = "新建绿色矿山多少座？"
	mine     = "绿色矿山"
	nothing  = "火星移民计划何时启动？"
	quoteKey = "看整段"
)

func TestSlashCommand(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		s.ok("slash", s.Slash("U1", "C1", mines))
		m := s.shown(0, mine, "第38段")
		if m.Via != "response_url" || m.User != "U1" || !m.Ephemeral {
			t.Errorf("the answer to a command is not private: %+v", m)
		}
		if !strings.Contains(m.Text, mine) {
			t.Errorf("the fallback text is %q", m.Text)
		}
		s.ok("share", s.Press("U1", m, "分享"))
		shared := s.shown(0, "问："+mines, mine)
		if shared.Ephemeral || shared.Channel != "C1" {
			t.Errorf("shared: %+v", shared)
		}
		s.idle()
		for _, x := range s.Messages() {
			if x.TS == m.TS {
				t.Error("the private answer is still there after it was shared")
			}
		}
		s.ok("help", s.Slash("U1", "C1", "help"))
		s.shown(0, "命令")
	})
}

// In a channel without the bot a command is answered, and its answer shared,
// through the response_url.
func TestSlashCommandWhereTheBotIsNot(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		s.ok("slash", s.Slash("U1", "C9", mines))
		m := s.shown(0, mine)
		s.ok("share", s.Press("U1", m, "分享"))
		shared := s.shown(0, "问："+mines)
		if shared.Ephemeral || shared.Via != "response_url" {
			t.Errorf("shared: %+v", shared)
		}
	})
}

func TestMentionIsAnsweredOnceInItsThread(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		ts, results := s.Mention("U1", "C1", "", mines)
		s.ok("mention", results...)
		m := s.shown(0, mine)
		if m.ThreadTS != ts || m.Ephemeral || m.Channel != "C1" {
			t.Errorf("answered at %+v, asked at %s", m, ts)
		}
		s.idle()
		if n := len(s.Messages()); n != 1 {
			t.Errorf("%d messages%s", n, s.describe())
		}
	})
}

func TestFollowUps(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		ts, results := s.Mention("U1", "C1", "", mines)
		s.ok("mention", results...)
		s.shown(0, mine)
		s.ok("other person", s.Event(s.Write("U2", "C1", ts, mines)))
		s.ok("names others", s.Event(s.Write("U1", "C1", ts, "<@U2> "+mines)))
		s.ok("channel talk", s.Event(s.Write("U1", "C1", "", mines)))
		s.ok("other thread", s.Event(s.Write("U1", "C1", "17.5", mines)))
		s.ok("follow-up", s.Event(s.Write("U1", "C1", ts, mines)))
		m := s.shown(1, mine)
		if m.ThreadTS != ts {
			t.Errorf("answered at %+v", m)
		}
		s.idle()
		if n := len(s.Messages()); n != 2 {
			t.Errorf("%d messages%s", n, s.describe())
		}
	})
}

func TestFollowUpsCanBeOff(t *testing.T) {
	s := play(t, false, func(p *parts, _ *bounds, _ *kept) { p.Settings.FollowUps = false })
	ts, results := s.Mention("U1", "C1", "", mines)
	s.ok("mention", results...)
	s.shown(0, mine)
	s.ok("follow-up", s.Event(s.Write("U1", "C1", ts, mines)))
	s.idle()
	if n := len(s.Messages()); n != 1 {
		t.Errorf("%d messages%s", n, s.describe())
	}
}

func TestDirectMessage(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		s.ok("dm", s.Event(s.Write("U1", "D1", "", mines)))
		m := s.shown(0, mine)
		if m.Channel != "D1" || m.ThreadTS != "" || m.Ephemeral {
			t.Errorf("%+v", m)
		}
		s.ok("why", s.Press("U1", m, "为什么"))
		s.shown(0, "为什么选这一句")
		s.ok("refusal", s.Event(s.Write("U1", "D1", "", nothing)))
		s.shown(0, "没有找到")
	})
}

func TestButtons(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		_, results := s.Mention("U1", "C1", "", mines)
		s.ok("mention", results...)
		m := s.shown(0, mine)
		s.ok("more", s.Press("U1", m, "更多原文"))
		more := s.shown(0, "更多")
		if more.ThreadTS != m.ThreadTS {
			t.Errorf("more is not in the thread: %+v", more)
		}
		s.ok("paragraph", s.Press("U1", m, quoteKey))
		p := s.shown(0, "》原文")
		if !p.Ephemeral || p.User != "U1" || p.ThreadTS != m.ThreadTS {
			t.Errorf("the paragraph is shown to %+v", p)
		}
		s.ok("next", s.Press("U1", p, "下一段"))
		s.idle()
		for _, x := range s.Messages() {
			if x.TS == p.TS && x.Updates != 1 {
				t.Errorf("the next paragraph did not take the place of the one before: %d updates%s", x.Updates, s.describe())
			}
		}
		s.ok("up", s.Press("U2", m, "👍"))
		if v := s.shown(0, "谢谢，已记下"); v.User != "U2" {
			t.Errorf("thanked %+v", v)
		}
	})
}

func TestReasonForm(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		_, results := s.Mention("U1", "C1", "", mines)
		s.ok("mention", results...)
		m := s.shown(0, mine)
		s.ok("down", s.Press("U1", m, "👎"))
		v, ok := s.WaitView("U1", "reason")
		if !ok || len(v.Reasons()) != 4 {
			t.Fatalf("the form: %v %v\n%s", ok, v.Reasons(), s.log)
		}
		s.ok("submit", s.Submit(v, map[string]string{"reason": v.Reasons()[1], "words": "<@U2> 少了一半"}))
		s.ok("submitted again", s.Submit(v, map[string]string{"reason": v.Reasons()[1], "words": "x"}))
		s.shown(0, "原因已记下")
		s.idle()
		if n := len(s.Messages()); n != 2 {
			t.Errorf("%d messages%s", n, s.describe())
		}
	})
}

// Where no form can be opened the reasons are buttons.
func TestReasonButtons(t *testing.T) {
	s := play(t, false, noChange)
	_, results := s.Mention("U1", "C1", "", mines)
	s.ok("mention", results...)
	m := s.shown(0, mine)
	s.Fail("views.open", slackfake.Fault{Error: "internal_error"})
	s.ok("down", s.Press("U1", m, "👎"))
	ask := s.shown(0, "哪里不好", "不完整")
	s.ok("reason", s.Press("U1", ask, "不完整"))
	s.shown(0, "原因已记下")
}

func TestHome(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		s.ok("home", s.OpenHome("U1"))
		home, ok := s.Home("U1")
		if !ok {
			t.Fatalf("no home\n%s", s.log)
		}
		s.ok("example", s.PressHome(home, "新建绿色矿山"))
		m := s.shown(0, mine)
		if m.Channel != "D1" || m.Ephemeral {
			t.Errorf("answered at %+v", m)
		}
		s.ok("more of it", s.Press("U1", m, "更多原文"))
		s.shown(0, "更多")
		s.ok("compose", s.PressHome(home, "提问"))
		v, ok := s.WaitView("U1", "ask")
		if !ok {
			t.Fatalf("no form\n%s", s.log)
		}
		s.ok("submit", s.Submit(v, map[string]string{"words": "三线一单是什么意思？"}))
		s.shown(0, "三线一单")
	})
}

func TestShortcut(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		s.ok("shortcut", s.Shortcut("U1", "C9", "新建绿色矿山 <@U7>"))
		m := s.shown(0, mine)
		if !m.Ephemeral || m.User != "U1" || m.Channel != "C9" {
			t.Errorf("%+v", m)
		}
		s.ok("long", s.Shortcut("U1", "C9", strings.Repeat("新建绿色矿山", 100)))
		v, ok := s.WaitView("U1", "ask")
		if !ok {
			t.Fatalf("no form\n%s", s.log)
		}
		s.ok("submit", s.Submit(v, map[string]string{"words": "三线一单是什么意思？"}))
		if m := s.shown(0, "三线一单"); m.User != "U1" || m.Channel != "C9" {
			t.Errorf("%+v", m)
		}
	})
}

func TestEdits(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		e := s.Write("U1", "C1", "", "<@"+slackfake.Bot+"> "+nothing)
		s.ok("question", s.Event(e))
		s.shown(0, "没有找到")
		s.ok("unfurled", s.Edit(e, e["text"].(string)))
		s.ok("edit", s.Edit(e, "<@"+slackfake.Bot+"> "+mines))
		m := s.shown(0, mine)
		s.idle()
		if n := len(s.Messages()); n != 1 || m.Updates != 1 {
			t.Errorf("%d messages, %d updates%s", n, m.Updates, s.describe())
		}
	})
}

func TestOthersAreIgnored(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		bot := s.Write("U1", "D1", "", mines)
		bot["bot_id"] = "B9"
		own := s.Write(slackfake.Bot, "D1", "", mines)
		joined := s.Write("U1", "D1", "", mines)
		joined["subtype"] = "channel_join"
		unknown := map[string]any{"type": "quantum_entangled", "user": "U1", "channel": "C1", "nested": []any{1}}
		odd := map[string]any{"type": "message", "user": map[string]any{"id": "U1"}, "channel": 5}
		for _, e := range []map[string]any{bot, own, joined, unknown, odd, {"type": "app_home_opened", "tab": "messages", "user": "U1"},
			{"type": "message", "subtype": "message_deleted", "channel": "D1"}, {"type": "message", "subtype": "message_changed", "channel": "D1"}} {
			s.ok("ignored", s.Event(e))
		}
		s.idle()
		if n := len(s.Messages()); n != 0 {
			t.Errorf("%d messages%s", n, s.describe())
		}
	})
}

func TestNothingIsAnsweredTwice(t *testing.T) {
	modes(t, func(t *testing.T, s *stage) {
		event := s.EventPayload(slackfake.Team, s.Write("U1", "D1", "", mines))
		slash := s.SlashPayload("U2", "C1", mines)
		for range 4 {
			s.ok("event", s.Deliver(event))
			s.ok("slash", s.Command(slash))
		}
		s.shown(1, mine)
		s.idle()
		if n := len(s.Messages()); n != 2 {
			t.Errorf("%d messages%s", n, s.describe())
		}
		press := s.PressPayload("U2", s.Messages()[0], quoteKey)
		if press == nil {
			t.Fatal("no button")
		}
		s.ok("press", s.Interact(press), s.Interact(press))
		s.idle()
		if n := len(s.Messages()); n != 3 {
			t.Errorf("%d messages after a press%s", n, s.describe())
		}
	})
}

// What people write is shown as it is and pings nobody.
func TestEchoesPingNobody(t *testing.T) {
	s := play(t, false, noChange)
	s.ok("slash", s.Slash("U1", "C1", "help <!channel> <@U2> & *x*"))
	s.ok("unknown", s.Slash("U1", "C1", "/nosuch<!here>"))
	s.ok("dm", s.Event(s.Write("U1", "D1", "", "&lt;!channel&gt; "+nothing)))
	s.idle()
	for _, m := range s.Messages() {
		if strings.Contains(m.Text, "<!") || strings.Contains(m.Text, "<@") {
			t.Errorf("pings: %q", m.Text)
		}
	}
	if n := len(s.Messages()); n != 3 {
		t.Errorf("%d messages%s", n, s.describe())
	}
}
