package bot_test

import (
	"testing"

	"wenbao/bot"
)

func TestTeamsAsOperatorsWriteThem(t *testing.T) {
	for _, tt := range []struct {
		written string
		team    string // "": the same address's
		at      bot.Address
	}{
		{"slack:T0123", "", bot.Address{Platform: "slack", Workspace: "T0123", Chat: "C1", User: "U1"}},
		{"telegram:-100123", "", bot.Address{Platform: "telegram", Chat: "-100123", User: "7"}},
		{"web", "", bot.Address{Platform: "web", User: "a hash"}},
		{"slack:a/b c", "", bot.Address{Platform: "slack", Workspace: "a/b c"}},
	} {
		team, err := bot.ParseTeam(tt.written)
		if err != nil || team != tt.at.Team() {
			t.Errorf("%s is %q, %v; want %q", tt.written, team, err, tt.at.Team())
		}
		if shown := bot.ShowTeam(team); shown != tt.written {
			t.Errorf("%s is shown as %q", tt.written, shown)
		}
	}
	if team, err := bot.ParseTeam(" "); team != "" || err != nil {
		t.Error(team, err)
	}
	for _, wrong := range []string{"slack", "slack:", "discord:1", "T0123", "telegram"} {
		if team, err := bot.ParseTeam(wrong); err == nil {
			t.Errorf("%q is taken for %q", wrong, team)
		}
	}
}
