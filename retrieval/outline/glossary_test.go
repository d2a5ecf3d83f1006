package outline

import (
	"slices"
	"strings"
	"testing"

	"wenbao/retrieval/report"
	"wenbao/retrieval/report/reporttest"
)

func weights(t report.Term) map[string]float64 {
	m := map[string]float64{}
	for _, a := range t.Aliases {
		m[a.Text] = a.Weight
	}
	return m
}

func TestSeedTerms(t *testing.T) {
	r := seedReport(t)
	if len(r.Terms) != 20 {
		t.Fatalf("%d terms", len(r.Terms))
	}
	for alias, name := range map[string]string{
		"两率先": "“两率先”、“两超过”目标", "“两超过”": "“两率先”、“两超过”目标", "两超过目标": "“两率先”、“两超过”目标",
		"蒙速办": "“蒙速办·四办”服务", "四办": "“蒙速办·四办”服务", "蒙速办·四办": "“蒙速办·四办”服务",
		"3.0方案": "优化营商环境3.0方案",
		"干支通":   "航线干支通、支支通、全网联", "支支通": "航线干支通、支支通、全网联", "全网联": "航线干支通、支支通、全网联",
		"天骏计划": "“天骏服务”计划", "天骏": "“天骏服务”计划", "天骏服务": "“天骏服务”计划",
		"双高": "职业教育“双高”、“双优”", "双优": "职业教育“双高”、“双优”",
		"两纲": "妇女儿童“两纲”", "技能内蒙古": "部区共建“技能内蒙古”", "公转铁": "“公转铁”、“散改集”",
	} {
		found := false
		for _, term := range r.Terms {
			if _, ok := weights(term)[alias]; ok {
				found = found || term.Name == name
			}
		}
		if !found {
			t.Errorf("%s is not found as %s", name, alias)
		}
	}
	for _, term := range r.Terms {
		w := weights(term)
		if w[term.Name] != 1 {
			t.Errorf("%s: its name has weight %v", term.Name, w[term.Name])
		}
		for _, weak := range []string{"目标", "计划", "行动", "服务", "政策", "十大", "两个"} {
			if w[weak] > 0 {
				t.Errorf("%s is found as %s", term.Name, weak)
			}
		}
	}
	if term := r.Terms[2]; term.Definition != "基于“蒙速办”政务服务移动客户端的一网办、掌上办、一次办、帮您办。" || !slices.Equal(term.Paragraphs, []int{68}) {
		t.Errorf("term 3: %+v", term)
	}
}

func TestGlossaryShapes(t *testing.T) {
	const head = "一、重点工作\n今年要抓好落实。\n"
	for _, test := range []struct {
		name, text string
		want       []string // name：definition
	}{
		{"one line", head + "名词解释\n1.“两重”：是指国家重大战略。\n2．零碳园区：碳排放和吸收平衡的园区。",
			[]string{"“两重”：是指国家重大战略。", "零碳园区：碳排放和吸收平衡的园区。"}},
		{"two lines", head + "附件2\n名词解释\n1.“四上”企业：\n一种习惯称谓。\n2.“双高计划”：\n一种计划。",
			[]string{"“四上”企业：一种习惯称谓。", "“双高计划”：一种计划。"}},
		{"heading with the annex", head + "附件2 名词解释\n1.分线管理：货物放开。\n2.虚拟电厂：一种系统。",
			[]string{"分线管理：货物放开。", "虚拟电厂：一种系统。"}},
		{"footnotes", head + "附注：\n1.新农合：全称新型农村合作医疗。\n2.云计算：一种模式。",
			[]string{"新农合：全称新型农村合作医疗。", "云计算：一种模式。"}},
		{"a name that starts with a number", head + "名词解释\n1.甲：乙。\n2．10种有色金属：铜、铅。",
			[]string{"甲：乙。", "10种有色金属：铜、铅。"}},
		{"torn lines", head + "名词解释\n1.“揭榜挂帅”：企业“\n揭榜\n挂帅”的简称。\n2.“灯塔工厂”：顶级认证。",
			[]string{"“揭榜挂帅”：企业“揭榜挂帅”的简称。", "“灯塔工厂”：顶级认证。"}},
		{"no heading", head + "1.“甲计划”：某计划。\n2.“乙工程”：某工程。\n3.“丙行动”：某行动。",
			[]string{"“甲计划”：某计划。", "“乙工程”：某工程。", "“丙行动”：某行动。"}},
		{"annex after it", head + "名词解释\n1.“甲”计划：某计划。\n附件\n2025年民生实事\n一、稳定就业\n目标：五十万人。",
			[]string{"“甲”计划：某计划。"}},
		{"single entry", "招“小商”、建“微工厂”：发挥各地优势，招引一批企业。", []string{"招“小商”、建“微工厂”：发挥各地优势，招引一批企业。"}},
		{"single entry, short name", "零碳园区：碳排放和吸收趋于平衡的园区。", []string{"零碳园区：碳排放和吸收趋于平衡的园区。"}},
		{"a list's announcement", "一年来，我们主要做了以下工作：稳增长，促改革。", nil},
		{"what someone said", "他在会上强调：要稳中求进，要以进促稳。", nil},
		{"a label", "主办单位：省教育厅，各州、市人民政府。", nil},
		{"a sentence", "全省地区生产总值增长5％，就业稳定。", nil},
	} {
		r := Parse("t", test.text, report.Metadata{})
		reporttest.Check(t, r)
		var got []string
		for _, term := range r.Terms {
			got = append(got, term.Name+"："+term.Definition)
			for _, i := range term.Paragraphs {
				if r.Paragraphs[i].Role != report.Glossary {
					t.Errorf("%s: paragraph %d is %s", test.name, i+1, r.Paragraphs[i].Role)
				}
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAliases(t *testing.T) {
	for _, test := range []struct {
		name, definition string
		want             string // alias>=weight …
		not              string
	}{
		{"“2+3”园区", "五个园区。", "2+3园区", "园区"},
		{"“一单制”“一箱制”", "两种制度。", "一单制 一箱制", ""},
		{"基础教育“三级三类”教师人才队伍", "“三级”即省、市、县，“三类”即三种人。", "三级三类 三级 三类", "人才"},
		{"科技英才领航工程和“双千”计划", "两项。", "科技英才领航工程 双千计划 双千", "计划"},
		{"新时代“枫桥经验”", "一种经验。", "枫桥经验", ""},
		{"EFlops", "一个单位。", "EFlops", ""},
		{"“三条红线”行动方案", "一个方案。", "三条红线", "行动方案"},
	} {
		got := map[string]bool{}
		for _, a := range aliasesOf(report.Term{Name: test.name, Definition: test.definition}) {
			got[a.Text] = true
		}
		for _, w := range strings.Fields(test.want) {
			if !got[w] {
				t.Errorf("%s is not found as %s", test.name, w)
			}
		}
		for _, w := range strings.Fields(test.not) {
			if got[w] {
				t.Errorf("%s is found as %s", test.name, w)
			}
		}
	}
}

func TestSharedAliasesWeighLess(t *testing.T) {
	r := Parse("t", "一、任务\n要抓好。\n名词解释\n1.“334”联农带农模式：一种。\n2.“622”联农带农模式：另一种。\n3.“甲”：某事。", report.Metadata{})
	if w := weights(r.Terms[0])["联农带农模式"]; w <= 0 || w >= 0.4 {
		t.Errorf("the shared part weighs %v", w)
	}
}
