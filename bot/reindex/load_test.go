package reindex_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wenbao/answers"
	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
)

const (
	reindexesEnv = "WENBAO_TEST_REINDEXES"
	reportsEnv   = "WENBAO_TEST_REPORTS" // a folder of further reports
	rate         = 200                   // questions a second
)

func fromEnv(t *testing.T, name string, otherwise int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestQuestionsDuringReindexing asks without a pause while reports come, go
// and change: every question is answered, and everything in an answer is of
// the generation that it names.
func TestQuestionsDuringReindexing(t *testing.T) {
	f := newFolder(t)
	if more := os.Getenv(reportsEnv); more != "" {
		if err := os.CopyFS(f.path+"/more", os.DirFS(more)); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 6 {
		f.bridge(fmt.Sprint("r", n), n+1)
	}
	r := newRig(t, f, t.TempDir(), reindex.Settings{Keep: 2})
	known := &corpora{t: t, by: map[string]*corpus.Corpus{}}
	known.add(f, nil)

	asking := &crowd{r, known}
	before := asking.during(t, 2*time.Second, func() {})
	during := asking.during(t, 0, func() {
		last := known.add(f, nil)
		for n := range fromEnv(t, reindexesEnv, 6) {
			f.bridge("r0", 100+n)
			f.bridge(fmt.Sprint("new", n), n+1)
			f.remove(fmt.Sprintf("new%d.txt", n-2))
			last = known.add(f, last)
			wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
		}
	})
	t.Logf("before: %s", before)
	t.Logf("during: %s", during)
	if len(known.seen) < 3 {
		t.Errorf("answers came from %d generations only", len(known.seen))
	}
}

// corpora are all that ever was live, by generation.
type corpora struct {
	t    *testing.T
	mu   sync.Mutex
	by   map[string]*corpus.Corpus
	seen map[string]bool
}

func (c *corpora) add(f *folder, before *corpus.Corpus) *corpus.Corpus {
	c.t.Helper()
	now, err := f.Corpus(before)
	if err != nil {
		c.t.Fatal(err)
	}
	l, err := decoded()
	if err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[retrieval.GenerationID(now, l)] = now
	return now
}

// check says what is wrong with an answer, "" for nothing.
func (c *corpora) check(a answers.Answer) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := c.by[a.Generation]
	if own == nil {
		return "its generation never was"
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[a.Generation] = true
	if a.Status == answers.Answered && len(a.Excerpts) == 0 {
		return "it quotes nothing"
	}
	for _, x := range a.Excerpts {
		report := own.Report(x.Citation.Report)
		if report == nil {
			return "it cites " + x.Citation.Report + ", which its generation does not hold"
		}
		if n := x.Citation.Paragraph; n < 1 || n > len(report.Paragraphs) || report.Paragraphs[n-1].Text != x.Text || x.Text[x.Start:x.End] != x.Quote {
			return "its text is not that of its generation: " + x.Quote
		}
	}
	return ""
}

// crowd asks questions at a steady rate.
type crowd struct {
	rig   *rig
	known *corpora
}

// figures are what asking came to.
type figures struct {
	asked         int
	p50, p99, max time.Duration
}

func (f figures) String() string {
	return fmt.Sprintf("%d questions, p50 %.1f ms, p99 %.1f ms, slowest %.1f ms", f.asked, ms(f.p50), ms(f.p99), ms(f.max))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func questionOf(n int) answers.Request {
	switch n % 4 {
	case 0:
		return answers.Request{Question: bridgeQuestion, Report: "r0"}
	case 1:
		return answers.Request{Question: "新增图书馆多少座？"}
	case 2:
		return answers.Request{Question: "三线一单是什么？"}
	}
	return answers.Request{Question: "去年新建绿色矿山多少座", Report: "nmg-2022"}
}

// during asks while do runs, and at least for a time. Questions come at their
// times however long others take, and count from then.
func (c *crowd) during(t *testing.T, atLeast time.Duration, do func()) figures {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var mu sync.Mutex
	var took []time.Duration
	var group sync.WaitGroup
	group.Go(func() {
		begun := time.Now()
		for n := 0; ctx.Err() == nil; n++ {
			due := begun.Add(time.Duration(n) * time.Second / rate)
			time.Sleep(time.Until(due))
			group.Go(func() {
				a, err := c.rig.answers.Answer(context.Background(), questionOf(n))
				if err != nil {
					t.Errorf("question %d: %v", n, err)
					return
				}
				if wrong := c.known.check(a); wrong != "" {
					t.Errorf("question %d: %s", n, wrong)
				}
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(due))
			})
		}
	})
	enough := time.After(atLeast)
	do()
	<-enough
	stop()
	group.Wait()
	slices.Sort(took)
	if len(took) == 0 {
		t.Fatal("nothing was asked")
	}
	return figures{len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1]}
}

// TestAuditOfManyJobsIsWhole reads the audit log that many jobs wrote.
func TestAuditOfManyJobsIsWhole(t *testing.T) {
	f, data := newFolder(t), t.TempDir()
	r := newRig(t, f, data, reindex.Settings{})
	for n := range 3 {
		f.bridge("a", n+1)
		wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
	}
	r.close()
	raw, err := os.ReadFile(data + "/audit/audit.jsonl")
	if err != nil || strings.Count(string(raw), `"begun"`) != 3 || strings.Count(string(raw), `"succeeded"`) != 3 {
		t.Errorf("%v\n%s", err, raw)
	}
}
