package answers_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"wenbao/answers"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/report"
	"wenbao/seeds"
)

func ask(t testing.TB, e *answers.Engine, r answers.Request) answers.Answer {
	t.Helper()
	a, err := e.Answer(context.Background(), r)
	if err != nil {
		t.Fatalf("%s: %v", r.Question, err)
	}
	return a
}

// seedReport answers from the reports of the program: one engine for all
// tests, since making it takes longer than asking it.
func seedReport(t testing.TB) *answers.Engine {
	t.Helper()
	e, err := seeded()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var seeded = sync.OnceValues(func() (*answers.Engine, error) {
	c, err := corpus.Load(seeds.FS)
	if err != nil {
		return nil, err
	}
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil {
		return nil, err
	}
	g, err := retrieval.NewGeneration(context.Background(), "", c, l, nil)
	if err != nil {
		return nil, err
	}
	return answers.New(retrieval.NewEngine(g, retrieval.Options{Dictionary: cedict.Open()}), answers.Options{}), nil
})

// wireReport wires a corpus of one report of Inner Mongolia.
func wireReport(t testing.TB, text string) wired {
	t.Helper()
	c, err := corpus.Load(fstest.MapFS{
		"a/内蒙古.txt":  {Data: []byte(text)},
		"a/内蒙古.yaml": {Data: []byte("title: 2022年政府工作报告\nregion: 内蒙古自治区\nyear: 2022\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return wire(t, c, decodeLexicon(t))
}

// TestWishes: who asks when something will get better wants no date, and some
// is no number.
func TestWishes(t *testing.T) {
	e := seedReport(t)
	for question, says := range map[string]string{
		"啥时候能把雾霾治住":       "大气污染联防联治",
		"老房子的煤气管啥时候能换":    "燃气管道改造",
		"欠我们几家小厂的货款有没有人管": "账款",
	} {
		a := ask(t, e, answers.Request{Question: question})
		if a.Status != answers.Answered || !strings.Contains(a.Excerpts[0].Quote, says) {
			t.Errorf("%s: %s %s, %v, want what is said of %s", question, a.Status, a.Reason, a.Excerpts[:min(1, len(a.Excerpts))], says)
		}
	}
}

// TestRefusals: why the seed report does not answer, and that the nearest
// passages come along.
func TestRefusals(t *testing.T) {
	e := seedReport(t)
	for _, test := range []struct {
		question string
		reason   answers.Reason
		says     []string
	}{
		{"广东今年打算建多少个5G基站", answers.OutOfPlace, []string{"广东", "内蒙古"}},
		{"上海去年GDP增长了多少", answers.OutOfPlace, []string{"上海"}},
		{"2023年经济增长目标定的多少", answers.OutOfPeriod, []string{"2021", "2022"}},
		{"2015年GDP增长了多少", answers.OutOfPeriod, nil},
		{"呼和浩特地铁3号线哪年通车？", answers.NotMentioned, nil},
		{"包头市市长叫什么名字？", answers.NotMentioned, nil},
		{"“六稳”具体是哪六个稳？", answers.NotMentioned, nil},
		{"去年稀土产了多少吨", answers.NoFigure, nil},
		{"去年新冠一共确诊多少例", answers.NoFigure, nil},
		{"全区有多少家星巴克", answers.NotMentioned, nil}, // 全区 alone must not lead to a figure
		{"去年全区有多少人结婚", answers.NotMentioned, nil},
		{"村里能不能放炮仗", answers.NotMentioned, nil}, // what little agrees is faint
		{"彩票中奖要不要上税", answers.NotMentioned, nil},
		{"今天天气咋样，要带伞不", answers.OffTopic, nil},
		{"帮我写一段python快速排序", answers.OffTopic, nil},
	} {
		a := ask(t, e, answers.Request{Question: test.question})
		if a.Status != answers.NoAnswer || a.Reason != test.reason {
			t.Errorf("%s: %s %s, want %s", test.question, a.Status, a.Reason, test.reason)
			continue
		}
		for _, s := range test.says {
			if !strings.Contains(a.Message, s) {
				t.Errorf("%s: %q says nothing of %s", test.question, a.Message, s)
			}
		}
		if test.reason != answers.OffTopic && len(a.Excerpts) == 0 {
			t.Errorf("%s: no passages", test.question)
		}
		if en := ask(t, e, answers.Request{Question: test.question, Lang: "en"}); en.Message == a.Message || en.Message == "" {
			t.Errorf("%s: in English %q", test.question, en.Message)
		}
	}
}

// TestSuggestionsAreAnswered: what a refusal or a greeting proposes to ask has
// an answer.
func TestSuggestionsAreAnswered(t *testing.T) {
	e := seedReport(t)
	n := 0
	for _, text := range []string{"你好", "去年稀土产了多少吨", "2023年经济增长目标定的多少", "广东今年打算建多少个5G基站", "今天天气咋样，要带伞不"} {
		for _, s := range ask(t, e, answers.Request{Question: text}).Suggestions {
			n++
			if a := ask(t, e, answers.Request{Question: s}); a.Status != answers.Answered {
				t.Errorf("%s proposes %s, which is %s %s", text, s, a.Status, a.Reason)
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d suggestions", n)
	}
}

// TestFigure: the figure asked for, of a sentence that holds several.
func TestFigure(t *testing.T) {
	e := seedReport(t)
	for _, test := range []struct{ question, value, period, kind string }{
		{"去年新建了多少座绿色矿山", "133座", "2021", "achieved"},
		{"今年计划新建多少座绿色矿山", "100座", "2022", "target"},
		{"去年种草多少亩", "1667万亩", "2021", "achieved"},
		{"去年防沙治沙多少亩", "530万亩", "2021", "achieved"},
		{"今年地区生产总值增长目标是多少", "6％", "2022", "target"},
		{"城镇调查失业率控制在多少", "6％", "2022", "target"},
		{"消费品零售总额增长多少", "6.3％", "2021", "achieved"},
		{"一般公共预算收入增长多少", "14.6％", "2021", "achieved"},
		{"降低企业用电成本多少亿元", "59亿元", "2021", "achieved"},
		// A 分别 list names its subjects first and their figures after.
		{"民间投资增长了百分之几", "14.4％", "2021", "achieved"},
		{"工业投资增长了百分之几", "21.1％", "2021", "achieved"},
		{"制造业增长了百分之几", "11.3％", "2021", "achieved"},
		{"高新技术业增长了百分之几", "22.4％", "2021", "achieved"},
		{"去年高新技术企业达到多少家", "1220家", "2021", "achieved"},
		{"去年科技型中小企业达到多少家", "828家", "2021", "achieved"},
	} {
		a := ask(t, e, answers.Request{Question: test.question})
		got := ""
		if f := a.Figure; f != nil {
			got = fmt.Sprint(f.Value, " ", f.Period, " ", f.Kind)
		}
		if diff := cmp.Diff(fmt.Sprint(test.value, " ", test.period, " ", test.kind), got); diff != "" {
			t.Errorf("%s: %s (-want +got)\n%s", test.question, a.Status, diff)
		}
	}
	for _, text := range []string{"双减是什么意思", "长安杯颁给了哪个市", "要打造的产业集群有哪些", "你好"} {
		if a := ask(t, e, answers.Request{Question: text}); a.Figure != nil {
			t.Errorf("%s: figure %s", text, a.Figure.Value)
		}
	}
}

// TestMaxQuote: a long sentence is quoted by its ；-parts, the one that answers
// among them; what has no parts is quoted whole.
func TestMaxQuote(t *testing.T) {
	const long = "实施保护修复重大工程，完成营造林594万亩；种草1667万亩；新建绿色矿山133座；防沙治沙530万亩；整改问题厕所15.1万个。"
	e := wireReport(t, "一、2021年工作回顾\n"+long+"\n持续优化营商环境，企业开办时间压缩到一日以内，政务服务事项支持全程网办比例达到百分之九十以上。\n").engine
	for _, test := range []struct {
		question string
		max      int
		want     string
	}{
		{"新建绿色矿山多少座", 15, "新建绿色矿山133座；"},
		{"种草多少亩", 15, "种草1667万亩；"},
		{"整改问题厕所多少个", 15, "整改问题厕所15.1万个。"},
		{"新建绿色矿山多少座", 200, long},
		{"政务服务事项全程网办比例达到多少", 15, "持续优化营商环境，企业开办时间压缩到一日以内，政务服务事项支持全程网办比例达到百分之九十以上。"},
	} {
		a := ask(t, e, answers.Request{Question: test.question, MaxQuote: test.max})
		if len(a.Excerpts) == 0 {
			t.Errorf("%s: %s %s", test.question, a.Status, a.Reason)
			continue
		}
		if diff := cmp.Diff(test.want, a.Excerpts[0].Quote); diff != "" {
			t.Errorf("%s within %d (-want +got)\n%s", test.question, test.max, diff)
		}
	}
	// Parts that fit join the best one.
	a := ask(t, e, answers.Request{Question: "新建绿色矿山多少座", MaxQuote: 30})
	if q := a.Excerpts[0].Quote; !strings.Contains(q, "133座") || utf8.RuneCountInString(q) <= 15 || utf8.RuneCountInString(q) > 30 {
		t.Errorf("within 30 the quote is %q", q)
	}
}

// TestGlossaryIsQuotedWhole, whatever the limit.
func TestGlossaryIsQuotedWhole(t *testing.T) {
	e := seedReport(t)
	for text, term := range map[string]string{
		"三线一单是什么意思": "“三线一单”", "什么是四办": "“蒙速办·四办”服务", "双优是什么意思": "职业教育“双高”、“双优”", "公民道德建设十大行动有哪些": "新时代公民道德建设“十大行动”",
	} {
		a := ask(t, e, answers.Request{Question: text, MaxQuote: 10})
		if a.Status != answers.Answered || a.Excerpts[0].Citation.Term != term || a.Excerpts[0].Quote != a.Excerpts[0].Text {
			t.Errorf("%s: %s, %+v", text, a.Status, a.Excerpts)
		}
	}
}

// TestParagraphIsQuotedOnce, also where two asks of one question find it.
func TestParagraphIsQuotedOnce(t *testing.T) {
	e := wireReport(t, "一、2021年工作回顾\n完成种草1667万亩。新建绿色矿山133座。\n民间投资增长14.4％。\n").engine
	a := ask(t, e, answers.Request{Question: "种草多少亩？新建绿色矿山多少座？", Top: 10})
	seen := map[int]bool{}
	for _, x := range a.Excerpts {
		if seen[x.Citation.Paragraph] {
			t.Errorf("paragraph %d is quoted again: %s", x.Citation.Paragraph, x.Quote)
		}
		seen[x.Citation.Paragraph] = true
	}
	if a.Status != answers.Answered || !seen[2] {
		t.Errorf("%s, paragraphs %v", a.Status, seen)
	}
}

// TestSeveralAsks: each has its best excerpt first.
func TestSeveralAsks(t *testing.T) {
	e := seedReport(t)
	a := ask(t, e, answers.Request{Question: "“两率先”是啥，还有“三个离不开”又指什么"})
	var terms []string
	for _, x := range a.Excerpts[:min(2, len(a.Excerpts))] {
		terms = append(terms, x.Citation.Term)
	}
	if diff := cmp.Diff([]string{"“两率先”、“两超过”目标", "“三个离不开”、“五个认同”"}, terms); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// One that has no answer does not take the other's away.
	if a := ask(t, e, answers.Request{Question: "去年稀土产了多少吨？去年新建了多少座绿色矿山？"}); a.Status != answers.Answered || !strings.Contains(a.Excerpts[0].Quote, "133座") {
		t.Errorf("%s %s", a.Status, a.Reason)
	}
}

// TestNotInTheSource: a quote that does not stand in the source, byte for
// byte, is withheld and counted.
func TestNotInTheSource(t *testing.T) {
	c, err := loadText("一、2021年工作回顾\n新建绿色矿山133座。\n完成种草1667万亩。\n")
	if err != nil {
		t.Fatal(err)
	}
	tampered := *c.Reports[0]
	tampered.Text = strings.Replace(tampered.Text, "133座", "233座", 1)
	w := wire(t, &corpus.Corpus{Reports: []*report.Report{&tampered}}, decodeLexicon(t))
	a := ask(t, w.engine, answers.Request{Question: "新建绿色矿山多少座"})
	for _, x := range a.Excerpts {
		if strings.Contains(x.Text, "133座") {
			t.Errorf("%q is quoted, which is not in the source", x.Quote)
		}
	}
	if w.engine.Dropped() != 1 {
		t.Errorf("%d quotes withheld, want 1", w.engine.Dropped())
	}
	if a.Figure != nil {
		t.Errorf("a figure without its quote: %+v", a.Figure)
	}
	// With nothing left to quote there is no answer.
	tampered.Text = strings.Repeat("？", len(tampered.Text)/3)
	if a := ask(t, w.engine, answers.Request{Question: "新建绿色矿山多少座"}); a.Status != answers.NoAnswer || len(a.Excerpts) > 0 || a.Message == "" {
		t.Errorf("%s with %d excerpts, message %q", a.Status, len(a.Excerpts), a.Message)
	}
}

// TestCitation: the label is for people, the link leads to the sentence.
func TestCitation(t *testing.T) {
	c, err := corpus.Load(fstest.MapFS{
		"各省/内蒙古 一.txt":  {Data: []byte("一、2021年工作回顾\n（一）生态\n新建绿色矿山133座。\n名词解释\n1．“双减”政策：减轻作业负担。\n2．“双高”：高水平学校。\n")},
		"各省/内蒙古 一.yaml": {Data: []byte("title: 工作报告\nyear: 2022\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	g, err := retrieval.NewGeneration(context.Background(), "", c, decodeLexicon(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	search := retrieval.NewEngine(g, retrieval.Options{})
	t.Cleanup(func() { search.Close() })
	e := answers.New(search, answers.Options{PublicURL: "https://reports.example/w/"})
	x := ask(t, e, answers.Request{Question: "新建绿色矿山多少座"}).Excerpts[0]
	id := c.Reports[0].Paragraphs[2].ID
	want := answers.Citation{Report: "各省/内蒙古 一", Title: "工作报告", Section: []string{"一、2021年工作回顾", "（一）生态"}, Paragraph: 3, ParagraphID: id, Period: "2021",
		Label: "《工作报告》一、2021年工作回顾·（一）生态 第3段",
		URL:   "https://reports.example/w/r/%E5%90%84%E7%9C%81~%E5%86%85%E8%92%99%E5%8F%A4%20%E4%B8%80/p/" + id + fmt.Sprintf("?s=0-%d", len("新建绿色矿山133座。"))}
	if diff := cmp.Diff(want, x.Citation); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	term := ask(t, e, answers.Request{Question: "双减是什么意思"}).Excerpts[0].Citation
	if term.Term != "“双减”政策" || !strings.HasPrefix(term.Label, "《工作报告》") || !strings.Contains(term.Label, "第5段") {
		t.Errorf("the entry is cited as %+v", term)
	}
}

// TestMarks: what the question asks about is marked in the quote.
func TestMarks(t *testing.T) {
	e := seedReport(t)
	x := ask(t, e, answers.Request{Question: "去年新建了多少座绿色矿山"}).Excerpts[0]
	var marked []string
	for _, m := range x.Marks {
		marked = append(marked, x.Quote[m.Start:m.End])
	}
	if !slices.ContainsFunc(marked, func(s string) bool { return strings.Contains(s, "绿色矿山") }) {
		t.Errorf("marked are %v", marked)
	}
	for _, s := range marked {
		if utf8.RuneCountInString(s) < 2 {
			t.Errorf("the single character %s is marked", s)
		}
	}
}

// TestAboutTheReport: who gave it, and when, stands before its first section.
func TestAboutTheReport(t *testing.T) {
	e := seedReport(t)
	for text, want := range map[string]string{"这份报告是谁作的？": "王莉霞", "报告是什么时候作的": "2022年1月21日", "who delivered the report": "王莉霞"} {
		a := ask(t, e, answers.Request{Question: text})
		if a.Status != answers.Answered || !strings.Contains(a.Excerpts[0].Quote, want) {
			t.Errorf("%s: %s %s", text, a.Status, a.Reason)
		}
	}
}

// TestConversation: a follow-up is answered as what it was taken to mean.
func TestConversation(t *testing.T) {
	e := seedReport(t)
	for _, test := range []struct {
		history          []string
		question         string
		understood, want string
	}{
		{[]string{"去年老旧小区改造了多少户？"}, "那棚户区呢？", "去年棚户区改造了多少户？", "2.59万套"},
		{[]string{"职教的双高是指？"}, "双优又是什么", "", "“双优”指优质中职学校"},
		{[]string{"支持包头建设什么基地"}, "鄂尔多斯呢", "支持鄂尔多斯建设什么基地", "现代能源产业基地"},
		{[]string{"去年新建了多少座绿色矿山", "谢谢"}, "今年呢", "去年新建了多少座绿色矿山，今年呢", "100座以上"},
		{[]string{"去年新建了多少座绿色矿山"}, "换个话题，呼包鄂乌之间多久能到", "", "1小时快速客运圈"},
	} {
		a := ask(t, e, answers.Request{Question: test.question, History: test.history})
		if test.want == "2.59万套" && (a.Figure == nil || a.Figure.Value != test.want) {
			t.Errorf("%s: figure %v", test.question, a.Figure)
		}
		if a.Understood != test.understood {
			t.Errorf("%v, %s: understood as %q, want %q", test.history, test.question, a.Understood, test.understood)
		}
		if a.Status != answers.Answered || !strings.Contains(a.Excerpts[0].Quote, test.want) {
			t.Errorf("%v, %s: %s %s, want %s", test.history, test.question, a.Status, a.Reason, test.want)
		}
	}
}

// TestContext: a cache must know which turns an answer hangs on.
func TestContext(t *testing.T) {
	e := seedReport(t)
	for _, test := range []struct {
		history  []string
		question string
		want     []string
	}{
		{nil, "双减是什么", nil},
		{[]string{"双高是什么", "去年老旧小区改造了多少户？"}, "那棚户区呢？", []string{"去年老旧小区改造了多少户？"}},
		{[]string{"去年老旧小区改造了多少户？", "棚户区呢"}, "今年呢", []string{"去年老旧小区改造了多少户？", "棚户区呢"}},
		{[]string{"去年老旧小区改造了多少户？"}, "去年新建了多少座绿色矿山", nil},
		{[]string{"你好", " "}, "棚户区呢", nil},
	} {
		turns, generation, err := e.Context(answers.Request{Question: test.question, History: test.history})
		if err != nil || generation == "" {
			t.Fatal(generation, err)
		}
		if diff := cmp.Diff(test.want, turns); diff != "" {
			t.Errorf("%v, %s (-want +got)\n%s", test.history, test.question, diff)
		}
	}
}

func TestSmallTalk(t *testing.T) {
	e := seedReport(t)
	messages := map[string]string{}
	for text, talk := range map[string]string{"你好": "greeting", "谢谢": "thanks", "再见": "farewell", "你是谁": "identity"} {
		a := ask(t, e, answers.Request{Question: text})
		if a.Status != answers.SmallTalk || a.Talk != talk || a.Message == "" || len(a.Excerpts) > 0 {
			t.Errorf("%s: %+v", text, a)
		}
		if other, ok := messages[a.Message]; ok {
			t.Errorf("%s and %s are answered alike", text, other)
		}
		messages[a.Message] = text
	}
	if a := ask(t, e, answers.Request{Question: "你好。双减是什么意思？"}); a.Status != answers.Answered {
		t.Errorf("a greeting before a question makes it %s", a.Status)
	}
}

func TestRequests(t *testing.T) {
	e := seedReport(t)
	for name, test := range map[string]struct {
		request answers.Request
		want    error
	}{
		"empty":          {answers.Request{Question: " \n"}, answers.ErrEmpty},
		"too long":       {answers.Request{Question: strings.Repeat("问", answers.MaxQuestion+1)}, answers.ErrTooLong},
		"unknown report": {answers.Request{Question: "双减是什么", Report: "nmg-1999"}, answers.ErrUnknownReport},
	} {
		a, err := e.Answer(t.Context(), test.request)
		if !errors.Is(err, test.want) || a.Status != "" {
			t.Errorf("%s: %v, %s", name, err, a.Status)
		}
	}
	if _, err := e.Answer(t.Context(), answers.Request{Question: strings.Repeat("问", answers.MaxQuestion)}); err != nil {
		t.Errorf("a question of the greatest length: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Answer(ctx, answers.Request{Question: "双减是什么"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for top, want := range map[int]int{0: answers.DefaultTop, 1: 1, 3: 3, answers.MaxTop + 50: answers.MaxTop} {
		a := ask(t, e, answers.Request{Question: "推进经济发展有什么措施", Top: top})
		if n := len(a.Excerpts); n > want || n < min(want, 3) {
			t.Errorf("top %d: %d excerpts", top, n)
		}
	}
	a := ask(t, e, answers.Request{ID: "7", Question: "双减是什么意思"})
	if a.ID != "7" || a.Question != "双减是什么意思" || a.Generation == "" {
		t.Errorf("the answer does not say what it answers: %+v", a)
	}
}

// TestAnsweringAtOnce: questions asked side by side are answered as one by one.
func TestAnsweringAtOnce(t *testing.T) {
	e := seedReport(t)
	texts := []string{"去年新建了多少座绿色矿山", "三线一单是什么意思", "黑土弟保护性更作多少亩", "广东今年打算建多少个5G基站", "gaokao综合改革搞不搞"}
	alone := make([]answers.Answer, len(texts))
	for i, text := range texts {
		alone[i] = ask(t, e, answers.Request{Question: text})
		alone[i].TookMicros = 0
	}
	var wg sync.WaitGroup
	for range 4 {
		for i, text := range texts {
			wg.Add(1)
			go func() {
				defer wg.Done()
				a, err := e.Answer(context.Background(), answers.Request{Question: text})
				a.TookMicros = 0
				if diff := cmp.Diff(alone[i], a); err != nil || diff != "" {
					t.Errorf("%s: %v (-alone +at once)\n%s", text, err, diff)
				}
			}()
		}
	}
	wg.Wait()
}

func BenchmarkAnswer(b *testing.B) {
	e := seedReport(b)
	for name, text := range map[string]string{"figure": "去年新建了多少座绿色矿山", "term": "三线一单是什么意思", "paraphrase": "看病太贵了，有没有办法让老百姓少掏点钱", "refusal": "去年稀土产了多少吨"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask(b, e, answers.Request{Question: text})
			}
		})
	}
}

// TestEachRegionAndYear: a question of several regions or years that have
// reports of their own is answered for each; what has no answer is named.
func TestEachRegionAndYear(t *testing.T) {
	text := func(past, plan string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("一、工作回顾\n去年新建绿色矿山" + past + "座，完成种草300万亩。\n二、主要任务\n今年新建绿色矿山" + plan + "座以上。\n")}
	}
	about := func(region, year string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("title: " + year + "年" + region + "政府工作报告\nregion: " + region + "\nyear: " + year + "\n")}
	}
	c, err := corpus.Load(fstest.MapFS{
		"nm22.txt": text("133", "100"), "nm22.yaml": about("内蒙古自治区", "2022"),
		"nm23.txt": text("108", "90"), "nm23.yaml": about("内蒙古自治区", "2023"),
		"gs23.txt": text("45", "60"), "gs23.yaml": about("甘肃省", "2023"),
		"qh23.txt": {Data: []byte("一、工作回顾\n过去一年，群众生活改善。\n二、主要任务\n修好水库。\n")}, "qh23.yaml": about("青海省", "2023"),
	})
	if err != nil {
		t.Fatal(err)
	}
	w := wire(t, c, decodeLexicon(t))
	for _, tt := range []struct {
		question string
		holds    []string // each in another of the first quotes, in order
		message  string
	}{
		{"内蒙古和甘肃2022年新建绿色矿山多少座", []string{"108座", "45座"}, ""},
		{"内蒙古、甘肃2023年新建绿色矿山的目标哪个高", []string{"90座以上", "60座以上"}, ""},
		{"内蒙古2021年、2022年新建绿色矿山多少座", []string{"133座", "108座"}, ""},
		{"甘肃和青海2022年新建绿色矿山多少座", []string{"45座"}, "青海"},
		{"甘肃2022年新建绿色矿山多少座", []string{"45座"}, ""},
	} {
		a := ask(t, w.engine, answers.Request{Question: tt.question})
		if a.Status != answers.Answered || len(a.Excerpts) < len(tt.holds) {
			t.Errorf("%s: %s %s", tt.question, a.Status, a.Reason)
			continue
		}
		for i, want := range tt.holds {
			if !strings.Contains(a.Excerpts[i].Quote, want) {
				t.Errorf("%s: quote %d is %q, want %q in it", tt.question, i+1, a.Excerpts[i].Quote, want)
			}
		}
		if (a.Message != "") != (tt.message != "") || !strings.Contains(a.Message, tt.message) {
			t.Errorf("%s: says %q", tt.question, a.Message)
		}
	}
}
