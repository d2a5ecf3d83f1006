package indicators_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"wenbao/configs"
	"wenbao/retrieval/indicators"
	"wenbao/retrieval/report"
)

func own(t *testing.T) *indicators.List {
	t.Helper()
	l, err := indicators.Decode(configs.Indicators)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestTheCompactFormIsOfTheFiles: run “make generate” after a change of the
// YAML files.
func TestTheCompactFormIsOfTheFiles(t *testing.T) {
	l, err := indicators.Load(os.DirFS("../../configs/indicators"))
	if err != nil {
		t.Fatal(err)
	}
	if l.Encode() != configs.Indicators {
		t.Error("configs/indicators.txt is not what its YAML files say: run make generate")
	}
	if len(l.All) < 150 {
		t.Errorf("only %d indicators", len(l.All))
	}
}

// TestOneThingOneIndicator: names of the same thing lead to one id, whatever
// scope or question stands around them.
func TestOneThingOneIndicator(t *testing.T) {
	l := own(t)
	for id, names := range map[string][]string{
		"gdp":                    {"地区生产总值", "国内生产总值", "GDP", "gdp", "全省地区生产总值", "GDP目标", "地区生产总值增长目标", "经济增长目标", "经济增速", "gross domestic product"},
		"gdp_per_capita":         {"人均地区生产总值", "人均GDP"},
		"general_budget_revenue": {"一般公共预算收入", "地方一般公共预算收入"},
		"tax_revenue":            {"税收收入"},
		"non_tax_revenue":        {"非税收入"},
		"grain_output":           {"粮食产量", "粮食总产量"},
		"private_investment":     {"民间投资"},
		"fixed_investment":       {"固定资产投资", "全社会固定资产投资"},
		"retail_sales":           {"社会消费品零售总额", "社零"},
		"new_urban_jobs":         {"城镇新增就业"},
		"cpi":                    {"居民消费价格", "CPI"},
	} {
		for _, name := range names {
			in, _, ok := l.Lookup(name)
			if !ok || in.ID != id {
				t.Errorf("%s: got %q, want %s", name, in.ID, id)
			}
		}
	}
}

// TestNeighboursStayApart: names that hold each other, or nearly, are other
// indicators.
func TestNeighboursStayApart(t *testing.T) {
	l := own(t)
	for _, pair := range [][2]string{
		{"地方一般公共预算收入", "税收收入"}, {"税收收入", "非税收入"}, {"粮食产量", "粮食播种面积"}, {"单位GDP能耗", "GDP"},
		{"民间投资", "固定资产投资"}, {"人均地区生产总值", "地区生产总值"}, {"城镇居民人均可支配收入", "农村居民人均可支配收入"},
		{"城镇调查失业率", "城镇登记失业率"}, {"进出口总额", "出口总额"}, {"居民消费价格", "工业生产者出厂价格"},
	} {
		a, _, okA := l.Lookup(pair[0])
		b, _, okB := l.Lookup(pair[1])
		if !okA || !okB || a.ID == b.ID {
			t.Errorf("%s is %q and %s is %q", pair[0], a.ID, pair[1], b.ID)
		}
	}
	for i := range l.All {
		for _, near := range l.All[i].Not {
			if in, _, ok := l.Lookup(near); ok && in.ID == l.All[i].ID {
				t.Errorf("%s: %s is taken for it", in.ID, near)
			}
		}
	}
}

// TestIDOnlyWhereCertain: the noun, the measure, the unit and the verb of a
// figure must all be of the indicator.
func TestIDOnlyWhereCertain(t *testing.T) {
	l := own(t)
	for _, c := range []struct {
		name   string
		figure report.Figure
		before bool
		want   string
	}{
		{"an amount", figure("地区生产总值", "达到", report.Level, "元"), true, "gdp"},
		{"with its scope", figure("内蒙古自治区地区生产总值", "", report.Level, "元"), true, "gdp"},
		{"a growth", figure("粮食产量", "增长", report.Growth, "%"), true, "grain_output"},
		{"another unit: the area sown", figure("粮食", "播种", report.Level, "亩"), true, ""},
		{"a part of it", figure("新区民间投资", "增长", report.Growth, "%"), true, ""},
		{"built, not the stock", figure("医院", "新建", report.Count, "家"), true, ""},
		{"counted behind the number", figure("医院", "", report.Count, "家"), false, ""},
		{"the flow has an id of its own", figure("高新技术企业", "新增", report.Count, "家"), true, "hightech_firms_new"},
	} {
		if got := l.ID(&c.figure, c.before); got != c.want {
			t.Errorf("%s: %s %s: got %q, want %q", c.name, c.figure.Verb, c.figure.Indicator, got, c.want)
		}
	}
}

func figure(noun, verb string, m report.Measure, unit string) report.Figure {
	return report.Figure{Indicator: noun, Verb: verb, Measure: m, Quantity: report.Quantity{Unit: unit}, Area: report.AreaOf("内蒙古自治区")}
}

// TestWhatAQuestionNames: the longest name in it.
func TestWhatAQuestionNames(t *testing.T) {
	l := own(t)
	for text, want := range map[string]string{
		"今年GDP增长目标是多少":      "gdp",
		"去年城镇居民人均可支配收入增长多少": "income_urban",
		"非税收入是多少":           "non_tax_revenue",
		"怎么办理居住证":           "",
	} {
		m, ok := l.In(text)
		if ok != (want != "") || m.ID != want {
			t.Errorf("%s: got %q (%s), want %q", text, m.ID, m.Name, want)
		}
	}
}

// TestOperatorsExtendTheList: a folder of their own adds and replaces.
func TestOperatorsExtendTheList(t *testing.T) {
	base := own(t)
	l, err := indicators.Extend(base, fstest.MapFS{"mine.yaml": {Data: []byte(`
- id: gdp
  name: 地区生产总值
  names: [全社会总产值]
  measures: [level, growth]
- id: yurts
  name: 蒙古包数
  unit: 座
  measures: [count]
`)}})
	if err != nil {
		t.Fatal(err)
	}
	if in, _, ok := l.Lookup("蒙古包数"); !ok || in.ID != "yurts" {
		t.Errorf("the indicator that was added is %q", in.ID)
	}
	if in, _, _ := l.Lookup("全社会总产值"); in.ID != "gdp" {
		t.Errorf("the indicator that was replaced is %q", in.ID)
	}
	if l.Digest() == base.Digest() {
		t.Error("another list has the same digest")
	}
	if same, err := indicators.Extend(base); err != nil || same != base {
		t.Error("without a folder it is not the list itself")
	}
}

// TestWhatIsWrongIsSaid names the file, the indicator and what to mend.
func TestWhatIsWrongIsSaid(t *testing.T) {
	for want, data := range map[string]string{
		"unknown field":         "- id: a\n  name: 甲\n  measures: [level]\n  title: 乙\n",
		`"levle" is no measure`: "- id: a\n  name: 甲\n  measures: [levle]\n",
		"small letters":         "- id: A-1\n  name: 甲\n  measures: [level]\n",
		"has no name":           "- id: a\n  measures: [level]\n",
		"has no measures":       "- id: a\n  name: 甲\n",
		`parent's id "b"`:       "- id: a\n  name: 甲\n  measures: [level]\n  parent: b\n",
		"stands in x.yaml":      "- id: a\n  name: 甲\n  measures: [level]\n- id: a\n  name: 乙\n  measures: [level]\n",
		"name of both":          "- id: a\n  name: 甲\n  measures: [level]\n- id: b\n  name: 甲\n  measures: [level]\n",
		"another thing's":       "- id: a\n  name: 甲\n  measures: [level]\n  not: [甲]\n",
	} {
		_, err := indicators.Load(fstest.MapFS{"x.yaml": {Data: []byte(data)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
	if _, err := indicators.Load(fstest.MapFS{}); err == nil {
		t.Error("a folder without a file is taken")
	}
	for _, broken := range []string{"", "wenbao-indicators 0\n", "wenbao-indicators 1\na\tb\n"} {
		if _, err := indicators.Decode(broken); err == nil {
			t.Errorf("%q is decoded", broken)
		}
	}
}
