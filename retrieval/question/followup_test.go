package question_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
)

// named finds the names it lists, each with its class.
type named map[string]string

func (n named) Entities(rs []rune) []question.Entity {
	var out []question.Entity
	for name, class := range n {
		text := string(rs)
		for at := 0; ; {
			i := strings.Index(text[at:], name)
			if i < 0 {
				break
			}
			start := len([]rune(text[:at+i]))
			out = append(out, question.Entity{Start: start, End: start + len([]rune(name)), Class: class})
			at += i + len(name)
		}
	}
	slices.SortFunc(out, func(a, b question.Entity) int { return a.Start - b.Start })
	return out
}

var corpusNames = named{
	"黑土地保护": "farming", "盐碱地": "farming", "老旧小区": "housing", "棚户区": "housing", "包头": "place", "鄂尔多斯": "place", "双高": "term", "双优": "term",
	"绿色矿山": "nature", "高新技术企业": "science", "城镇新增就业": "employment", "呼包鄂乌": "place", "gdp": "macro",
}

// carries shows a resolved follow-up as what is searched for; what is carried
// at part weight stands in parentheses.
func carries(q question.Question) string {
	s := want(q) + ": " + content(q)
	if q.Unit != "" {
		s += " [" + q.Unit + "]"
	}
	if len(q.Years)+len(q.Relative) > 0 {
		s += fmt.Sprintf(" %v%v", q.Years, q.Relative)
	}
	return s
}

// TestFollowUp gives, for a question and the one after it, what the second is
// taken to ask; "" where it stands on its own.
func TestFollowUp(t *testing.T) {
	for _, test := range []struct{ before, now, carries, shown string }{
		// An entity takes the place of another of its class.
		{"去年老旧小区改造了多少户？", "那棚户区呢？", "figure: 改造 | 棚户区 [][-1]", "去年棚户区改造了多少户？"},
		{"支持包头建设什么基地", "鄂尔多斯呢", "which: 支持 | 建设 | 基地 | 鄂尔多斯", "支持鄂尔多斯建设什么基地"},
		{"支持包头建设什么基地", "鄂尔多斯", "which: 支持 | 建设 | 基地 | 鄂尔多斯", "支持鄂尔多斯建设什么基地"},
		{"去年黑土地保护完成多少亩", "盐碱地呢", "figure: 保护完成 | 盐碱地 [亩] [][-1]", "去年盐碱地保护完成多少亩"},
		// A term that is asked about is a question of its own.
		{"职教的双高是指？", "双优又是什么", "", ""},
		// What is left out comes from before.
		{"去年城镇新增就业多少人", "完成计划了没有？", "figure: 城镇新增就业 | 完成 | (计划) [人]", "去年城镇新增就业多少人，完成计划了没有？"},
		{"2022年要新增多少家高新技术企业", "那到去年底一共有多少家了？", "figure: 新增 | 高新技术企业 | 到 | 有 [家] [][-1]", "2022年要新增多少家高新技术企业，那到去年底一共有多少家了？"},
		{"去年新建了多少座绿色矿山", "今年呢", "figure: 新建 | 绿色矿山 [座] [][0]", "去年新建了多少座绿色矿山，今年呢"},
		{"去年新建了多少座绿色矿山", "2020年呢？", "figure: 新建 | 绿色矿山 [座] [2020][]", "去年新建了多少座绿色矿山，2020年呢？"},
		{"GDP增长多少", "它的目标是多少", "figure: gdp增长 | 它 | (目标)", "GDP增长多少，它的目标是多少"},
		{"去年老旧小区改造了多少户", "加装电梯的也算在内吗，还有呢", "figure: (老旧小区改造) | 加装电梯 | 也算在内 [户] [][-1]", "去年老旧小区改造了多少户，加装电梯的也算在内吗，还有呢"},
		// A new topic, said or plain.
		{"去年老旧小区改造了多少户", "换个话题，呼包鄂乌之间多久能到", "", ""},
		{"去年老旧小区改造了多少户", "去年新建了多少座绿色矿山", "", ""},
		{"去年老旧小区改造了多少户", "高考改革什么时候启动呢", "", ""},
		// Nothing to carry.
		{"你好", "棚户区呢", "", ""},
		{"多少", "棚户区呢", "", ""},
	} {
		q, ok := question.FollowUp(question.Parse(test.before), question.Parse(test.now), corpusNames)
		got := ""
		if ok {
			got = carries(q)
		}
		if diff := cmp.Diff([]string{test.carries, test.shown}, []string{got, q.Shown}); diff != "" {
			t.Errorf("%s → %s (-want +got)\n%s", test.before, test.now, diff)
		}
	}
}

// TestReplacedEntityIsGone: what a follow-up replaces is not found any more.
func TestReplacedEntityIsGone(t *testing.T) {
	q, ok := question.FollowUp(question.Parse("去年老旧小区改造了多少户"), question.Parse("棚户区呢"), corpusNames)
	if !ok {
		t.Fatal("棚户区呢 stands on its own")
	}
	if text := string(q.Folded.Runes); strings.Contains(text, "老旧小区") || !strings.Contains(text, "棚户区") {
		t.Errorf("the question reads %q", text)
	}
	for _, s := range q.Content {
		start, end := q.Folded.Source(s.Start, s.End)
		if run := string(q.Folded.Runes[s.Start:s.End]); analysis.FoldString(q.Text[start:end]) != run {
			t.Errorf("%q stands for %q", run, q.Text[start:end])
		}
	}
}

// TestFollowUpsInARow: the third question leans on the first through the
// second.
func TestFollowUpsInARow(t *testing.T) {
	q := question.Parse("去年老旧小区改造了多少户？")
	for _, next := range []string{"棚户区呢", "今年呢"} {
		joined, ok := question.FollowUp(q, question.Parse(next), corpusNames)
		if !ok {
			t.Fatalf("%s stands on its own", next)
		}
		q = joined
	}
	if got, want := carries(q), "figure: 改造 | 棚户区 [][0]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestContinue: a later ask of one question leans on the first where it names
// nothing itself.
func TestContinue(t *testing.T) {
	first := question.Parse("去年新建了多少座绿色矿山")
	if q, ok := question.Continue(first, question.Parse("今年要建多少座"), corpusNames); !ok || !strings.Contains(content(q), "绿色矿山") {
		t.Errorf("今年要建多少座 asks for %s", content(q))
	}
	for _, other := range []string{"老旧小区改造多少户", "财政科技支出增长多少"} {
		if q, ok := question.Continue(first, question.Parse(other), corpusNames); ok {
			t.Errorf("%s was taken for %s", other, content(q))
		}
	}
}

func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		"双减是什么":  {"双减是什么"},
		"双减是什么？": {"双减是什么"},
		"2021年有多少家？2022年想做到多少家？": {"2021年有多少家", "2022年想做到多少家"},
		"“两率先”是啥，还有“三个离不开”又指什么":  {"“两率先”是啥", "还有“三个离不开”又指什么"},
		"上了多少个项目，花了多少钱":          {"上了多少个项目", "花了多少钱"},
		"不算过境的，中欧班列开了几列？":        {"不算过境的，中欧班列开了几列"},
		"看病太贵了，有没有办法":            {"看病太贵了，有没有办法"},
		"你好，双减是什么":               {"你好，双减是什么"},
		"建几座；改几户；修几条；种几亩；养几头":    {"建几座", "改几户", "修几条", "种几亩 养几头"},
		"？":                                  {"？"},
		"":                                   {""},
		" 双减是什么 ?\n双高呢 ":                     {"双减是什么", "双高呢"},
		"how many mines, and how many farms": {"how many mines", "and how many farms"},
	} {
		if diff := cmp.Diff(want, question.Split(text)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}

func FuzzFollowUp(f *testing.F) {
	f.Add("去年老旧小区改造了多少户？", "那棚户区呢？", "老旧小区", "棚户区")
	f.Add("支持包头建设什么基地", "鄂尔多斯呢", "包头", "鄂尔多斯")
	f.Add("二〇二一年", "百分之六呢", "2021", "6%")
	f.Fuzz(func(t *testing.T, before, now, one, other string) {
		if len(before)+len(now) > 2048 || one == "" || other == "" {
			return
		}
		names := named{analysis.FoldString(one): "x", analysis.FoldString(other): "x"}
		q, ok := question.FollowUp(question.Parse(before), question.Parse(now), names)
		if !ok {
			q, ok = question.Continue(question.Parse(before), question.Parse(now), names)
		}
		if ok {
			check(t, before+" "+now, q)
		}
	})
}
