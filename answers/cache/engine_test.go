package cache_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wenbao/answers"
	"wenbao/answers/cache"
	"wenbao/answers/eval"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/seeds"
)

func engine(t testing.TB) *answers.Engine {
	t.Helper()
	c, err := corpus.Load(seeds.FS)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil {
		t.Fatal(err)
	}
	g, err := retrieval.NewGeneration(t.Context(), "", c, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	search := retrieval.NewEngine(g, retrieval.Options{})
	t.Cleanup(func() { search.Close() })
	return answers.New(search, answers.Options{})
}

// cases returns every question with gold that comes with the reports.
func cases(t testing.TB) []eval.Case {
	t.Helper()
	names, err := fs.Glob(os.DirFS("../../seeds/questions"), "*.jsonl")
	if err != nil || len(names) == 0 {
		t.Fatal("no questions", err)
	}
	var all []eval.Case
	for _, name := range names {
		f, err := os.Open(filepath.Join("../../seeds/questions", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := eval.ReadCases(name, f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got...)
	}
	return all
}

// bare is an answer without what differs from asking to asking.
func bare(a answers.Answer) answers.Answer {
	a.ID, a.Question, a.TookMicros = "", "", 0
	return a
}

// One cache for all questions says to each what the engine says to it: no two
// with different answers share an entry. Each is asked as it stands and in
// forms that normalise alike.
func TestNeverAnothersAnswer(t *testing.T) {
	e := engine(t)
	l, err := cache.New(cache.Parts{Source: e, Shared: newShared()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	changed, n := 0, 0
	for i, c := range cases(t) {
		r := answers.Request{Question: c.Question, History: c.History}
		plain, err := e.Answer(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(bare(plain), bare(ask(t, l, r))); diff != "" {
			t.Errorf("%q after %q: %s", c.Question, c.History, diff)
		}
		forms := []string{"请问" + c.Question, strings.TrimRight(c.Question, "？?。"), "“" + c.Question, width(c.Question)}
		for _, form := range forms[i%len(forms):][:1] {
			r.Question = form
			direct, err := e.Answer(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			n++
			if first(direct) != first(ask(t, l, r)) {
				changed++
				t.Logf("%q: %q directly, %q from the entry of %q", form, first(direct), first(ask(t, l, r)), c.Question)
			}
		}
	}
	if changed > 0 {
		t.Errorf("%d of %d other forms would be answered otherwise", changed, n)
	}
}

// width writes the ASCII characters of a question in full width.
func width(q string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, q)
}

// first is what an asker is told first.
func first(a answers.Answer) string {
	if len(a.Excerpts) == 0 || a.Status != answers.Answered {
		return string(a.Status)
	}
	return a.Excerpts[0].Quote
}

// TestSize states what an answer takes in the shared store.
func TestSize(t *testing.T) {
	e, codec := engine(t), cache.NewCodec()
	bytes, plain, n := 0, 0, 0
	for _, c := range cases(t)[:100] {
		a, err := e.Answer(t.Context(), answers.Request{Question: c.Question})
		if err != nil {
			t.Fatal(err)
		}
		b, err := codec.Encode(bare(a))
		if err != nil {
			t.Fatal(err)
		}
		back, err := codec.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(bare(a), back); diff != "" {
			t.Fatal(diff)
		}
		for _, x := range a.Excerpts {
			plain += len(x.Text) + len(x.Quote)
		}
		bytes += len(b)
		n++
	}
	t.Logf("%d bytes an answer, of which its paragraphs and quotes alone are %d bytes", bytes/n, plain/n)
}
