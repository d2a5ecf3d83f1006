package cedict

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wenbao/retrieval/cedict/internal/table"
)

// words are the translations without their weights.
func words(es []Entry) []string {
	var ws []string
	for _, e := range es {
		ws = append(ws, e.Chinese)
	}
	return ws
}

func TestLookup(t *testing.T) {
	d := Open()
	for _, c := range []struct {
		english string
		first   string // the best translation
		others  string // some that must come too
	}{
		{"energy", "能源", ""},
		{"railway", "铁路", ""},
		{"greenhouse", "温室", ""},
		{"unemployment", "失业", ""},
		{"pension", "养老金", "退休金"},
		{"reform", "改革", ""},
		{"hospital", "医院", ""},
		{"kindergarten", "幼儿园", ""},
		{"budget", "预算", ""},
		{"drought", "干旱", "旱灾"},
		{"orphan", "孤儿", ""},
		{"logistics", "后勤", "物流"},
		{"Germany", "德国", ""},

		{"  The RAILWAY ", "铁路", ""},
		{"to build", "建设", "修建"},

		{"rare earth", "稀土", ""},
		{"natural gas", "天然气", ""},
		{"artificial intelligence", "人工智能", ""},
		{"gross domestic product", "国内生产总值", ""},
		{"GDP", "", "国内生产总值"},
		{"high-tech", "高科技", "高技术"},
		{"people’s livelihood", "民生", ""},
		{"free trade zone", "自由贸易区", ""},
		{"carbon dioxide", "二氧化碳", ""},

		{"pensions", "养老金", ""},
		{"factories", "工厂", ""},
		{"subsidies", "补贴", ""},
		{"taxes", "税", ""},
		{"sport", "体育", ""},
		{"children", "孩子们", "子女"},
		{"women", "女人", "妇女"},
		{"nursing homes", "养老院", ""},
		{"raised", "增加", "提高"},
		{"planned", "", "规划"},
		{"built", "建设", ""},
		{"urbanisation", "城市化", "城镇化"},
		{"aluminium", "铝", ""},

		{"irrigation", "灌溉", ""},
		{"consumption", "", "消费"},
		{"reduction", "降低", "削减"},

		{"jobs", "岗位", "工作"}, // not 乔布斯
	} {
		got := words(d.Lookup(c.english))
		if len(got) == 0 || c.first != "" && got[0] != c.first {
			t.Errorf("Lookup(%q) = %v, want %s first", c.english, got, c.first)
		}
		if c.others != "" && !slices.Contains(got, c.others) {
			t.Errorf("Lookup(%q) = %v, without %s", c.english, got, c.others)
		}
	}
}

func TestLookupFindsNothing(t *testing.T) {
	d := Open()
	for _, s := range []string{
		"", " ", "a", "the", "-", "'s", "’", "ing", "能源", "xyzzy", "sion", "ation",
		"one two three four five", strings.Repeat("energy ", 1000), "\xff\xfe", "energy\x00",
	} {
		if got := d.Lookup(s); len(got) != 0 {
			t.Errorf("Lookup(%.40q) = %v", s, got)
		}
	}
}

func TestLookupLeavesOut(t *testing.T) {
	d := Open()
	for english, not := range map[string]string{
		"wang":  "王",   // a surname
		"price": "普莱斯", // a name
	} {
		if got := words(d.Lookup(english)); slices.Contains(got, not) {
			t.Errorf("Lookup(%q) = %v", english, got)
		}
	}
}

// The table is data of the binary, so its form is checked here, not when opened.
func TestData(t *testing.T) {
	if err := Open().table.Check(); err != nil {
		t.Fatal(err)
	}
	if len(data) > 2_500_000 {
		t.Errorf("the table has grown to %d bytes", len(data))
	}
	d := Open()
	keys := 0
	d.table.Walk(func(key string, _ []table.Value) {
		keys++
		valid(t, key, d.Lookup(key))
	})
	if keys < 80_000 {
		t.Errorf("only %d keys", keys)
	}
}

// valid checks what Lookup promises whatever it is asked.
func valid(t *testing.T, english string, es []Entry) {
	t.Helper()
	if len(es) > 8 {
		t.Errorf("Lookup(%q) gives %d", english, len(es))
	}
	seen := map[string]bool{}
	for i, e := range es {
		switch {
		case e.Chinese == "" || !utf8.ValidString(e.Chinese) || seen[e.Chinese]:
			t.Errorf("Lookup(%q): word %q", english, e.Chinese)
		case e.Weight <= 0 || e.Weight > 1 || i > 0 && e.Weight > es[i-1].Weight:
			t.Errorf("Lookup(%q): weights of %v", english, es)
		case single(e) != single(es[0]):
			t.Errorf("Lookup(%q) mixes lengths: %v", english, es)
		}
		seen[e.Chinese] = true
	}
}

func FuzzLookup(f *testing.F) {
	for _, s := range []string{
		"energy", "the pension", "taxes", "planning", "rare earths", "raised incomes", "organisations",
		"women's", "s'", "ies ves es", "tion", "İstanbul", "能源", "a a a a", "\xff", "’s", "ation ment",
	} {
		f.Add(s)
	}
	d := Open()
	f.Fuzz(func(t *testing.T, s string) {
		es := d.Lookup(s)
		valid(t, s, es)
		if !slices.Equal(es, d.Lookup(" "+s+"\t")) {
			t.Errorf("Lookup(%q) depends on the space around it", s)
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	d := Open()
	for _, s := range []string{"energy", "gross domestic product", "subsidies", "irrigation", "no such thing anywhere"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.Lookup(s)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Open()
	}
}
