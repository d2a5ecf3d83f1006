package retrieval_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/question"
)

// TestYearsAndPlaces: the same question is answered from another report, or
// from another place of it, as it names a region or a year, as a report is in
// view, and as time passes.
func TestYearsAndPlaces(t *testing.T) {
	e := engine(t, threeReports(t))
	for _, test := range []struct {
		question, report, now string
		base                  int
		years                 []int
		wantReport, want      string
	}{
		// 去年 is the year before that of the report in view.
		{"去年新建了多少座绿色矿山", "nmg-2022", "", 2022, []int{2021}, "nmg-2022", "133座"},
		{"去年新建了多少座绿色矿山", "nmg-2023", "", 2023, []int{2022}, "nmg-2023", "108座"},
		{"去年新建了多少座绿色矿山", "gs-2023", "2030-05-01", 2023, []int{2022}, "gs-2023", "45座"},
		{"今年新建多少座绿色矿山", "nmg-2022", "", 2022, []int{2022}, "nmg-2022", "100座"},
		{"今年新建多少座绿色矿山", "nmg-2023", "", 2023, []int{2023}, "nmg-2023", "90座"},
		// Without one it is the year before now, else that of the newest report.
		{"内蒙古去年新建了多少座绿色矿山", "", "", 2023, []int{2022}, "nmg-2023", "108座"},
		{"内蒙古去年新建了多少座绿色矿山", "", "2022-06-30", 2022, []int{2021}, "nmg-2022", "133座"},
		{"内蒙古今年要新建多少座绿色矿山", "", "2022-06-30", 2022, []int{2022}, "nmg-2022", "100座"},
		{"内蒙古今年要新建多少座绿色矿山", "", "2023-06-30", 2023, []int{2023}, "nmg-2023", "90座"},
		// A region that is named has its own reports.
		{"甘肃去年新建了多少座绿色矿山", "", "", 2023, []int{2022}, "gs-2023", "45座"},
		{"甘肃计划新建多少座绿色矿山", "", "", 2023, nil, "gs-2023", "60座"},
		{"Inner Mongolia green mines built last year", "", "2022-06-30", 2022, []int{2021}, "nmg-2022", "133座"},
		// A year that is named is that year.
		{"内蒙古2021年新建了多少座绿色矿山", "", "2023-06-30", 2023, []int{2021}, "nmg-2022", "133座"},
		{"二〇二二年内蒙古完成种草多少亩", "", "", 2023, []int{2022}, "nmg-2023", "1800万亩"},
	} {
		t.Run(test.question+test.report+test.now, func(t *testing.T) {
			res := search(t, e, test.question, retrieval.Query{Report: test.report, Now: day(t, test.now)})
			if res.Base != test.base || !slices.Equal(res.Years, test.years) {
				t.Errorf("base %d, years %v; want %d, %v", res.Base, res.Years, test.base, test.years)
			}
			report, sentence := best(res)
			if report != test.wantReport || !strings.Contains(sentence, test.want) {
				t.Errorf("%s: %s; want %s of %s", report, sentence, test.want, test.wantReport)
			}
		})
	}
}

// TestPlacesAsked tells the region that the reports are about from places in
// it and from others.
func TestPlacesAsked(t *testing.T) {
	e := engine(t, threeReports(t))
	for text, want := range map[string]string{
		"内蒙古的绿色矿山":  "内蒙古自治区 home within",
		"包头建设什么基地":  "包头市 within",
		"内蒙古包头的基地":  "内蒙古自治区 home within, 包头市 within",
		"广东的绿色矿山":   "广东省",
		"绿色矿山新建多少座": "",
	} {
		res := search(t, e, text, retrieval.Query{Report: "nmg-2022"})
		var got []string
		for _, p := range res.Places {
			s := p.Name
			if p.Home {
				s += " home"
			}
			if p.Within {
				s += " within"
			}
			got = append(got, s)
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
}

// TestPlaceInTheEvidence: a hit knows whether it names the places asked for;
// two abbreviations side by side name theirs.
func TestPlaceInTheEvidence(t *testing.T) {
	e := engine(t, threeReports(t))
	for text, want := range map[string]bool{
		"北京协作引进企业多少家": true,  // 京蒙协作
		"广东协作引进企业多少家": false, // nothing of 广东
		"包头建设什么产业基地":  true,
		"内蒙古引进企业多少家":  true,
	} {
		res := search(t, e, text, retrieval.Query{Report: "nmg-2022"})
		if len(res.Hits) == 0 || res.Hits[0].Places != want {
			_, s := best(res)
			t.Errorf("%s: %v in %s", text, !want, s)
		}
	}
}

func TestUnknownReport(t *testing.T) {
	e := engine(t, threeReports(t))
	_, _, err := e.Search(t.Context(), retrieval.Query{Question: question.Parse("绿色矿山"), Report: "nmg-2021"})
	if !errors.Is(err, retrieval.ErrUnknownReport) {
		t.Errorf("got %v", err)
	}
}

func TestSearchIsCancelled(t *testing.T) {
	e := engine(t, threeReports(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := e.Search(ctx, retrieval.Query{Question: question.Parse("绿色矿山新建多少座")}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestIndexingIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if g, err := retrieval.NewGeneration(ctx, "", threeReports(t), loadWords(t, words), nil); !errors.Is(err, context.Canceled) {
		if g != nil {
			_ = g.Release()
		}
		t.Errorf("got %v", err)
	}
}

// TestEmptyCorpus: a corpus without reports finds nothing and breaks nothing.
func TestEmptyCorpus(t *testing.T) {
	e := engine(t, &corpus.Corpus{})
	for _, text := range []string{"绿色矿山新建多少座", "内蒙古呢", "", "gaokao", "？"} {
		if res := search(t, e, text, retrieval.Query{}); len(res.Hits) != 0 || res.Base != 0 {
			t.Errorf("%q: %d hits, base year %d", text, len(res.Hits), res.Base)
		}
	}
	if err := e.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestLimit: hits come best first, and no more than asked for.
func TestLimit(t *testing.T) {
	e := engine(t, threeReports(t))
	all := search(t, e, "新建绿色矿山多少座", retrieval.Query{})
	if len(all.Hits) < 5 {
		t.Fatalf("only %d hits", len(all.Hits))
	}
	two := search(t, e, "新建绿色矿山多少座", retrieval.Query{Limit: 2})
	if diff := cmp.Diff(all.Hits[:2], two.Hits); diff != "" {
		t.Errorf("(-all +two)\n%s", diff)
	}
}

// TestHits holds whatever is found to what ranking promises.
func TestHits(t *testing.T) {
	e := engine(t, threeReports(t))
	piece := rapid.SampledFrom([]string{"新建", "绿色矿山", "种草", "多少座", "多少", "去年", "今年", "2021年", "内蒙古", "甘肃", "广东", "三线一单", "是什么", "“", "增长", "百分之几", "GDP", "哪里", "有哪些", "环保矿", "？", "亩", "的"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
		res, release, err := e.Search(context.Background(), retrieval.Query{Question: question.Parse(text)})
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		seen := map[[2]int]bool{}
		for i := range res.Hits {
			h := &res.Hits[i]
			if at := [2]int{h.Report, h.Paragraph}; seen[at] {
				t.Errorf("%q: paragraph %v twice", text, at)
			} else {
				seen[at] = true
			}
			if i > 0 && h.Score > res.Hits[i-1].Score {
				t.Errorf("%q: hit %d is better than the one before it", text, i)
			}
			if flaw := hitFlaw(res, h); flaw != "" {
				t.Errorf("%q: hit %d: %s", text, i, flaw)
			}
		}
	})
}

func hitFlaw(res *retrieval.Result, h *retrieval.Hit) string {
	p := res.Report(h).Paragraphs[h.Paragraph]
	if len(h.Sentences) != len(p.Sentences) || h.Best < 0 || h.Best >= len(h.Sentences) {
		return fmt.Sprintf("best is %d of %d sentences", h.Best, len(h.Sentences))
	}
	const tolerance = 1e-9
	if h.Coverage < 0 || h.Coverage > 1+tolerance || h.Sentences[h.Best].Coverage > h.Coverage+tolerance {
		return fmt.Sprintf("coverage %v, of the sentence %v", h.Coverage, h.Sentences[h.Best].Coverage)
	}
	runes := len([]rune(p.Text)) + 8 // folding may lengthen a text a little
	for _, s := range h.Sentences {
		for _, x := range append(slices.Clone(s.Finds), s.Clause, s.Stated) {
			if x.Start < 0 || x.End < x.Start || x.End > runes {
				return fmt.Sprintf("span %v of %d characters", x, runes)
			}
		}
	}
	return ""
}

// TestVerify: every report of a generation is found by its own words.
func TestVerify(t *testing.T) {
	e := engine(t, threeReports(t))
	var done []int
	if err := e.Verify(t.Context(), func(n int) { done = append(done, n) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(done, []int{1, 2, 3}) {
		t.Errorf("progress %v", done)
	}
}

// TestGenerationIsNamedByItsContent.
func TestGenerationIsNamedByItsContent(t *testing.T) {
	l := loadWords(t, words)
	id := retrieval.GenerationID(threeReports(t), l)
	if again := retrieval.GenerationID(threeReports(t), loadWords(t, words)); again != id {
		t.Errorf("%s and %s are the same", id, again)
	}
	if other := retrieval.GenerationID(loadText(t, "nmg-2022", nmg2022), l); other == id {
		t.Error("another corpus has the same id")
	}
	if other := retrieval.GenerationID(threeReports(t), loadWords(t, strings.Replace(words, "环保矿", "环境矿", 1))); other == id {
		t.Error("another lexicon has the same id")
	}
}

func isClosed(g *retrieval.Generation) bool {
	select {
	case <-g.Closed():
		return true
	default:
		return false
	}
}

// TestSwapWaitsForSearches: a result stays good after its generation has been
// replaced, and the generation closes when the last one is released.
func TestSwapWaitsForSearches(t *testing.T) {
	old := generation(t, loadText(t, "old", "新建绿色矿山133座，完成种草任务。"))
	e := retrieval.NewEngine(old, retrieval.Options{})
	first, releaseFirst, err := e.Search(t.Context(), retrieval.Query{Question: question.Parse("绿色矿山")})
	if err != nil {
		t.Fatal(err)
	}
	held, releaseHeld, err := e.Acquire()
	if err != nil || held != old {
		t.Fatal(held, err)
	}
	next := generation(t, loadText(t, "new", "新建绿色矿山100座以上，完成种草任务。"))
	e.Swap(next)
	if isClosed(old) {
		t.Fatal("the generation closed under its searches")
	}
	// What began on the old generation goes on there.
	res, err := e.SearchIn(t.Context(), held, retrieval.Query{Question: question.Parse("绿色矿山")})
	if err != nil {
		t.Fatal(err)
	}
	if id, _ := best(res); id != "old" {
		t.Errorf("the search moved to %s", id)
	}
	if id := first.Report(&first.Hits[0]).ID; id != "old" {
		t.Errorf("the hit moved to %s", id)
	}
	now := search(t, e, "绿色矿山", retrieval.Query{})
	if id, _ := best(now); id != "new" || now.Generation != next {
		t.Errorf("a new search finds %s", id)
	}
	releaseFirst()
	if isClosed(old) {
		t.Error("the generation closed before its last search")
	}
	releaseHeld()
	if !isClosed(old) {
		t.Error("the generation is still open")
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestClose(t *testing.T) {
	g := generation(t, loadText(t, "a", "新建绿色矿山133座。"))
	e := retrieval.NewEngine(g, retrieval.Options{})
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if !isClosed(g) {
		t.Error("the generation is still open")
	}
	if err := e.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if _, _, err := e.Acquire(); !errors.Is(err, retrieval.ErrClosed) {
		t.Errorf("Acquire: %v", err)
	}
	if _, _, err := e.Search(t.Context(), retrieval.Query{}); !errors.Is(err, retrieval.ErrClosed) {
		t.Errorf("Search: %v", err)
	}
}

// TestSwapUnderSearches: whatever happens beside it, a search sees the corpus
// and the index of one generation.
func TestSwapUnderSearches(t *testing.T) {
	const searchers, swaps = 6, 12
	texts := make([]*corpus.Corpus, swaps+1)
	for i := range texts {
		texts[i] = loadText(t, fmt.Sprintf("g%d", i), fmt.Sprintf("新建绿色矿山%d座，完成种草任务。\n%s", i, repeat(20)))
	}
	generations := []*retrieval.Generation{generation(t, texts[0])}
	e := retrieval.NewEngine(generations[0], retrieval.Options{})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	errs := make(chan error, searchers)
	for range searchers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := searchOnce(e); err != nil && !errors.Is(err, retrieval.ErrClosed) {
					errs <- err
					return
				}
			}
		}()
	}
	for i := 1; i <= swaps; i++ {
		g := generation(t, texts[i])
		generations = append(generations, g)
		e.Swap(g)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	close(stop)
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	for i, g := range generations {
		select {
		case <-g.Closed():
		case <-time.After(10 * time.Second):
			t.Fatalf("generation %d is still open", i)
		}
	}
}

// searchOnce searches and checks that the hit's text is of the generation
// that was searched.
func searchOnce(e *retrieval.Engine) error {
	res, release, err := e.Search(context.Background(), retrieval.Query{Question: question.Parse("新建绿色矿山多少座"), Limit: 3})
	if err != nil {
		return err
	}
	defer release()
	if isClosed(res.Generation) {
		return errors.New("the generation is closed while a result of it is held")
	}
	if len(res.Hits) == 0 {
		return errors.New("nothing found")
	}
	for i := range res.Hits {
		if flaw := hitFlaw(res, &res.Hits[i]); flaw != "" {
			return errors.New(flaw)
		}
	}
	return nil
}

// TestDetach: a detached generation is the caller's to release.
func TestDetach(t *testing.T) {
	g := generation(t, loadText(t, "a", "新建绿色矿山133座。"))
	e := retrieval.NewEngine(g, retrieval.Options{})
	if got := e.Detach(); got != g {
		t.Fatalf("detached %v", got)
	}
	if isClosed(g) {
		t.Error("detaching closes")
	}
	if e.Detach() != nil {
		t.Error("detached twice")
	}
	beside := e.Beside(g)
	res, release, err := beside.Search(t.Context(), retrieval.Query{Question: question.Parse("绿色矿山")})
	if err != nil {
		t.Fatal(err)
	}
	if id, _ := best(res); id != "a" {
		t.Errorf("the engine beside finds %q", id)
	}
	release()
	if err := beside.Detach().Release(); err != nil || !isClosed(g) {
		t.Errorf("the generation is still open: %v", err)
	}
}

func BenchmarkSearch(b *testing.B) {
	e := engine(b, threeReports(b))
	q := question.Parse("内蒙古去年新建了多少座绿色矿山")
	for b.Loop() {
		_, release, err := e.Search(context.Background(), retrieval.Query{Question: q, Limit: 16})
		if err != nil {
			b.Fatal(err)
		}
		release()
	}
}
