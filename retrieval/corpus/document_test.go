package corpus

import (
	"errors"
	"slices"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wenbao/retrieval/document"
	"wenbao/retrieval/report"
)

func ids(c *Corpus) []string {
	var out []string
	for _, r := range c.Reports {
		out = append(out, r.ID)
	}
	return out
}

// TestDocumentsOverACorpus: they take the place of reports, add to them, and
// reports are left out; the corpus below stays as it is.
func TestDocumentsOverACorpus(t *testing.T) {
	base, err := Load(fstest.MapFS{
		"a.txt": {Data: []byte("甲。")}, "b/c.txt": {Data: []byte("乙。")}, "d.txt": {Data: []byte("丙。")}, "bad.txt": {Data: []byte("\xFF\xFF\xFF")},
	})
	if err != nil {
		t.Fatal(err)
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("新乙，新建公园十二个，修缮道路三十公里。"))
	if err != nil {
		t.Fatal(err)
	}
	documents := []document.Document{
		{Name: "b/c", File: "c.txt", Text: gb},
		{Name: "x", File: "x.txt", Text: []byte("丁。"), Given: report.Metadata{ID: "e", Year: 2024}},
		{Name: "f", File: "f.txt", Text: []byte(" \n")},
	}
	over, err := Reader{}.Over(base, documents, []string{"d", "nowhere"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(over); !slices.Equal(got, []string{"a", "b/c", "e"}) || len(base.Reports) != 3 || len(base.Problems) != 1 {
		t.Errorf("reports %q over %q", got, ids(base))
	}
	if over.Report("a") != base.Report("a") || over.Report("b/c").Text != "新乙，新建公园十二个，修缮道路三十公里。" || over.Report("e").Year != 2024 {
		t.Error("the reports are not those meant")
	}
	if p := over.Problems; len(p) != 2 || p[0].File != "bad.txt" || p[1].String() != "f.txt: the document is empty" {
		t.Errorf("problems %v", p)
	}
	again, err := Reader{}.Over(base, documents, []string{"d"}, over)
	if err != nil || again.Report("b/c") != over.Report("b/c") || again.Digest() != over.Digest() {
		t.Errorf("what has not changed is parsed again: %v", err)
	}
	if _, err := (Reader{}).Over(base, nil, []string{"a", "b~c", "d"}, nil); !errors.Is(err, ErrNoDocuments) {
		t.Errorf("nothing is left: %v", err)
	}
}

// TestADocumentIsReadAsLoadReadsIt, its metadata too.
func TestADocumentIsReadAsLoadReadsIt(t *testing.T) {
	text, yaml := []byte("\xEF\xBB\xBF2024年某省政府工作报告\n一、2023年工作回顾\n新建公园12个。\n"), []byte("id: y\nyear: 2024\ntitle: 题")
	loaded, err := Load(fstest.MapFS{"p/x.txt": {Data: text}, "p/x.yaml": {Data: yaml}})
	if err != nil {
		t.Fatal(err)
	}
	meta, _, err := document.ParseMetadata(yaml)
	if err != nil {
		t.Fatal(err)
	}
	r, problem := Reader{}.Report(document.Document{Name: "p/x", Text: text, Given: meta})
	if problem != nil || r.Digest != loaded.Report("y").Digest || r.ID != "y" {
		t.Errorf("%v %+v", problem, r)
	}
	if r, problem := (Reader{}).Report(document.Document{Name: "x", File: "x.txt", Text: []byte("甲\n\xFF\xFF\xFE")}); r != nil || problem.Line != 2 {
		t.Errorf("%+v %v", r, problem)
	}
}
