package corpus

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wenbao/retrieval/report"
	"wenbao/retrieval/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// seedReport parses the embedded report as the product does.
func seedReport(t testing.TB) *report.Report {
	t.Helper()
	c, err := Open("../../seeds/nmg-2022.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Reports) != 1 || len(c.Problems) != 0 {
		t.Fatalf("got %d reports, problems %v", len(c.Reports), c.Problems)
	}
	return c.Reports[0]
}

func seedText(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../../seeds/nmg-2022.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// parse makes a report of a text.
func parse(id, text string, given report.Metadata) *report.Report {
	return Reader{}.read(source{id: id, text: text, meta: given})
}

// TestGolden holds the whole of what is made of the embedded report; run with
// -update after a change and read the difference.
func TestGolden(t *testing.T) {
	c, err := Open("../../seeds/nmg-2022.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := WriteInspect(&got, c); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("testdata", "nmg-2022.golden")
	if *update {
		if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got.Bytes(), want) {
		return
	}
	gotLines, wantLines := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := "", ""
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Fatalf("%s:%d\n got %s\nwant %s", name, i+1, g, w)
		}
	}
}

func TestSeedReport(t *testing.T) {
	r := seedReport(t)
	reporttest.Check(t, r)
	if r.ID != "nmg-2022" || r.Year != 2022 || r.Region != "内蒙古自治区" || r.DeliveredOn != "2022-01-21" || r.Speaker != "王莉霞" || r.Language != "zh-CN" {
		t.Errorf("id %s, year %d, region %s, delivered %s, speaker %s, language %s", r.ID, r.Year, r.Region, r.DeliveredOn, r.Speaker, r.Language)
	}
	// Without its metadata all of this is in the text.
	bare := parse("nmg-2022", seedText(t), report.Metadata{})
	if bare.Title != r.Title || bare.Year != r.Year || bare.Region != r.Region || bare.DeliveredOn != r.DeliveredOn || bare.Speaker != r.Speaker {
		t.Errorf("inferred: title %s, year %d, region %s, delivered %s, speaker %s", bare.Title, bare.Year, bare.Region, bare.DeliveredOn, bare.Speaker)
	}
	p := r.Paragraphs[7]
	if path := r.Path(p.Section); !slices.Equal(path, []string{"一、“十四五”开局起步之年的工作回顾", "一是经济保持平稳健康运行"}) {
		t.Errorf("paragraph 8 is in %q", path)
	}
	for i, s := range p.Sentences {
		lead := "一是经济保持平稳健康运行"
		if i == 0 {
			lead = ""
		}
		if s.Lead != lead || !s.Period.Is(2021) || s.Kind != report.Achieved {
			t.Errorf("paragraph 8, sentence %d: lead %q, %s %s", i, s.Lead, s.Period, s.Kind)
		}
	}
}
