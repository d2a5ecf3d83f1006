package curator_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"wenbao/answers/curation"
	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/curator"
	"wenbao/bot/library"
	"wenbao/bot/popular"
	"wenbao/bot/store"
	"wenbao/retrieval/corpus"
)

// rules takes what a Curator sets.
type rules struct {
	mu  sync.Mutex
	now []curation.Rule
}

func (r *rules) Set(now []curation.Rule) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = now
}

func (r *rules) phrases() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, x := range r.now {
		out = append(out, x.Phrase)
	}
	return out
}

func reports(t *testing.T) *bottest.Toy {
	t.Helper()
	c, err := corpus.Load(fstest.MapFS{
		"a/2022.txt": {Data: []byte("2022年政府工作报告\n\n一、工作回顾\n\n新建绿色矿山133座。城镇就业21万人。城镇就业21万人。\n\n名词解释\n\n1．“三线一单”：生态保护红线。\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return bottest.NewToy(c)
}

func minesOf(t *testing.T, lib bot.Library) string {
	t.Helper()
	for _, r := range lib.Reports() {
		for _, info := range lib.Terms(r.ID) {
			if e := lib.Term(r.ID, info.Name); len(e) > 0 {
				if p, ok := lib.Paragraph(r.ID, e[0].Place.ID); ok {
					before, _ := lib.Paragraph(r.ID, p.Previous)
					mines, ok := lib.Paragraph(r.ID, before.Previous)
					if ok && strings.Contains(mines.Text, "绿色矿山") {
						return mines.ID
					}
				}
			}
		}
	}
	t.Fatal("the paragraph is not there")
	return ""
}

type bench struct {
	*curator.Curator
	kv      curator.KV
	rules   *rules
	lib     bot.Library
	mines   string
	changed int
	told    int
	now     time.Time
}

func newBench(t *testing.T, kv curator.KV) *bench {
	t.Helper()
	toy := reports(t)
	b := &bench{kv: kv, rules: &rules{}, lib: library.New(toy, ""), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	b.mines = minesOf(t, b.lib)
	b.Curator = curator.New(curator.Parts{KV: kv, Rules: b.rules, Library: b.lib, Answerer: toy,
		Changed: func() { b.changed++ }, Announce: func(context.Context) error { b.told++; return nil },
		Now: func() time.Time { b.now = b.now.Add(time.Second); return b.now }})
	if err := b.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func memory() curator.KV { return store.NewMemory(store.Bound{}, time.Now) }

func TestWishes(t *testing.T) {
	b := newBench(t, memory())
	link := "https://wenbao.example.org/base/r/a~2022/p/" + b.mines
	for _, tt := range []struct {
		name string
		wish curator.Wish
		fail string // in the error; "": it becomes a rule
	}{
		{"an alias", curator.Wish{Phrase: "红线清单", Term: "三线一单"}, ""},
		{"an alias of a workspace", curator.Wish{Phrase: "红线清单", Term: "“三线一单”", Workspace: "slack:T1"}, ""},
		{"a pin", curator.Wish{Phrase: "矿山有几座", Report: "a/2022", Paragraph: b.mines}, ""},
		{"a pin by link", curator.Wish{Phrase: "矿山有几座", At: link}, ""},
		{"a pin by link with a span", curator.Wish{Phrase: "矿山有几座", At: link + "?s=0-30"}, ""},
		{"a pin of a quote", curator.Wish{Phrase: "矿山有几座", At: link, Quote: "新建绿色矿山133座。"}, ""},
		{"no phrase", curator.Wish{Phrase: " ", Term: "三线一单"}, "phrase has 0 characters"},
		{"one character", curator.Wish{Phrase: "矿", Term: "三线一单"}, "needs 2 to 200"},
		{"marks only", curator.Wish{Phrase: "“”？", Term: "三线一单"}, "needs 2 to 200"},
		{"far too long", curator.Wish{Phrase: strings.Repeat("矿", 201), Term: "三线一单"}, "needs 2 to 200"},
		{"not UTF-8", curator.Wish{Phrase: "\xff\xfe矿山", Term: "三线一单"}, "not UTF-8"},
		{"an unknown term", curator.Wish{Phrase: "红线清单", Term: "四线"}, "no glossary has the term"},
		{"the term itself", curator.Wish{Phrase: "三线一单", Term: "三线一单"}, "the term itself"},
		{"nowhere", curator.Wish{Phrase: "红线清单"}, "leads to a term, or to a paragraph"},
		{"both", curator.Wish{Phrase: "红线清单", Term: "三线一单", At: link}, "leads to a term, or to a paragraph"},
		{"both ways to a paragraph", curator.Wish{Phrase: "红线清单", Report: "a/2022", At: link}, "not both"},
		{"an unknown paragraph", curator.Wish{Phrase: "红线清单", Report: "a/2022", Paragraph: "0"}, "no paragraph"},
		{"an unknown report", curator.Wish{Phrase: "红线清单", Report: "b", Paragraph: b.mines}, "no paragraph"},
		{"a quote that is not there", curator.Wish{Phrase: "红线清单", At: link, Quote: "134座"}, "exactly once"},
		{"a quote that is there twice", curator.Wish{Phrase: "红线清单", At: link, Quote: "城镇就业21万人。"}, "exactly once"},
		{"a span beyond the end", curator.Wish{Phrase: "红线清单", At: link + "?s=0-9999"}, "no text from byte"},
		{"a span within a character", curator.Wish{Phrase: "红线清单", At: link + "?s=0-4"}, "no text from byte"},
		{"a span backwards", curator.Wish{Phrase: "红线清单", At: link + "?s=9-3"}, "no text from byte"},
		{"no span", curator.Wish{Phrase: "红线清单", At: link + "?s=x"}, "no span"},
		{"another link", curator.Wish{Phrase: "红线清单", At: "https://example.org/"}, "not the link of a citation"},
		{"no link", curator.Wish{Phrase: "红线清单", At: "http://[::1"}, "not the link of a citation"},
		{"an unknown workspace", curator.Wish{Phrase: "红线清单", Term: "三线一单", Workspace: "T1"}, "no workspace"},
		{"an unknown match", curator.Wish{Phrase: "红线清单", Term: "三线一单", Match: "some"}, "whole or part"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			made, _, err := b.Add(t.Context(), "ann", tt.wish)
			var wrong curator.Invalid
			switch {
			case tt.fail == "" && (err != nil || made.ID == "" || made.By != "ann" || made.Stale):
				t.Errorf("%v %+v", err, made)
			case tt.fail != "" && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), tt.fail)):
				t.Errorf("%v, want %q", err, tt.fail)
			}
		})
	}
	if got := b.rules.phrases(); len(got) != 3 {
		t.Errorf("three phrases of workspaces, %q", got)
	}
	if list := b.List("slack/T1"); len(list) != 1 || list[0].Workspace != "slack:T1" || list[0].Match != curator.MatchPart {
		t.Errorf("of one workspace: %+v", list)
	}
	pin := b.List("")[slices.IndexFunc(b.List(""), func(s curator.Shown) bool { return s.Kind == curation.Pin })]
	if pin.Quote != "新建绿色矿山133座。" || pin.Match != curator.MatchWhole || !strings.Contains(pin.Label, "第3段") {
		t.Errorf("the pin is shown as %+v", pin)
	}
	if b.changed != 6 || b.told != 6 {
		t.Errorf("%d changes, told %d times", b.changed, b.told)
	}
}

// TestDecisionsOutliveTheProcess, in a file.
func TestDecisionsOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "decisions.log")
	open := func() *store.File {
		f, err := store.OpenFile(path, true, store.Bound{}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := open()
	b := newBench(t, f)
	made, replaced, err := b.Add(t.Context(), "ann", curator.Wish{Phrase: "红线清单", Term: "三线一单"})
	if err != nil || replaced {
		t.Fatal(err, replaced)
	}
	again, replaced, err := b.Add(t.Context(), "bob", curator.Wish{Phrase: "“红线清单”", Term: "三线一单"})
	if err != nil || !replaced || again.ID != made.ID {
		t.Fatalf("the same phrase: %v %v %+v", err, replaced, again)
	}
	if err := b.Decide(t.Context(), "ann", "新建绿色矿山多少座", true); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f = open()
	defer f.Close()
	b = newBench(t, f)
	if list := b.List(""); len(list) != 1 || list[0].By != "bob" {
		t.Errorf("after a restart: %+v", list)
	}
	if d := b.Decisions(); len(d) != 1 || !d[0].Approved {
		t.Errorf("after a restart: %+v", d)
	}
	if _, err := b.Remove(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	if _, err := b.Remove(t.Context(), made.ID); !errors.Is(err, curator.ErrUnknown) {
		t.Errorf("removed twice: %v", err)
	}
	if len(b.rules.phrases()) != 0 {
		t.Error("answers still follow it")
	}
}

// TestAnotherProcessFollows: two share a store; what one decides the other
// takes up when told, and it goes on with what it knows while the store fails.
func TestAnotherProcessFollows(t *testing.T) {
	kv := &failing{KV: memory()}
	one, other := newBench(t, kv), newBench(t, kv)
	changed := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = other.Run(ctx, changed) })
	defer running.Wait()
	defer stop()
	if _, _, err := one.Add(ctx, "ann", curator.Wish{Phrase: "红线清单", Term: "三线一单"}); err != nil {
		t.Fatal(err)
	}
	changed <- struct{}{}
	for len(other.rules.phrases()) == 0 {
		time.Sleep(time.Millisecond)
	}
	kv.fail(true)
	changed <- struct{}{}
	changed <- struct{}{} // the one before was dealt with
	if got := other.rules.phrases(); len(got) != 1 {
		t.Errorf("while the store fails: %q", got)
	}
}

type failing struct {
	curator.KV
	mu     sync.Mutex
	failed bool
}

func (f *failing) fail(v bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = v
}

func (f *failing) Scan(ctx context.Context, each func(store.Item) bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed {
		return errors.New("away")
	}
	return f.KV.Scan(ctx, each)
}

func TestBrokenDecisionsAreLeftOut(t *testing.T) {
	kv := memory()
	for key, value := range map[string]string{"rule:1": "{", "other": "{}", "public:1": "nothing"} {
		if err := kv.Put(t.Context(), store.Item{Key: key, Value: []byte(value)}); err != nil {
			t.Fatal(err)
		}
	}
	b := newBench(t, kv)
	if len(b.List(""))+len(b.Decisions()) != 0 {
		t.Error("a broken decision counts")
	}
}

// TestThePublicPage: what an operator approved, what several people asked
// there, and nothing that was asked elsewhere or that an operator blocked.
func TestThePublicPage(t *testing.T) {
	b := newBench(t, memory())
	counts := popular.NewMemory(2, strings.ToUpper, func() time.Time { return b.now })
	ask := func(team, text string, people int) {
		for i := range people {
			if err := counts.Asked(t.Context(), popular.Question{Team: team, Text: text, Asker: fmt.Sprint(i), At: b.now}); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask(curator.PublicTeam(), "几个人问的问题", 3)
	ask(curator.PublicTeam(), "两个人问的问题", 2)
	ask(curator.PublicTeam(), "挡下的问题", 8)
	ask("slack/T1", "别处的问题", 8)
	p := curator.Popular{Popular: counts, Ranker: counts, Curator: b.Curator}
	top := func(team string) []string {
		t.Helper()
		got, err := p.Top(t.Context(), team, 5)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := top(curator.PublicTeam()); !slices.Equal(got, []string{"挡下的问题", "几个人问的问题"}) {
		t.Errorf("to begin with: %q", got)
	}
	if err := b.Decide(t.Context(), "ann", "新建绿色矿山多少座？", true); err != nil {
		t.Fatal(err)
	}
	if err := b.Decide(t.Context(), "ann", "挡下的问题", false); err != nil {
		t.Fatal(err)
	}
	if got := top(curator.PublicTeam()); !slices.Equal(got, []string{"新建绿色矿山多少座？", "几个人问的问题"}) {
		t.Errorf("after decisions: %q", got)
	}
	if got := top("slack/T1"); !slices.Equal(got, []string{"别处的问题"}) {
		t.Errorf("in a workspace: %q", got)
	}
	if err := b.Undecide(t.Context(), "新建绿色矿山多少座"); err != nil {
		t.Error(err)
	}
	if err := b.Undecide(t.Context(), "新建绿色矿山多少座"); !errors.Is(err, curator.ErrUnknown) {
		t.Errorf("taken back twice: %v", err)
	}
	for text, want := range map[string]string{"": "characters", strings.Repeat("问", 61): "characters", "第一行\n第二行": "on one line", "外星飞船": "do not answer"} {
		if err := b.Decide(t.Context(), "ann", text, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is approved: %v", text, err)
		}
	}
}

func FuzzParseLink(f *testing.F) {
	for _, s := range []string{"/r/a~2022/p/0b1c?s=0-30", "https://x/r/%E5%9B%9B%E5%B7%9D/p/1", "/r//p/", "/r/a/p/b?s=-1", "::", "/r/%zz/p/1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := curator.ParseLink(s)
		if err == nil && (at.Report == "" || at.Paragraph == "") {
			t.Errorf("%q leads to %+v", s, at)
		}
	})
}
