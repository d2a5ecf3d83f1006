package index

import (
	"bufio"
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func docs(t testing.TB) []Document {
	f, err := os.Open("../../seeds/nmg-2022.txt")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	var out []Document
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if s.Text() != "" {
			out = append(out, Document{Text: s.Text()})
		}
	}
	return out
}

func TestSearchFindsByAnyField(t *testing.T) {
	ix, err := Build(context.Background(), "", []Report{
		{Key: "a", Documents: []Document{{Text: "新建绿色矿山133座。", Head: "一、回顾"}}},
		{Key: "b", Documents: []Document{
			{Text: "新建绿色矿山100座以上。", Head: "三、任务"},
			{Text: "“三线一单”：生态保护红线。", Aliases: []string{"三线一单"}},
		}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	tests := []struct {
		name   string
		terms  []Term
		report int
		want   []int
	}{
		{"bigram", []Term{{Bigrams, "矿山", 1}}, -1, []int{0, 1}},
		{"number", []Term{{Bigrams, "133", 1}}, -1, []int{0}},
		{"unigram", []Term{{Unigrams, "红", 1}}, -1, []int{2}},
		{"head", []Term{{Head, "任务", 1}}, -1, []int{1}},
		{"alias", []Term{{Alias, "三线一单", 1}}, -1, []int{2}},
		{"one report only", []Term{{Bigrams, "矿山", 1}}, 1, []int{1}},
		{"bigram across quotes", []Term{{Bigrams, "单生", 1}}, -1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ix.Search(context.Background(), Query{Terms: tt.terms, Report: tt.report, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			var ids []int
			for _, m := range got {
				ids = append(ids, m.Document)
			}
			if d := cmp.Diff(tt.want, ids); d != "" {
				t.Error(d)
			}
		})
	}
	freq, err := ix.Frequencies(context.Background(), []Term{{Bigrams, "矿山", 1}, {Bigrams, "煤炭", 1}})
	if d := cmp.Diff([]int{2, 0}, freq); err != nil || d != "" {
		t.Error(err, d)
	}
}

func BenchmarkBuild(b *testing.B) {
	d := docs(b)
	for b.Loop() {
		ix, err := Build(context.Background(), "", []Report{{Key: "a", Documents: d}}, nil)
		if err != nil {
			b.Fatal(err)
		}
		ix.Close()
	}
}
