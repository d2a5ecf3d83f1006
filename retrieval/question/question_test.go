package question_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

var wants = map[question.Want]string{
	question.Anything: "anything", question.Definition: "definition", question.Figure: "figure", question.Who: "who", question.Where: "where",
	question.When: "when", question.Duration: "duration", question.List: "list", question.Which: "which", question.Measure: "measure", question.YesNo: "yes or no",
}

// want is the type of answer, with a ~ where it rests on a cue that says little.
func want(q question.Question) string {
	if q.Weak && q.Want != question.Anything {
		return wants[q.Want] + "~"
	}
	return wants[q.Want]
}

// content shows the runs that carry meaning, those that count in part in
// parentheses.
func content(q question.Question) string {
	var out []string
	for _, s := range q.Content {
		run := strings.Trim(string(q.Folded.Runes[s.Start:s.End]), " ?,。")
		if s.Weight < 1 {
			run = "(" + run + ")"
		}
		out = append(out, run)
	}
	return strings.Join(out, " | ")
}

// TestWant gives the type of answer that a question asks for, and what of it
// is searched for.
func TestWant(t *testing.T) {
	for _, test := range []struct{ text, want, content string }{
		{"去年新建了多少座绿色矿山？", "figure", "新建 | 绿色矿山"},
		{"种了多少亩草", "figure", "种 | 草"},
		{"绿色矿山计划再建几座", "figure", "绿色矿山 | (计划) | 再建"},
		{"將建幾個機場", "figure", "建 | 机场"},
		// Some, not how many; how many, though politely.
		{"检查能不能少来几趟", "yes or no~", "检查 | 少来"},
		{"好老师都在城里几个学校咋办", "measure", "好老师都在城里 | 学校"},
		{"能不能告诉我去年新建了几座绿色矿山", "figure", "新建 | 绿色矿山"},
		// A wish, and a date.
		{"啥时候能喝上干净水", "when~", "喝上干净水"},
		{"高考改革什么时候启动", "when", "高考改革 | 启动"},
		{"粮食产量", "figure~", "粮食产量"},
		{"双减是什么意思", "definition", "双减"},
		{"什么叫万企兴万村", "definition", "万企兴万村"},
		{"双优又是什么", "definition", "双优"},
		{"三线一单是什么", "definition~", "三线一单"},
		{"什么是三体计算星座", "definition", "三体计算星座"},
		{"长安杯给了谁", "who", "长安杯给"},
		{"全国总冠军是哪支球队", "who", "全国总冠军"},
		{"首批两山基地落在哪里", "where", "首批两山基地"},
		{"这是什么地方的试点", "where", "这 | 试点"},
		{"地铁3号线哪年通车", "when", "地铁3号线 | 通车"},
		{"高考改革是什么时候启动的", "when", "高考改革 | 启动"},
		{"呼包鄂乌之间多久能到", "duration", "呼包鄂乌之间 | 能到"},
		{"审批要几个月", "duration", "审批"},
		{"要打造的产业集群有哪些", "list", "打造 | 产业集群"},
		{"四办是哪四办", "list", "四办 | 办"},
		{"全区运动会办到第几届了", "which", "全区运动会办到 | 届"},
		{"高新区全国排名第几", "which", "高新区全国排名"},
		{"遥感卫星叫什么名字", "which", "遥感卫星"},
		{"看病难怎么解决", "measure", "看病难"},
		{"入园难有什么办法", "measure", "入园难"},
		{"会不会取消高考", "yes or no~", "取消高考"},
		{"为什么压减支出", "anything", "压减支出"},
		{"那棚户区呢？", "anything", "棚户区"},
		{"用了几十年的管网", "anything", "用 | 几十年 | 管网"},
		{"3074个项目", "anything", "3074个项目"},
		{"", "anything", ""},
		{"？？！", "anything", ""},
		// A unit is cut out with the question word, the beginning of a noun is not.
		{"实施多少个项目", "figure", "实施 | 项目"},
		{"有多少项目标任务", "figure", "有 | (目标) | 任务"},
		{"新增多少市场主体", "figure", "新增 | 市场主体"},
		{"新增多少万户市场主体", "figure", "新增 | 市场主体"},
		{"有多少万人口", "figure", "有 | 人口"},
		{"建成多少个平台", "figure", "建成 | 平台"},
		{"引进多少人才", "figure", "引进 | 人才"},
		{"输送多少天然气", "figure", "输送 | 天然气"},
		{"扶持多少个体工商户", "figure", "扶持 | 个体工商户"},
		{"连续多少天", "duration", "连续"},
		// A phrase that is part of another word is none.
		{"今年内蒙古新建多少座", "figure", "内蒙古新建"},
		{"2022年内蒙古新建多少座", "figure", "内蒙古新建"},
		{"今年内新建多少座", "figure", "新建"},
		{"2022年内新建多少座", "figure", "新建"},
		{"2023年度假区有哪些", "list", "度假区"},
		{"哈尔滨的GDP是多少", "figure", "哈尔滨 | gdp"},
		{"额济纳的疫情", "anything", "额济纳 | 疫情"},
		{"额，进出口总额多少", "figure", "进出口总额"},
		{"想问下哈 补贴怎么申请", "measure", "补贴 | 申请"},
		{"地方债有多少", "figure", "地方债有"},
		{"虚拟现实产业有哪些", "list", "虚拟现实产业"},
		{"面临哪些多重风险", "list", "面临 | 多重风险"},
		{"地铁几号线开通", "which", "地铁 | 开通"},
		// Of two cues the one that says more counts.
		{"三线一单是指什么政策", "definition", "三线一单 | 政策"},
		{"有什么措施，投资多少钱", "figure", "投资"},

		{"How much did renewable power generation grow in 2021?", "figure", "renewable power generation grow"},
		{"what is the Double Reduction policy", "definition~", "double reduction policy"},
		{"which city won the Silk Road Cup", "where", "won | silk road cup"},
		{"what does Skills Inner Mongolia mean", "definition", "skills inner mongolia"},
	} {
		q := question.Parse(test.text)
		if diff := cmp.Diff([]string{test.want, test.content}, []string{want(q), content(q)}); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.text, diff)
		}
	}
}

// TestUnit: the unit asked for, or what is measured, says what an answer must
// hold.
func TestUnit(t *testing.T) {
	for _, test := range []struct {
		text      string
		unit      string
		dimension report.Dimension
	}{
		{"新建多少座", "座", report.Things},
		{"有几家企业", "家", report.Things},
		{"多少个项目", "个", report.Things},
		{"种草多少亩", "亩", report.Surface},
		{"公路多少公里", "公里", report.Length},
		{"外送电量多少亿千瓦时", "千瓦时", report.Energy},
		{"产煤几亿吨", "吨", report.Weight},
		{"降费多少亿元", "元", report.Money},
		{"投资多少亿", "", report.Money},
		{"花了多少钱", "", report.Money},
		{"突破多少万亿", "", report.Money},
		{"投入多少援助资金", "", report.Money},
		{"多少人", "人", report.People},
		{"多少人口", "", report.People},
		{"旅游多少人次", "人次", report.People},
		{"改造多少户", "户", report.Households},
		{"增长百分之几", "%", report.Percent},
		{"增速是多少", "", report.Percent},
		{"失业率控制在多少", "", report.Percent},
		{"压减了几成", "成", report.Percent},
		{"GDP增长多少", "", report.Percent},
		{"提高几个百分点", "个百分点", report.Points},
		{"第几届", "届", report.Ordinal},
		{"排名第几", "", report.Ordinal},
		{"多少投资", "", report.NoDimension},
		{"双减是什么", "", report.NoDimension},
		{"How much did power generation grow", "", report.Percent},
	} {
		q := question.Parse(test.text)
		if q.Unit != test.unit || q.Dimension != test.dimension {
			t.Errorf("%s: unit %q of dimension %d, want %q of %d", test.text, q.Unit, q.Dimension, test.unit, test.dimension)
		}
	}
}

func TestTime(t *testing.T) {
	const past, planned, any = "past", "planned", "any"
	tense := map[question.Tense]string{question.AnyTense: any, question.Past: past, question.Planned: planned}
	for _, test := range []struct {
		text     string
		tense    string
		years    []int
		relative []int
	}{
		{"去年GDP增速", any, nil, []int{-1}},
		{"今年的重点", any, nil, []int{0}},
		{"明年打算投资多少", planned, nil, []int{1}},
		{"前年的情况", any, nil, []int{-2}},
		{"过去一年的成绩", any, nil, []int{-1}},
		{"去年底有多少家，今年想做到多少家", planned, nil, []int{-1, 0}},
		{"2021年和2022年的粮食产量", any, []int{2021, 2022}, nil},
		{"二〇二一年完成多少", any, []int{2021}, nil},
		{"21年新建多少", any, []int{2021}, nil},
		{"到2025年底的目标", planned, []int{2025}, nil},
		{"2021 投资", any, []int{2021}, nil},
		{"近20年的变化", any, nil, nil},
		{"2021个项目", any, nil, nil},
		{"3074个项目", any, nil, nil},
		{"9999年", any, nil, nil},

		{"建了多少", past, nil, nil},
		{"已经开工的项目", past, nil, nil},
		{"计划建几座", planned, nil, nil},
		{"今年要建几套", planned, nil, []int{0}},
		{"将新增多少家", planned, nil, nil},
		{"城镇新增就业完成计划了没有", past, nil, nil},
		{"去包头要多久", any, nil, nil},
		{"虚拟现实产业", any, nil, nil},
		{"重要的任务", any, nil, nil},
		{"领军企业有哪些要求", any, nil, nil},

		{"How many were built last year", past, nil, []int{-1}},
		{"targets for 2022", planned, []int{2022}, nil},
	} {
		q := question.Parse(test.text)
		if tense[q.Tense] != test.tense || !slices.Equal(q.Years, test.years) || !slices.Equal(q.Relative, test.relative) {
			t.Errorf("%s: %s %v %v, want %s %v %v", test.text, tense[q.Tense], q.Years, q.Relative, test.tense, test.years, test.relative)
		}
	}
	if !question.Parse("五年来建了多少公里高速").FiveYears {
		t.Error("五年来 is not five years")
	}
}

// TestNothingIsFoundAcrossAGap: what is cut out of a question must not leave
// two characters side by side that were apart.
func TestNothingIsFoundAcrossAGap(t *testing.T) {
	for text, absent := range map[string]string{
		"种了多少亩草":        "种草",
		"新建几座矿山":        "建矿",
		"帮企业省下来的电费有多少亿": "来电",
		"去年新建了多少座绿色矿山":  "建绿",
		"民间资本去年投资多少":    "本投",
		"是不是已经全覆盖":      "是全",
	} {
		q := question.Parse(text)
		for _, s := range q.Content {
			analysis.Grams(q.Folded.Runes[s.Start:s.End], func(g analysis.Gram, _, _ int) {
				rs := []rune(absent)
				if g == analysis.Bigram(rs[0], rs[1]) {
					t.Errorf("%s asks for %s", text, absent)
				}
			})
		}
	}
}

func TestTalk(t *testing.T) {
	for text, want := range map[string]question.Talk{
		"你好": question.Greeting, "你好呀，在吗": question.Greeting, "hello": question.Greeting, "Good morning!": question.Greeting,
		"谢谢啦": question.Thanks, "thanks": question.Thanks, "多谢多谢": question.Thanks,
		"再见": question.Farewell, "bye": question.Farewell,
		"你是谁": question.Identity, "你能做什么": question.Identity, "who are you": question.Identity,
		"今天天气咋样，要带伞不": question.OffTopic, "帮我写一段python快速排序": question.OffTopic, "讲个笑话吧": question.OffTopic, "tell me a joke": question.OffTopic,

		"你好，请问双减是什么":          question.NoTalk,
		"谢谢你，GDP增长多少":         question.NoTalk,
		"感谢信写给谁":              question.NoTalk,
		"2021你好":              question.NoTalk,
		"什么是三体计算星座":           question.NoTalk,
		"低轨卫星星座建了多少":          question.NoTalk,
		"天气预报准确率多少":           question.NoTalk,
		"专项债券怎么用":             question.NoTalk,
		"hi-tech enterprises": question.NoTalk,
		"":                    question.NoTalk,
	} {
		if got := question.Parse(text).Talk; got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// TestAboutReport: some questions are about the report, not about what it says.
func TestAboutReport(t *testing.T) {
	for text, want := range map[string]bool{
		"这份报告是谁作的？":                      true,
		"报告是什么时候作的":                      true,
		"政府工作报告是谁宣读的":                    true,
		"who delivered the report":       true,
		"When was the report presented?": true,
		"报告里谁得了长安杯":                      false,
		"报告提到哪个城市入选":                     false,
		"报告里的双减是什么意思":                    false,
		"谁作的":                            false,
	} {
		if got := question.Parse(text).AboutReport; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestOffice(t *testing.T) {
	for text, want := range map[string]string{
		"包头市市长叫什么名字？":                "市长",
		"自治区主席是谁":                    "主席",
		"教育厅厅长是哪位":                   "厅长",
		"who is the mayor of Hohhot": "mayor",
		"市长热线的号码是哪个":                 "",
		"市长说了多少次":                    "",
		"长安杯给了谁":                     "",
	} {
		if got := question.Parse(text).Office; got != want {
			t.Errorf("%s: office %q, want %q", text, got, want)
		}
	}
}

func TestEnglish(t *testing.T) {
	for text, want := range map[string]bool{"How many mines?": true, "GDP": true, "GDP增长多少": false, "绿色loan去年grow了百分之多少": false, "2021": false, "": false} {
		if got := question.Parse(text).English; got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestContentText(t *testing.T) {
	q := question.Parse("绿色矿山计划再建几座")
	if got := q.ContentText(); got != "绿色矿山 计划 再建" {
		t.Errorf("got %q", got)
	}
}

// check holds a parsed question to its contract: content is in order, within
// the text, and of some weight.
func check(t interface {
	Helper()
	Errorf(string, ...any)
}, text string, q question.Question) {
	t.Helper()
	at := 0
	for _, s := range q.Content {
		if s.Start < at || s.End <= s.Start || s.End > len(q.Folded.Runes) || s.Weight <= 0 || s.Weight > 1 {
			t.Errorf("%q: content %+v of %d runes", text, q.Content, len(q.Folded.Runes))
			return
		}
		at = s.End
	}
	if q.Text != text && q.Shown == "" {
		t.Errorf("%q became %q", text, q.Text)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"去年新建了多少座绿色矿山？", "几", "第几", "多少", "第几届", "2021", "20年", "0年", "要", "几十", "How many", "\xff", "百分之几万亿", "是什么时候", "gaokao综合", "①几座"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2048 {
			return
		}
		check(t, text, question.Parse(text))
		checkSplit(t, text)
	})
}

const mostAsks = 4

func checkSplit(t interface {
	Helper()
	Errorf(string, ...any)
}, text string) {
	t.Helper()
	parts := question.Split(text)
	if len(parts) == 0 || len(parts) > mostAsks {
		t.Errorf("%q has %d asks", text, len(parts))
	}
	at := 0
	for _, p := range parts[:min(len(parts), mostAsks-1)] { // the last may be put together
		i := strings.Index(text[at:], p)
		if i < 0 {
			t.Errorf("%q: %q is not in it", text, p)
			return
		}
		at += i + len(p)
	}
}

// TestParseTakesAnything builds questions out of the phrases they are made of.
func TestParseTakesAnything(t *testing.T) {
	piece := rapid.OneOf(
		rapid.SampledFrom(question.Phrases()),
		rapid.SampledFrom([]string{"绿色矿山", "投资", "GDP", "2021年", "二〇二一年", "几", "座", "要", "了", "，", "？", " ", "百分之", "亿元", "how many ", "第"}))
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
		check(t, text, question.Parse(text))
		checkSplit(t, text)
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		question.Parse("2022年要新建改建多少公里农村牧区公路，计划投资多少亿元")
	}
}

func ExampleParse() {
	q := question.Parse("去年新建了多少座绿色矿山？")
	fmt.Println(q.ContentText(), q.Unit, q.Relative)
	// Output: 新建 绿色矿山? 座 [-1]
}
