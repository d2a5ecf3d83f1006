package conversation_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"wenbao/answers/text"
	"wenbao/bot"
	"wenbao/bot/bottest"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/stores"
	"wenbao/retrieval/corpus"
	"wenbao/seeds"
)

var update = flag.Bool("update", false, "rewrite the replies in testdata")

// loadCorpus loads the reports of fsys.
func loadCorpus(t testing.TB, fsys fs.FS) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stage is where a script plays: a handler over memory stores and a clock.
type stage struct {
	t       *testing.T
	toy     *bottest.Toy
	handler *conversation.Handler
	set     *stores.Set
	now     time.Time
	ids     int
	last    map[string]bot.Reply // by who
	lastID  map[string]string    // of their last message
	files   map[string][]byte
}

// A script is a txtar file. Its comment says what it shows; "settings" has
// lines like "follow-ups", "allow slack:T1/C1", "user-rate 3"; other files
// ending in .txt are further reports, known after "index"; "conversation" is
// the play: lines at the margin are said or done, indented lines are what
// comes back.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 8 {
		t.Fatalf("found %d scripts: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { play(t, file) })
	}
}

func play(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, now: time.Date(2022, 3, 1, 9, 0, 0, 0, time.UTC), last: map[string]bot.Reply{}, lastID: map[string]string{}, files: map[string][]byte{}}
	settings := ""
	for _, f := range archive.Files {
		switch {
		case f.Name == "settings":
			settings = string(f.Data)
		case strings.HasSuffix(f.Name, ".txt") || strings.HasSuffix(f.Name, ".yaml"):
			s.files[f.Name] = f.Data
		}
	}
	s.setUp(settings)
	for i, f := range archive.Files {
		if f.Name != "conversation" {
			continue
		}
		got := s.run(string(f.Data))
		if *update {
			archive.Files[i].Data = []byte(got)
			if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
				t.Fatal(err)
			}
		} else if diff := cmp.Diff(string(f.Data), got); diff != "" {
			t.Errorf("what came back differs (-want +got; -update accepts it):\n%s", diff)
		}
	}
}

func (s *stage) setUp(settings string) {
	keep := stores.Defaults()
	keep.Key, keep.User, keep.Team, keep.Presses = []byte("key"), 0, 0, 0
	var set conversation.Settings
	for line := range strings.Lines(settings) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name {
		case "follow-ups":
			set.FollowUps = true
		case "allow":
			allow, err := conversation.ParseAllow(strings.Fields(value))
			if err != nil {
				s.t.Fatal(err)
			}
			set.Allow = allow
		case "user-rate", "team-rate":
			n, err := strconv.Atoi(value)
			if err != nil {
				s.t.Fatal(err)
			}
			if name == "user-rate" {
				keep.User = limitRate(n)
			} else {
				keep.Team = limitRate(n)
			}
		case "omit-questions":
			set.OmitQuestions, keep.OmitQuestions = true, true
		case "lang":
			set.Lang = text.Lang(value)
		case "":
		default:
			s.t.Fatalf("unknown setting %q", name)
		}
	}
	s.toy = bottest.NewToy(loadCorpus(s.t, seeds.FS))
	s.set = stores.Memory(keep, func() time.Time { return s.now })
	h, err := conversation.New(conversation.Parts{Answerer: s.toy, Library: library.New(s.toy, ""), Stores: s.set.Stores,
		Settings: set, Now: func() time.Time { return s.now }, Random: &bottest.Counter{}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.handler = h
}

// run plays a conversation and returns it with what comes back now.
func (s *stage) run(script string) string {
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "  ") {
			continue
		}
		out.WriteString(line + "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for l := range strings.Lines(s.do(line)) {
			out.WriteString("  " + strings.TrimRight(l, "\n ") + "\n")
		}
	}
	return out.String()
}

// do does one line: "who> text", or "press", "edit", "wait", "index",
// "recheck", "votes", "unanswered".
func (s *stage) do(line string) string {
	if names, found := strings.CutPrefix(line, "index"); found {
		return s.index(strings.Fields(names))
	}
	head, said, found := strings.Cut(line, "> ")
	if !found && strings.HasSuffix(line, ">") {
		head, found = strings.TrimSuffix(line, ">"), true
	}
	if found {
		return s.say(head, said)
	}
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "press":
		return s.press(rest)
	case "wait":
		d, err := time.ParseDuration(rest)
		if err != nil {
			s.t.Fatal(err)
		}
		s.now = s.now.Add(d)
		return ""
	case "recheck":
		return s.recheck()
	case "votes", "unanswered":
		return s.kept(verb)
	}
	s.t.Fatalf("cannot do %q", line)
	return ""
}

// say plays "WHO [edits] [in CHAT[#THREAD]] [en] [aside] [naming]> text"; in
// a thread nothing is addressed unless "@" precedes the text.
func (s *stage) say(head, said string) string {
	m, who := s.address(head)
	m.Text = said
	fields := strings.Fields(head)
	s.ids++
	m.ID = fmt.Sprintf("m%d", s.ids)
	for _, f := range fields[1:] {
		switch f {
		case "edits":
			m.ID, m.Edit = s.lastID[who], "1"
		case "aside":
			m.Addressed = false
		case "naming":
			m.NamesOthers = true
		}
	}
	s.lastID[who] = m.ID
	r, err := s.handler.Handle(context.Background(), m)
	if err != nil {
		s.t.Errorf("%s> %s: %v", head, said, err)
	}
	if len(bottest.Buttons(r)) > 0 {
		s.last[who] = r
	}
	return bottest.Print(r)
}

// address reads who speaks, where, and in which client language.
func (s *stage) address(head string) (bot.Message, string) {
	fields := strings.Fields(head)
	m := bot.Message{Address: bot.Address{Platform: "slack", Workspace: "T1", User: fields[0]}, Addressed: true, Locale: "zh-CN"}
	for i, f := range fields[1:] {
		switch f {
		case "en":
			m.Locale = "en-US"
		case "whispering":
			m.Whisper = true
		case "in":
			m.Chat, m.Thread, _ = strings.Cut(fields[i+2], "#")
		}
	}
	if m.Chat == "" {
		m.Chat = "D-" + fields[0]
	}
	return m, fields[0]
}

// press plays "WHO LABEL [OF OTHER] [: input]": a button of the last reply to
// WHO, or to OTHER. The label is the button's, or TOKEN for a raw one.
func (s *stage) press(rest string) string {
	head, input, _ := strings.Cut(rest, " : ")
	where, label, _ := strings.Cut(head, " | ")
	label, of, _ := strings.Cut(label, " of ")
	m, who := s.address(where)
	if of == "" {
		of = who
	}
	a := bot.Action{Address: m.Address, ID: "press", Input: input, Posted: "posted", Locale: m.Locale, Whisper: m.Whisper}
	if raw, found := strings.CutPrefix(label, "raw "); found {
		a.Token = raw
	}
	nth := 1
	if l, n, found := strings.Cut(label, "/"); found {
		label = l
		nth, _ = strconv.Atoi(n)
	}
	for _, b := range bottest.Buttons(s.last[of]) {
		if b.Label == label && a.Token == "" {
			if nth--; nth == 0 {
				a.Token = b.Token
			}
		}
	}
	if a.Token == "" {
		s.t.Fatalf("no button %q in the last reply to %s", label, of)
	}
	r, err := s.handler.Act(context.Background(), a)
	if err != nil {
		s.t.Errorf("press %s: %v", rest, err)
	}
	if len(bottest.Buttons(r)) > 0 {
		s.last[who] = r
	}
	return bottest.Print(r)
}

// index makes the shipped reports, those without a name in without, and the
// script's own what is answered from.
func (s *stage) index(without []string) string {
	all := fstest.MapFS{}
	for _, name := range []string{"nmg-2022.txt", "nmg-2022.yaml"} {
		b, err := fs.ReadFile(seeds.FS, name)
		if err != nil {
			s.t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: b}
	}
	for name, b := range s.files {
		all[name] = &fstest.MapFile{Data: b}
	}
	for _, edit := range without {
		old, replacement, isEdit := strings.Cut(edit, "=>")
		if !isEdit {
			delete(all, edit+".txt")
			delete(all, edit+".yaml")
			continue
		}
		f := all["nmg-2022.txt"]
		f.Data = []byte(strings.ReplaceAll(string(f.Data), old, replacement))
	}
	s.toy.Swap(loadCorpus(s.t, all))
	return ""
}

func (s *stage) recheck() string {
	deliveries, err := s.handler.Recheck(context.Background())
	if err != nil {
		s.t.Error(err)
	}
	out := fmt.Sprintf("told: %d\n", len(deliveries))
	for _, d := range deliveries {
		who := d.Event.Address().User
		s.last[who] = d.Reply
		out += "to " + who + ": " + bottest.Print(d.Reply)
		if err := s.handler.Told(context.Background(), d.Watch); err != nil {
			s.t.Error(err)
		}
	}
	return out
}
