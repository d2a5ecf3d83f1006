package answers_test

import (
	"context"
	"os"
	"testing"
	"testing/fstest"

	"wenbao/answers"
	"wenbao/answers/eval"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/seeds"
)

// wired is everything that answers, as the program puts it together.
type wired struct {
	corpus *corpus.Corpus
	engine *answers.Engine
}

func decodeLexicon(t testing.TB) *lexicon.Lexicon {
	t.Helper()
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// wire answers from c; the engine is closed at the end of the test.
func wire(t testing.TB, c *corpus.Corpus, l *lexicon.Lexicon) wired {
	t.Helper()
	g, err := retrieval.NewGeneration(context.Background(), "", c, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	search := retrieval.NewEngine(g, retrieval.Options{Dictionary: cedict.Open()})
	t.Cleanup(func() { search.Close() })
	return wired{c, answers.New(search, answers.Options{})}
}

// wireSeeds answers from the reports of the program.
func wireSeeds(t testing.TB) wired {
	t.Helper()
	c, err := corpus.Load(seeds.FS)
	if err != nil {
		t.Fatal(err)
	}
	return wire(t, c, decodeLexicon(t))
}

// loadText loads a corpus of one document.
func loadText(text string) (*corpus.Corpus, error) {
	return corpus.Load(fstest.MapFS{"text.txt": {Data: []byte(text)}})
}

// questions reads the golden questions of the seed report.
func questions(t testing.TB) []eval.Case {
	t.Helper()
	f, err := os.Open("../seeds/questions/nmg-2022.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cases, err := eval.ReadCases(f.Name(), f)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 100 {
		t.Fatalf("only %d golden questions", len(cases))
	}
	return cases
}
