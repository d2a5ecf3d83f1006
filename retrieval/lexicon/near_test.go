package lexicon_test

import (
	"slices"
	"testing"

	"wenbao/configs"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/lexicon"
)

func nearIDs(l *lexicon.Lexicon, text string, limit int, fits func(int) bool) []string {
	rs := analysis.Fold(text).Runes
	content := slices.Repeat([]bool{true}, len(rs))
	var ids []string
	for _, n := range l.Near(rs, content, limit, fits) {
		ids = append(ids, l.Concepts[n.Concept].ID)
	}
	return ids
}

func every(int) bool { return true }

// TestNear finds concepts by how their forms are made, in the order of how
// much of the text they have.
func TestNear(t *testing.T) {
	l := lexicon.New([]lexicon.Concept{
		{ID: "arrears", Field: "work", Terms: []string{"治理欠薪"}, Said: []string{"老板不给工钱", "拿不到工资"}},
		{ID: "insurance", Field: "farms", Terms: []string{"农业保险"}, Said: []string{"庄稼保险", "冰雹砸"}},
		{ID: "much", Field: "general", Terms: []string{"老板工资工钱"}},
	}, nil)
	for _, c := range []struct {
		text  string
		limit int
		want  []string
	}{
		{"工资一直拿不到", 2, []string{"arrears"}},
		{"庄稼叫冰雹砸坏，老板", 2, []string{"insurance", "arrears"}},
		{"庄稼叫冰雹砸坏，老板", 1, []string{"insurance"}},
		{"无关", 2, nil},
		{"hail insurance", 2, nil},
		{"", 2, nil},
	} {
		if got := nearIDs(l, c.text, c.limit, every); !slices.Equal(got, c.want) {
			t.Errorf("%q is near %v, want %v", c.text, got, c.want)
		}
	}
	if got := nearIDs(l, "庄稼，老板", 2, func(c int) bool { return l.Concepts[c].ID != "insurance" }); !slices.Equal(got, []string{"arrears"}) {
		t.Errorf("a concept that does not fit is not passed over: %v", got)
	}
}

// TestNearSaysWhere marks the runes that the forms have, and no content that
// is masked out.
func TestNearSaysWhere(t *testing.T) {
	l := lexicon.New([]lexicon.Concept{{ID: "a", Field: "f", Terms: []string{"农业保险"}}, {ID: "b", Field: "f", Terms: []string{"医院"}}}, nil)
	rs := []rune("买了保险的")
	content := []bool{true, false, true, true, false}
	got := l.Near(rs, content, 1, every)
	if len(got) != 1 || !slices.Equal(got[0].At, []bool{false, false, true, true, false}) {
		t.Fatalf("%+v", got)
	}
	if got[0].Explained <= 0 || got[0].Explained >= 1 {
		t.Errorf("explains %v of a text with one character that no form has", got[0].Explained)
	}
	if none := l.Near(rs, make([]bool, len(rs)), 1, every); none != nil {
		t.Errorf("nothing is content, and yet near: %+v", none)
	}
}

// TestNearIsTheSameFromManySides at once, the first time it is asked.
func TestNearIsTheSameFromManySides(t *testing.T) {
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil {
		t.Fatal(err)
	}
	const text = "包工头跑了，干了一年活钱要不回来"
	answers := make(chan []string)
	for range 8 {
		go func() { answers <- nearIDs(l, text, 5, every) }()
	}
	first := <-answers
	if len(first) != 5 || first[0] != "wage-arrears" {
		t.Errorf("near %v", first)
	}
	for range 7 {
		if other := <-answers; !slices.Equal(other, first) {
			t.Errorf("%v and %v", first, other)
		}
	}
}

func BenchmarkNear(b *testing.B) {
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil {
		b.Fatal(err)
	}
	rs := analysis.Fold("厂里货发出去一年多，对方赖着不给钱，政府帮着催不催").Runes
	content := slices.Repeat([]bool{true}, len(rs))
	for b.Loop() {
		l.Near(rs, content, 4, every)
	}
}

func BenchmarkFirstNear(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		l, err := lexicon.Decode(configs.Lexicon)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		l.Near([]rune("买药"), []bool{true, true}, 4, every)
	}
}
