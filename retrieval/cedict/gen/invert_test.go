package main

import (
	"slices"
	"testing"
)

func TestGlosses(t *testing.T) {
	for sense, want := range map[string][]string{
		"energy":                       {"energy"},
		"to lose one's job":            {"lose one's job"},
		"to be unemployed":             {"be unemployed", "unemployed"},
		"the West":                     {"west"},
		"distribution (business)":      {"distribution"},
		"(slang) threesome":            {"threesome"},
		"village; hamlet":              {"village", "hamlet"},
		"carbon dioxide CO2":           {"carbon dioxide"},
		"gross domestic product (GDP)": {"gdp", "gross domestic product"},
		"dual pension (PRC)":           {"dual pension"},
		"Yellow River or Huang He":     {"yellow river", "huang he"},
		"railroad or railway":          {"railroad or railway", "railroad", "railway"},
		"to remit rent or taxes":       {"remit rent or taxes"},
		"Beijing, capital of the PRC":  {"beijing"},
		"fig. turning point":           {"turning point"},
		"CL:個|个[ge4]":                  nil,
		"surname Wang":                 nil,
		"Jobs (name)":                  nil,
		"variant of 和[he2]":            nil,
		"old variant of 和[he2]":        nil,
		"see 養老金雙軌制|养老金双轨制[yang3]":          nil,
		"ancient flute of 合":                nil,
		"a very long explanation of a word": nil,
		"":                                  nil,
		"()":                                nil,
	} {
		var got []string
		for _, g := range glosses(sense) {
			got = append(got, g.key)
			if g.weight <= 0 || g.weight > 1 {
				t.Errorf("glosses(%q): weight %v", sense, g.weight)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("glosses(%q) = %q, want %q", sense, got, want)
		}
	}
}

func TestInvert(t *testing.T) {
	entries := parseEntries("# comment\nmodule.exports = `\n" +
		"能源 能源 [neng2 yuan2] /energy/power source/CL:個|个[ge4]/\n" +
		"能量 能量 [neng2 liang4] /energy/capabilities/\n" +
		"能 能 [neng2] /surname Neng/energy/able/\n" +
		"風 风 [feng1] /wind/\n" +
		"3C 3C [san1 C] /energy/\n`;")
	counts := parseCounts("let data = `能源\t9000\t3\r\n能量\t100\t2\r\n风\t5`;\nlet rank = 0;", 1e9)
	m := invert(entries, counts)
	words := func(key string) (ws []string) {
		for _, v := range m[key] {
			ws = append(ws, v.Word)
		}
		return ws
	}
	if got, want := words("energy"), []string{"能源", "能量"}; !slices.Equal(got, want) {
		t.Errorf("energy: %v, want %v: the more common first, no single character", got, want)
	}
	if got, want := words("wind"), []string{"风"}; !slices.Equal(got, want) {
		t.Errorf("wind: %v, want %v: a single character where there is nothing else", got, want)
	}
}
