package corpus_test

import (
	"os"
	"testing"

	"wenbao/retrieval/document"
)

// BenchmarkRead reads the embedded report from its text; the metric is bytes.
func BenchmarkRead(b *testing.B) {
	text, err := os.ReadFile("../../seeds/nmg-2022.txt")
	if err != nil {
		b.Fatal(err)
	}
	rd := reader(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problem := rd.Report(document.Document{Name: "nmg-2022", Text: text}); problem != nil {
			b.Fatal(problem)
		}
	}
}
