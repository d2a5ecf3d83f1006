package command_test

import (
	"testing"

	"wenbao/bot/command"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		message string
		want    command.Command
	}{
		{"", command.Command{}},
		{"去年GDP增长多少？", command.Command{}},
		{"help", command.Command{Name: command.Help}},
		{" Help! ", command.Command{Name: command.Help}},
		{"帮助。", command.Command{Name: command.Help}},
		{"？", command.Command{Name: command.Help}},
		{"/help@wenbao_bot", command.Command{Name: command.Help, Explicit: true}},
		{"help me find the GDP", command.Command{}},
		{"/help me", command.Command{Name: command.Help, Explicit: true}},
		{"术语", command.Command{Name: command.Terms}},
		{"术语 三线一单", command.Command{Name: command.Term, Arg: "三线一单"}},
		{"解释：三线一单", command.Command{Name: command.Term, Arg: "三线一单"}},
		{"解释三线一单", command.Command{}},
		{"/term  三线  一单 ", command.Command{Name: command.Term, Arg: "三线 一单", Explicit: true}},
		{"/terms", command.Command{Name: command.Terms, Explicit: true}},
		{"报告", command.Command{Name: command.Sources}},
		{"报告 里说了什么", command.Command{}},
		{"use all", command.Command{Name: command.UseAll}},
		{"选择 全部", command.Command{Name: command.UseAll}},
		{"选择 内蒙古 2022", command.Command{Name: command.Use, Arg: "内蒙古 2022"}},
		{"top", command.Command{Name: command.Top}},
		{"top 7", command.Command{Name: command.Top, Arg: "7", N: 7}},
		{"top projects of the year", command.Command{}},
		{"top -3", command.Command{}},
		{"更多", command.Command{Name: command.More}},
		{"更多就业岗位怎么来", command.Command{}},
		{"forget me", command.Command{Name: command.Forget}},
		{"/forget me", command.Command{Name: command.Forget, Explicit: true}},
		{"/forgetme", command.Command{Name: command.Forget, Explicit: true}},
		{"verify 7k3m-9qxa", command.Command{Name: command.Verify, Arg: "7K3M9QXA"}},
		{"核对 ABC", command.Command{Name: command.Verify, Arg: "ABC"}},
		{"核对 一下这个说法", command.Command{}},
		{"verify the growth of GDP last year", command.Command{}},
		{"lang en", command.Command{Name: command.Lang, Arg: "en"}},
		{"语言 英文", command.Command{Name: command.Lang, Arg: "en"}},
		{"语言 文字怎么规范", command.Command{}},
		{"/lang fr", command.Command{Name: command.Lang, Arg: "fr", Explicit: true}},
		{"/ask 三线一单是什么", command.Command{Name: command.Ask, Arg: "三线一单是什么", Explicit: true}},
		{"ask what you can do", command.Command{}},
		{"/start 7K3M9QXA", command.Command{Name: command.Start, Arg: "7K3M9QXA", Explicit: true}},
		{"/vertify", command.Command{Name: command.Unknown, Arg: "vertify", Near: "verify", Explicit: true}},
		{"/completelyelse x", command.Command{Name: command.Unknown, Arg: "completelyelse", Explicit: true}},
		{"/三线一单是什么", command.Command{}},
		{"/", command.Command{}},
	} {
		if got := command.Parse(c.message, false); got != c.want {
			t.Errorf("%q: got %+v, want %+v", c.message, got, c.want)
		}
	}
	if got := command.Parse("help", true); !got.Explicit || got.Name != command.Help {
		t.Errorf("delivered as a command: %+v", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"/", "/@", "：", "top 99999999999999999999", "\xff\xfe"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, delivered bool) {
		if c := command.Parse(s, delivered); c.N < 0 || c.Name == command.Unknown && c.Arg == "" {
			t.Errorf("%q: %+v", s, c)
		}
	})
}
