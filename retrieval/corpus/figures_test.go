package corpus_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"wenbao/retrieval/corpus"
	"wenbao/retrieval/document"
	"wenbao/retrieval/report"
	"wenbao/retrieval/report/reporttest"
)

// TestWhatANumberIsOf shows the rules, one a row: the text stands in the
// review of 2024 or in the tasks of 2025.
func TestWhatANumberIsOf(t *testing.T) {
	for _, c := range []struct{ name, part, text, want string }{
		{"each number of a list to its own noun", "review", "完成营造林594万亩、种草1667万亩、防沙治沙530万亩。", `
营造林 | 完成 | 594万亩 | 5940000 亩 | level | 2024 | achieved | afforestation
种草 | 完成 | 1667万亩 | 16670000 亩 | level | 2024 | achieved | grass_planting
防沙治沙 | 完成 | 530万亩 | 5300000 亩 | level | 2024 | achieved | desert_treated`},
		{"分别", "tasks", "投资方面，水利投资、能源投资分别达到800亿元、2100亿元。", `
水利投资 | 达到 | 800亿元 | 80000000000 元 | level | 2025 | target | water_investment
能源投资 | 达到 | 2100亿元 | 210000000000 元 | level | 2025 | target | energy_investment`},
		{"a pair without 分别", "review", "城乡居民收入增长7.3%和10.7%。", `
城镇居民收入 | 增长 | 7.3% | 7.3 % | growth | 2024 | achieved | income_urban
农村居民收入 | 增长 | 10.7% | 10.7 % | growth | 2024 | achieved | income_rural`},
		{"level, share and growth of one noun", "review", "一般公共预算收入完成8.6亿元，为年初预算的102.4%，增长6.1%。", `
一般公共预算收入 | 完成 | 8.6亿元 | 860000000 元 | level | 2024 | achieved | general_budget_revenue
一般公共预算收入 | 为 | 102.4% | 102.4 % | share | 2024 | achieved | general_budget_revenue
一般公共预算收入 | 增长 | 6.1% | 6.1 % | growth | 2024 | achieved | general_budget_revenue`},
		{"old and new value", "review", "研发投入强度由1.42%提高到1.97%。", `
研发投入强度 | 由 | 1.42% | 1.42 % | share | 2023 | achieved | rd_intensity
研发投入强度 | 提高到 | 1.97% | 1.97 % | share | 2024 | achieved | rd_intensity`},
		{"members before a count", "tasks", "推动呼和浩特、鄂尔多斯、满洲里3个综保区高质量发展。", `
综保区 | – | 3个 | 3 个 | count | 2025 | target`},
		{"a total with what it is of", "review", "新增国家高新技术企业1200家，总量达到1.8万家。", `
国家高新技术企业 | 新增 | 1200家 | 1200 家 | count | 2024 | achieved | hightech_firms_new
国家高新技术企业总量 | 达到 | 1.8万家 | 18000 家 | count | 2024 | achieved`},
		{"a decline is negative", "review", "居民消费价格下降0.3%，固定资产投资同比-3.2%。", `
居民消费价格 | 下降 | 0.3% | -0.3 % | growth | 2024 | achieved | cpi
固定资产投资 | – | -3.2% | -3.2 % | growth | 2024 | achieved | fixed_investment | 同比`},
		{"thousands, spaces, ratios", "review", "完成危房改造1,206户，新建学校133 座，全员劳动生产率达到152977元/人，人口自然增长率为-3.93‰。", `
危房改造 | 完成 | 1,206户 | 1206 户 | count | 2024 | achieved | dangerous_houses
学校 | 新建 | 133 座 | 133 座 | count | 2024 | achieved
全员劳动生产率 | 达到 | 152977元/人 | 152977 元/人 | per_capita | 2024 | achieved | labour_productivity
人口自然增长率 | – | -3.93‰ | -3.93 ‰ | share | 2024 | achieved | natural_growth`},
		{"ranges and qualifiers", "tasks", "地区生产总值增长5%—5.5%，力争绿色矿山达到100座以上。", `
地区生产总值 | 增长 | 5%—5.5% | 5…5.5 % | growth | 2025 | target | gdp
绿色矿山 | 达到 | 力争…以上 100座 | 100 座 | count | 2025 | target | green_mines`},
		{"numbers that are no quantity", "review", "331国道改造完工，“1+3+X”体系建成，为3岁以下婴幼儿提供托位1万个。", `
托位 | 提供 | 1万个 | 10000 个 | count | 2024 | achieved`},
		{"a time word dates its own clause", "tasks", "地区生产总值增长4.5%左右，全面完成“十四五”期间能耗强度下降目标，到2027年高速公路达到3000公里。", `
地区生产总值 | 增长 | 左右 4.5% | 4.5 % | growth | 2025 | target | gdp
高速公路 | 达到 | 3000公里 | 3000 公里 | level | 2027 | target | expressway`},
		{"a year of comparison dates nothing", "review", "数字经济规模达到500亿元，是2020年的2.2倍，较2019年增长150%。", `
数字经济规模 | 达到 | 500亿元 | 50000000000 元 | level | 2024 | achieved | digital_economy
数字经济规模 | – | 2.2倍 | 2.2 倍 | multiple | 2024 | achieved
数字经济规模 | 增长 | 150% | 150 % | growth | 2024 | achieved | digital_economy | 较2019年`},
		{"several years together are not one", "review", "五年来，累计新建公路1200公里，地区生产总值年均增长6%，高速公路总里程达到9000公里。", `
公路 | 新建 | 1200公里 | 1200 公里 | level | 2020-2024 total | achieved
地区生产总值 | 增长 | 6% | 6 % | growth | 2020-2024 average | achieved | gdp
高速公路总里程 | 达到 | 9000公里 | 9000 公里 | level | 2020-2024 end | achieved | expressway`},
		{"a part keeps the noun of its whole", "tasks", "新建充电桩2万个以上，其中农村1万个以上。", `
充电桩 | 新建 | 以上 2万个 | 20000 个 | count | 2025 | target | charging_piles_new
农村充电桩 | 新建 | 以上 1万个 | 10000 个 | count | 2025 | target`},
		{"what is compared with is no noun", "tasks", "赤字率拟按2.8%安排、比去年预算高0.2个百分点，亩均收入比传统种植多2000元。", `
赤字率 | – | 2.8% | 2.8 % | share | 2025 | target | deficit_ratio
赤字率 | 高 | 0.2个百分点 | 0.2 个百分点 | change | 2025 | target | deficit_ratio | 比去年预算
亩均收入 | 多 | 2000元 | 2000 元 | change | 2025 | target | 比传统种植`},
		{"和 inside an item of a list", "review", "租赁和商务服务业、信息传输业营业收入分别增长11.7%、8.6%。", `
租赁和商务服务业营业收入 | 增长 | 11.7% | 11.7 % | growth | 2024 | achieved | business_services_revenue
信息传输业营业收入 | 增长 | 8.6% | 8.6 % | growth | 2024 | achieved`},
		{"a threshold has no unit of things", "review", "经济总量迈上1200亿台阶，在荷兰等13个国家投运海外仓36个。", `
经济总量 | – | 迈上 1200亿 | 120000000000  | count | 2024 | achieved
国家 | – | 13个 | 13 个 | count | 2024 | achieved
海外仓 | 投运 | 36个 | 36 个 | count | 2024 | achieved`},
		{"a noun from outside its clause is not sure", "review", "建立残疾人两项补贴制度，惠及2100多万人。", `
残疾人两项补贴制度 | – | 多 2100多万人 | 21000000 人 | count | 2024 | achieved | not sure`},
		{"a part in brackets, and how it is reckoned", "review", "一般公共预算收入301亿元（同口径），增长14.6%；新开工项目320个（其中产业类145个）。", `
一般公共预算收入 | – | 301亿元 | 30100000000 元 | level | 2024 | achieved | general_budget_revenue | 同口径
一般公共预算收入 | 增长 | 14.6% | 14.6 % | growth | 2024 | achieved | general_budget_revenue
项目 | 新开工 | 320个 | 320 个 | count | 2024 | achieved
产业类 | – | 145个 | 145 个 | count | 2024 | achieved`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := marked{Year: 2025, Part: c.part, Text: c.text}
			r, problem := reader(t).Report(document.Document{Name: "x", Text: []byte(placed(m))})
			if problem != nil {
				t.Fatal(problem)
			}
			var got []string
			for i := range r.Figures {
				got = append(got, strings.Replace(corpus.FigureLine(&r.Figures[i]), " achieved", " | achieved", 1))
			}
			for i := range got {
				got[i] = strings.Replace(got[i], " target", " | target", 1)
			}
			if want := strings.TrimSpace(c.want); strings.Join(got, "\n") != want {
				t.Errorf("%s\n got\n%s\nwant\n%s", c.text, strings.Join(got, "\n"), want)
			}
		})
	}
}

// TestASidecarPutsAFigureRight: corrects one, strikes one out, and says where
// it fits nothing.
func TestASidecarPutsAFigureRight(t *testing.T) {
	files := fstest.MapFS{
		"a.txt": {Data: []byte(placed(marked{Year: 2025, Part: "review", Text: "建成公园12个，绿化8万亩。全年接待游客30万人次。"}))},
		"a.yaml": {Data: []byte(`
figures:
  - at: 建成公园12个
    indicator: 口袋公园
    period: 2020-2024
    period_sense: total
  - at: 绿化8万亩
    strike: true
  - at: 接待游客31万人次
    number: 310000
  - at: 建成公园12个，绿化8万亩
    kind: target
`)},
	}
	c, err := corpus.Load(files)
	if err != nil || len(c.Problems) > 0 {
		t.Fatal(err, c.Problems)
	}
	r := c.Reports[0]
	if len(r.Figures) != 2 {
		t.Fatalf("%d figures", len(r.Figures))
	}
	f := &r.Figures[0]
	if f.Indicator != "口袋公园" || f.Period != (report.Period{From: 2020, To: 2024, Sense: report.Total}) || !f.Corrected || f.Kind != report.Target {
		t.Errorf("corrected: %s", corpus.FigureLine(f))
	}
	if warnings := strings.Join(r.Warnings, "\n"); !strings.Contains(warnings, "接待游客31万人次") || !strings.Contains(warnings, "not in the report") {
		t.Errorf("warnings: %s", warnings)
	}
	for want, yaml := range map[string]string{
		"“at” is missing":       "figures:\n  - indicator: 甲\n",
		"nothing to correct":    "figures:\n  - at: 甲\n",
		"not both":              "figures:\n  - at: 甲\n    strike: true\n    indicator: 乙\n",
		"did you mean \"kind\"": "figures:\n  - at: 甲\n    knd: target\n",
		"is none of achieved":   "figures:\n  - at: 甲\n    kind: done\n",
		"is not a number":       "figures:\n  - at: 甲\n    number: viel\n",
		"must be a list":        "figures: 甲\n",
	} {
		if _, _, err := document.ParseMetadata([]byte(yaml)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
}

// TestEveryFigureIsInTheSource: whatever the text, a value is its bytes.
func FuzzFigures(f *testing.F) {
	seed, err := os.ReadFile("../../seeds/nmg-2022.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(seed)) {
		f.Add(line)
	}
	f.Add("由（1,206户）、12. 5 %—-3.9‰和“十五”末1/4（县（市、区））万亿元翻了两番")
	f.Fuzz(func(t *testing.T, text string) {
		r, problem := corpus.Reader{}.Report(document.Document{Name: "x", Text: []byte("一、2024年工作回顾\n" + text + "\n二、2025年工作安排\n" + text)})
		if problem != nil {
			return
		}
		reporttest.Check(t, r)
	})
}
