package retrieval_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/question"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

const words = `
field: nature
concepts:
  - {id: mine, terms: [绿色矿山], said: [环保矿], en: [green mines]}
  - {id: grass, terms: [种草]}
  - {id: doctor, terms: [群众就医负担], said: [看病贵]}
places:
  - {id: nmg, name: 内蒙古自治区, short: [内蒙古], abbr: [蒙], en: [inner mongolia], level: province}
  - {id: bt, name: 包头市, short: [包头], parent: nmg, level: city}
  - {id: wh, name: 乌海市, short: [乌海], parent: nmg, level: city}
  - {id: gs, name: 甘肃省, short: [甘肃], abbr: [甘], level: province}
  - {id: bj, name: 北京市, short: [北京], abbr: [京], level: province}
  - {id: gd, name: 广东省, short: [广东], level: province}
`

// The reports of two regions and two years say the same of different numbers.
const (
	nmg2022 = `一、2021年工作回顾
过去一年，经济平稳运行。全区地区生产总值增长6.3％。
实施保护修复重大工程，完成种草1667万亩，新建绿色矿山133座，生态功能持续提升。
深化京蒙协作，引进企业97家。支持包头建设军民融合产业基地。
二、2022年主要任务
地区生产总值增长6％左右。加大矿山修复力度，新建绿色矿山100座以上。
落实黑土地保护性耕作任务1350万亩，建设保障性租赁住房1.2万套，启动高考综合改革。
实施“三线一单”分区管控，让“三个与共”理念扎根。三个与共即休戚与共、荣辱与共、生死与共。
减轻群众就医负担。
名词解释
1．“三线一单”：生态保护红线、环境质量底线、资源利用上线和生态环境准入清单。
2．“双减”政策：减轻作业负担和校外培训负担。
`
	nmg2023 = `一、2022年工作回顾
过去一年，地区生产总值增长4.2％。新建绿色矿山108座，完成种草1800万亩。
二、2023年主要任务
地区生产总值增长6％左右。新建绿色矿山90座。
`
	gs2023 = `一、2022年工作回顾
过去一年，地区生产总值增长4.5％。新建绿色矿山45座，完成种草300万亩。
二、2023年主要任务
地区生产总值增长5.5％。计划新建绿色矿山60座以上。
`
)

func about(region, year string) string {
	return "title: " + year + "年" + region + "政府工作报告\nregion: " + region + "\nyear: " + year + "\ndelivered_on: " + year + "-01-20\n"
}

func document(fsys fstest.MapFS, id, text, metadata string) {
	fsys[id+".txt"] = &fstest.MapFile{Data: []byte(text)}
	if metadata != "" {
		fsys[id+".yaml"] = &fstest.MapFile{Data: []byte(metadata)}
	}
}

func threeReports(t testing.TB) *corpus.Corpus {
	t.Helper()
	fsys := fstest.MapFS{}
	document(fsys, "nmg-2022", nmg2022, about("内蒙古自治区", "2022"))
	document(fsys, "nmg-2023", nmg2023, about("内蒙古自治区", "2023"))
	document(fsys, "gs-2023", gs2023, about("甘肃省", "2023"))
	return loadFS(t, fsys)
}

func loadFS(t testing.TB, fsys fstest.MapFS) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func loadText(t testing.TB, id, text string) *corpus.Corpus {
	t.Helper()
	fsys := fstest.MapFS{}
	document(fsys, id, text, "")
	return loadFS(t, fsys)
}

func loadWords(t testing.TB, content string) *lexicon.Lexicon {
	t.Helper()
	l, err := lexicon.Load(fstest.MapFS{"words.yaml": {Data: []byte(content)}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func generation(t testing.TB, c *corpus.Corpus) *retrieval.Generation {
	t.Helper()
	g, err := retrieval.NewGeneration(context.Background(), "", c, loadWords(t, words), nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// engine searches c until the end of the test.
func engine(t testing.TB, c *corpus.Corpus) *retrieval.Engine {
	t.Helper()
	e := retrieval.NewEngine(generation(t, c), retrieval.Options{Dictionary: cedict.Open()})
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// search asks e and returns a result that is good until the end of the test.
func search(t testing.TB, e *retrieval.Engine, text string, like retrieval.Query) *retrieval.Result {
	t.Helper()
	like.Question = question.Parse(text)
	res, release, err := e.Search(t.Context(), like)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	t.Cleanup(release)
	return res
}

// best is where the first hit stands and its best sentence.
func best(res *retrieval.Result) (report, sentence string) {
	if len(res.Hits) == 0 {
		return "", ""
	}
	h := &res.Hits[0]
	p := res.Report(h).Paragraphs[h.Paragraph]
	s := p.Sentences[h.Best]
	return res.Report(h).ID, p.Text[s.Start:s.End]
}

func day(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// repeat makes a text that is long enough to be searched for a while.
func repeat(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("一、任务\n第" + strings.Repeat("新", i%7+1) + "项，新建绿色矿山" + strings.Repeat("1", i%5+1) + "座，完成种草任务，减轻群众就医负担。\n")
	}
	return b.String()
}
