package lexicon_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/lexicon"
)

func load(t testing.TB, files ...string) *lexicon.Lexicon {
	t.Helper()
	fsys := fstest.MapFS{}
	for i, f := range files {
		fsys[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{Data: []byte(f)}
	}
	l, err := lexicon.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const small = `
field: nature
concepts:
  - {id: mine, terms: [绿色矿山, 矿山], said: [挖矿的地方], en: [green mine, GDP mine], abbr: [ＬＳ矿]}
  - {id: park, terms: [矿山公园]}
places:
  - {id: nmg, name: 内蒙古自治区, short: [内蒙古], weak: [草原], abbr: [蒙], en: [inner mongolia], level: province}
  - {id: bt, name: 包头市, short: [包头], parent: nmg, level: city}
  - {id: qs, name: 青山区, parent: bt, level: district}
  - {id: bj, name: 北京市, short: [北京], level: province}
  - {id: north, name: 华北, members: [nmg, bj], level: region}
`

// TestFind gives every form in a text, by start and then longest first.
func TestFind(t *testing.T) {
	l := load(t, small)
	for text, want := range map[string]string{
		"新建綠色礦山多少座":      "绿色矿山=mine 矿山=mine",
		"矿山公园":           "矿山公园=park 矿山=mine",
		"挖矿的地方在哪":        "挖矿的地方=mine",
		"ls矿":            "ls矿=mine",
		"green mines":    "",
		"evergreen mine": "",
		"a Green Mine.":  "green mine=mine",
		"内蒙古自治区包头市":      "内蒙古自治区=nmg 内蒙古=nmg 包头市=bt 包头=bt",
		"Inner Mongolia": "inner mongolia=nmg",
		"草原、蒙":           "", // weak and one-character names are no names on their own
		"矿":              "",
		"":               "",
	} {
		rs := analysis.Fold(text).Runes
		var got []string
		for _, m := range l.Find(rs) {
			id := ""
			if m.Concept >= 0 {
				id = l.Concepts[m.Concept].ID
			} else {
				id = l.Places[m.Place].ID
			}
			got = append(got, string(rs[m.Start:m.End])+"="+id)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}

func TestPlaces(t *testing.T) {
	l := load(t, small)
	at := func(name string) int {
		i := l.FindPlace(name)
		if i < 0 {
			t.Fatalf("%s is no place", name)
		}
		return i
	}
	for _, name := range []string{"内蒙古", "內蒙古自治區", " 内蒙古 ", "Inner Mongolia"} {
		if l.Places[at(name)].ID != "nmg" {
			t.Errorf("%q is %s", name, l.Places[at(name)].ID)
		}
	}
	for _, name := range []string{"", "矿山", "蒙", "草原", "某地"} {
		if i := l.FindPlace(name); i >= 0 {
			t.Errorf("%q is %s", name, l.Places[i].ID)
		}
	}
	for _, pair := range []struct {
		a, b string
		want bool
	}{
		{"包头", "内蒙古", true}, {"青山区", "内蒙古", true}, {"内蒙古", "内蒙古", true}, {"内蒙古", "包头", false},
		{"内蒙古", "华北", true}, {"青山区", "华北", true}, {"北京", "华北", true}, {"华北", "北京", false}, {"北京", "内蒙古", false},
	} {
		if got := l.Within(at(pair.a), at(pair.b)); got != pair.want {
			t.Errorf("%s within %s: %v", pair.a, pair.b, got)
		}
	}
}

// TestLoadSaysWhatIsWrong: a mistake in a lexicon is reported with its file
// and what is near.
func TestLoadSaysWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		name, content string
		want          []string
	}{
		{"unknown key", "concepts:\n  - {id: x, term: [某事]}", []string{"wrong.yaml", `"term"`}},
		{"no YAML", "concepts: [", []string{"wrong.yaml"}},
		{"one character", "concepts:\n  - {id: x, terms: [某事, 某]}", []string{"wrong.yaml", "x", `"某"`, "one character"}},
		{"one letter", "concepts:\n  - {id: x, terms: [某事], en: [a]}", []string{"wrong.yaml", `"a"`, "one character"}},
		{"empty form", "concepts:\n  - {id: x, terms: [某事], said: [' ']}", []string{"wrong.yaml", "one character"}},
		{"long form", "concepts:\n  - {id: x, terms: [某事], said: [" + strings.Repeat("长", 64) + "]}", []string{"wrong.yaml", "longer than 63"}},
		{"no terms", "concepts:\n  - {id: x, said: [某事]}", []string{"wrong.yaml", `"x"`, "at least one term"}},
		{"no id", "concepts:\n  - {terms: [某事]}", []string{"wrong.yaml", "needs an id"}},
		{"unknown related", "concepts:\n  - {id: mine, terms: [某事]}\n  - {id: x, terms: [某物], related: [minne]}", []string{"wrong.yaml", `"minne"`, `did you mean "mine"`}},
		{"related to itself", "concepts:\n  - {id: mine, terms: [某事], related: [mine]}", []string{"wrong.yaml", `"mine" is not another`}},
		{"id twice", "concepts:\n  - {id: x, terms: [某事]}\n  - {id: x, terms: [某物]}", []string{"wrong.yaml", `"x"`}},
		{"unknown parent", "places:\n  - {id: nmg, name: 内蒙古}\n  - {id: bt, name: 包头, parent: nmq}", []string{"wrong.yaml", `"nmq"`, `did you mean "nmg"`}},
		{"unknown member", "places:\n  - {id: nmg, name: 内蒙古}\n  - {id: north, name: 华北, members: [nmq]}", []string{"wrong.yaml", `"nmq"`, `did you mean "nmg"`}},
		{"circle of parents", "places:\n  - {id: a, name: 甲地, parent: b}\n  - {id: b, name: 乙地, parent: c}\n  - {id: c, name: 丙地, parent: a}", []string{"place a", "circle"}},
		{"its own parent", "places:\n  - {id: a, name: 甲地, parent: a}", []string{"place a", "circle"}},
		{"circle of members", "places:\n  - {id: a, name: 甲地, members: [b]}\n  - {id: b, name: 乙地, members: [a]}", []string{"place a", "circle"}},
		{"all at once", "concepts:\n  - {id: x, terms: [某]}\n  - {id: y, terms: [某事], related: [z]}\nplaces:\n  - {id: a, name: 甲地, parent: a}", []string{`"某"`, `"z"`, "circle"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := lexicon.Load(fstest.MapFS{"wrong.yaml": {Data: []byte(test.content)}, "fine.yaml": {Data: []byte("concepts:\n  - {id: fine, terms: [好事]}")}})
			if err == nil {
				t.Fatal("it is loaded")
			}
			for _, w := range test.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q says nothing of %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "fine.yaml") && test.name != "id twice" {
				t.Errorf("%q blames the other file", err)
			}
		})
	}
	if _, err := lexicon.Load(fstest.MapFS{"notes.txt": {}}); err == nil {
		t.Error("a folder without .yaml files is loaded")
	}
}

// TestLaterFolderReplaces: a concept of a later folder takes the place of the
// one with its id; twice within a folder is a mistake.
func TestLaterFolderReplaces(t *testing.T) {
	l, err := lexicon.Load(folder("a.yaml", "concepts:\n  - {id: x, terms: [某事]}"), folder("a.yaml", "concepts:\n  - {id: x, terms: [某物]}"))
	if err != nil {
		t.Fatal(err)
	}
	if l.Has("某事") || !l.Has("某物") {
		t.Error("the later folder does not win")
	}
	if l.Concepts[0].Field != "a" {
		t.Errorf("the field is %q, want the name of the file", l.Concepts[0].Field)
	}
	_, err = lexicon.Load(fstest.MapFS{"a.yaml": {Data: []byte("concepts:\n  - {id: x, terms: [某事]}")}, "b.yaml": {Data: []byte("concepts:\n  - {id: x, terms: [某物]}")}})
	if err == nil || !strings.Contains(err.Error(), "b.yaml") || !strings.Contains(err.Error(), "a.yaml") {
		t.Errorf("got %v, want both files named", err)
	}
}

// TestCompactIsTheSame: what is written down and read again finds the same.
func TestCompactIsTheSame(t *testing.T) {
	l := load(t, small)
	again, err := lexicon.Decode(l.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{l.Concepts, l.Places}, []any{again.Concepts, again.Places}, cmp.Transformer("forms", func(s []string) string { return strings.Join(s, "|") }),
		cmp.Transformer("indices", func(s []int) string { return fmt.Sprint(s) })); diff != "" {
		t.Errorf("(-built +read)\n%s", diff)
	}
	rs := analysis.Fold("内蒙古的绿色矿山和矿山公园").Runes
	if diff := cmp.Diff(l.Find(rs), again.Find(rs)); diff != "" {
		t.Errorf("(-built +read)\n%s", diff)
	}
	if l.Digest() != again.Digest() || l.Digest() == load(t, strings.Replace(small, "挖矿的地方", "挖矿场", 1)).Digest() {
		t.Error("the digest does not follow the content")
	}
}

func TestDecodeRefuses(t *testing.T) {
	head, _, _ := strings.Cut(load(t, small).Encode(), "\n")
	concept := "c\tid\tfield\t某事\t\t\t\t"
	place := "p\tid\t某地\t\t\t\t\t\t-1\tcity"
	for name, content := range map[string]string{
		"nothing":            "",
		"another version":    head + "1\n" + concept,
		"another line":       head + "\nx\ty",
		"too few fields":     head + "\nc\tid\tfield",
		"related to none":    head + "\n" + concept + "1",
		"related to letters": head + "\n" + concept + "a",
		"negative":           head + "\n" + concept + "-1",
		"parent of none":     head + "\n" + strings.Replace(place, "-1", "1", 1),
		"parent in letters":  head + "\n" + strings.Replace(place, "-1", "a", 1),
		"member of none":     head + "\n" + strings.Replace(place, "\t-1", "7\t-1", 1),
		"its own member":     head + "\n" + strings.Replace(place, "\t-1", "0\t-1", 1),
	} {
		if _, err := lexicon.Decode(content); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	for name, content := range map[string]string{"concept": concept + "0", "place": place} {
		if _, err := lexicon.Decode(head + "\n" + content + "\n"); err != nil {
			t.Errorf("a %s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	l := load(f, small)
	f.Add(l.Encode(), "内蒙古绿色矿山")
	f.Add("wenbao-lexicon 1\np\ta\t甲地\t\t\t\t\t1\t-1\t\np\tb\t乙地\t\t\t\t\t0\t-1\t\n", "甲地")
	f.Add("wenbao-lexicon 1\nc\t\t\t|\t\t\t\t\n", "|")
	f.Fuzz(func(t *testing.T, compact, text string) {
		if len(compact) > 1<<12 || len(text) > 1<<10 {
			return
		}
		l, err := lexicon.Decode(compact)
		if err != nil {
			return
		}
		rs := analysis.Fold(text).Runes
		for _, m := range l.Find(rs) {
			if m.Start < 0 || m.End-m.Start < 2 || m.End > len(rs) || (m.Concept < 0) == (m.Place < 0) {
				t.Errorf("match %+v in %d runes", m, len(rs))
			}
		}
		for a := range l.Places {
			if !l.Within(a, a) {
				t.Errorf("place %d is not within itself", a)
			}
			for b := range l.Places {
				l.Within(a, b)
			}
		}
		once := l.Encode()
		again, err := lexicon.Decode(once)
		if err != nil {
			t.Fatalf("%q cannot be read again: %v", once, err)
		}
		if again.Encode() != once {
			t.Errorf("%q became %q", once, again.Encode())
		}
	})
}

func BenchmarkFind(b *testing.B) {
	l := load(b, small)
	rs := analysis.Fold(strings.Repeat("内蒙古新建绿色矿山133座，矿山公园建成，", 10)).Runes
	for b.Loop() {
		l.Find(rs)
	}
}
