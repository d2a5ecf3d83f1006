package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"wenbao/retrieval/report"
	"wenbao/retrieval/report/reporttest"
)

const smallReport = `2024年某省政府工作报告
各位代表：
一、2023年工作回顾
过去一年，经济增长5％，各项工作都取得新的成绩。
二、2024年主要任务
今年要着力扩大内需，推动高质量发展，保障和改善民生。
`

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestLoad(t *testing.T) {
	c, err := Load(fstest.MapFS{
		"prov2024/某省.txt":  file(smallReport),
		"a.txt":            file(smallReport),
		"a.yaml":           file("id: first\nyear: 2030\ntitle: 题目\nsource_url: https://example.org/\n"),
		"b.TXT":            file("只有一段。"),
		".hidden/c.txt":    file("看不见。"),
		".d.txt":           file("看不见。"),
		"e.md":             file("不是文本。"),
		"broken/bytes.txt": file("好的一行\n坏\xff的一行好的一行"),
		"broken/empty.txt": file(" \u3000\n"),
		"broken/yaml.txt":  file("正文。"),
		"broken/yaml.yaml": file("year: 2024\ntitle: [\n"),
		"broken/key.txt":   file("正文。"),
		"broken/key.yaml":  file("title: 题目\nyaer: 2024\n"),
		"broken/year.txt":  file("正文。"),
		"broken/year.yaml": file("\nyear: 去年\n"),
		"broken/date.txt":  file("正文。"),
		"broken/date.yaml": file("delivered_on: 21.1.2022\n"),
		"broken/list.txt":  file("正文。"),
		"broken/list.yaml": file("- title\n"),
		"lost.yaml":        file("title: 没有正文\n"),
		"z.txt":            file("重复的编号。"),
		"z.yaml":           file("id: first\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range c.Reports {
		reporttest.Check(t, r)
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != "b first prov2024/某省" {
		t.Errorf("reports %s", got)
	}
	if r := c.Report("first"); r == nil || r.Year != 2030 || r.Title != "题目" || r.SourceURL != "https://example.org/" {
		t.Errorf("metadata: %+v", r)
	}
	if r := c.BySlug("prov2024~某省"); r == nil || r.ID != "prov2024/某省" || r.Slug() != "prov2024~某省" || r.Year != 2024 {
		t.Errorf("by slug: %+v", r)
	}
	if c.Report("second") != nil || c.BySlug("x~y") != nil {
		t.Error("found what is not there")
	}
	want := []string{
		"broken/bytes.txt:2: ", "broken/date.yaml:1: delivered_on", "broken/empty.txt: ", `broken/key.yaml:2: unknown key "yaer", did you mean "year"?`,
		"broken/list.yaml:1: ", "broken/yaml.yaml:", "broken/year.yaml:2: year", "lost.yaml: metadata without a document", `z.txt: duplicate id "first", first used in a.txt`,
	}
	if len(c.Problems) != len(want) {
		t.Errorf("problems %q", c.Problems)
	}
	for i := range min(len(want), len(c.Problems)) {
		if got := c.Problems[i].String(); !strings.HasPrefix(got, want[i]) {
			t.Errorf("problem %q, want %q", got, want[i])
		}
	}
}

func TestUnusableCorpus(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"nothing":     {},
		"only broken": {"a.txt": file("")},
	} {
		if _, err := Load(fsys); !errors.Is(err, ErrNoDocuments) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func TestLines(t *testing.T) {
	long, _ := json.Marshal(strings.Repeat("很长的一行。", 20000))
	name := filepath.Join(t.TempDir(), "passages.jsonl")
	lines := []string{
		`{"id":"a","text":"甲。"}`,
		``,
		`{"id":"b","text":"乙。","year":2020,"region":"某省","title":"题","anything":["else"]}`,
		`not json`,
		`{"id":"c"}`,
		`{"text":"没有编号。"}`,
		`{"id":"a","text":"重复。"}`,
		`{"id":7,"text":` + string(long) + `}`,
		"{\"id\":\"d\",\"text\":\"坏\xff\"}",
		`{"id":"e","text":""}`,
		`{"id":"f","text":"一\u2028二\n三"}`,
	}
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\r\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range c.Reports {
		reporttest.Check(t, r)
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != "7 a b f" {
		t.Errorf("reports %s", got)
	}
	if r := c.Report("b"); r.Year != 2020 || r.Region != "某省" || r.Title != "题" {
		t.Errorf("metadata: %+v", r)
	}
	if r := c.Report("f"); len(r.Paragraphs) != 2 {
		t.Errorf("%d paragraphs", len(r.Paragraphs))
	}
	var at []string
	for _, p := range c.Problems {
		at = append(at, fmt.Sprint(p.Line))
	}
	if got := strings.Join(at, " "); got != "4 5 6 9 10 7" {
		t.Errorf("problems at lines %s: %v", got, c.Problems)
	}
}

func TestDigests(t *testing.T) {
	load := func(text, meta string) *Corpus {
		c, err := Load(fstest.MapFS{"a.txt": file(text), "a.yaml": file(meta)})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	base := load("甲。", "year: 2020").Digest()
	if again := load("甲。", "year: 2020").Digest(); again != base {
		t.Error("the digest is not stable")
	}
	for _, other := range []*Corpus{load("乙。", "year: 2020"), load("甲。", "year: 2021"), load("甲。", "id: b\nyear: 2020")} {
		if other.Digest() == base {
			t.Errorf("same digest for %+v", other.Reports[0])
		}
	}
}

func TestInspectJSON(t *testing.T) {
	c := &Corpus{Reports: []*report.Report{parse("t", smallReport, report.Metadata{}), parse("u", "一段。", report.Metadata{})}}
	var out bytes.Buffer
	if err := WriteInspectJSON(&out, c); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Reports []map[string]json.RawMessage `json:"reports"`
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, r := range got.Reports {
		for _, key := range []string{"id", "title", "region", "year", "delivered_on", "speaker", "sections", "paragraphs", "terms", "figures", "warnings"} {
			if v := string(r[key]); v == "" || v == "null" {
				t.Errorf("%s is %q", key, v)
			}
		}
	}
}

// TestUnfriendlyInput holds the parser to time in proportion to the input:
// with anything quadratic this test would take minutes.
func TestUnfriendlyInput(t *testing.T) {
	const n = 30000
	for name, text := range map[string]string{
		"openers, other closers":  strings.Repeat("“", n) + strings.Repeat("）", n),
		"brackets":                strings.Repeat("“（", n) + strings.Repeat("）”", n),
		"one long list":           "一、回顾\n" + strings.Repeat("投资1亿元、", n),
		"one long sentence":       "一、2021年工作回顾\n" + strings.Repeat("去年投资增长5％，", n),
		"brackets before numbers": "一、2021年工作回顾\n" + strings.Repeat("（1亿元", n),
		"levels side by side":     "一、2021年工作回顾\n" + strings.Repeat("、1个国家级", n),
		"old values":              "一、2021年工作回顾\n" + strings.Repeat("从1到2%", n),
		"quoted numbers":          "一、2021年工作回顾\n" + strings.Repeat("“1”亿元", n),
		"digits":                  strings.Repeat("1", 4*n),
		"numerals":                strings.Repeat("万亿", n),
		"glossary without end":    "一、任务\n要抓。\n名词解释\n1.甲：乙。\n" + strings.Repeat("又一行。\n", n),
		"nested lists":            "一、任务\n" + strings.Repeat("一是：\n1.要：\n", n/10),
		"the same line":           strings.Repeat("各位代表！\n", n),
		"a name that never stops": strings.Repeat("“甲、", n) + "：乙。",
	} {
		reporttest.Check(t, parse(name, text, report.Metadata{Year: 2022}))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("t", smallReport)
	f.Add("prov2026/广东省", "附件2\n名词解释\n1.“四上”企业：\n一种称谓。\n2.甲：乙。\n")
	f.Add("a", "一、\n（\n三）改革\n1.\n1.1\n——\n一是\n“”：\n第章\n")
	f.Add("b", "各位代表：\n去年分别增长、3％、\n从5％分别提高到、6％")
	f.Add("c", "“x”：定义在这里，够长了。")
	f.Add("d", "\xff\xfe\r\r\n\u2028 。”")
	f.Fuzz(func(t *testing.T, id, text string) {
		r := parse(id, text, report.Metadata{})
		reporttest.Check(t, r)
		if err := WriteInspect(&bytes.Buffer{}, &Corpus{Reports: []*report.Report{r}}); err != nil {
			t.Fatal(err)
		}
	})
}
