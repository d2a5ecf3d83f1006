package main

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wenbao/answers/eval"
	"wenbao/retrieval"
)

// TestEveryWeightIsTuned: no weight of the ranking is out of the tuner's reach.
func TestEveryWeightIsTuned(t *testing.T) {
	w := retrieval.DefaultWeights()
	if got, want := len(names(w)), reflect.TypeFor[retrieval.Weights]().NumField(); got != want {
		t.Fatalf("%d weights, want %d", got, want)
	}
	for _, name := range names(w) {
		other, err := scaled(w, name, 2)
		if err != nil {
			t.Fatal(err)
		}
		a, b := asMap(w), asMap(other)
		for k := range a {
			want := a[k]
			if k == name {
				want *= 2
			}
			if b[k] != want {
				t.Errorf("scaling %s makes %s %v of %v", name, k, b[k], a[k])
			}
		}
	}
}

// TestSample: a half of the answerable questions, a part of a passage set.
func TestSample(t *testing.T) {
	var report, passages []eval.Case
	for i := range 6 {
		expect := "answer"
		if i == 4 {
			expect = "none"
		}
		report = append(report, eval.Case{ID: fmt.Sprint(i + 1), Expect: expect})
	}
	for i := range 10 {
		passages = append(passages, eval.Case{ID: fmt.Sprint(i + 1), Kind: "passage"})
	}
	for _, test := range []struct {
		cases []eval.Case
		half  string
		most  int
		want  string
	}{
		{report, "", 0, "1 2 3 4 6"},
		{report, "even", 0, "2 4 6"},
		{report, "odd", 0, "1 3"},
		{passages, "", 5, "1 3 5 7 9"},
		{passages, "odd", 20, "1 2 3 4 5 6 7 8 9 10"},
	} {
		var ids []string
		for _, c := range sample(test.cases, test.half, test.most) {
			ids = append(ids, c.ID)
		}
		if diff := cmp.Diff(test.want, strings.Join(ids, " ")); diff != "" {
			t.Errorf("half %q, most %d (-want +got)\n%s", test.half, test.most, diff)
		}
	}
}

func TestSetsThatCannotBeOpened(t *testing.T) {
	for _, spec := range []string{"corpus", "corpus:questions:many", "corpus:questions:1:few"} {
		if err := run(t.Context(), io.Discard, []string{spec}, "", 1, "", ""); err == nil || !strings.HasPrefix(err.Error(), spec) {
			t.Errorf("%s: %v", spec, err)
		}
	}
	if err := run(t.Context(), io.Discard, nil, "", 1, t.TempDir()+"/none.json", ""); err == nil {
		t.Error("weights that are not there are read")
	}
}
