package uploads

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wenbao/retrieval/outline"
	"wenbao/retrieval/report"
)

// TestDifferences are told in short: what stands where something else stood
// has changed.
func TestDifferences(t *testing.T) {
	of := func(given report.Metadata, lines ...string) *report.Report {
		return outline.Parse("x", strings.Join(lines, "\n"), given)
	}
	none := report.Metadata{}
	tests := []struct {
		name     string
		old, now *report.Report
		want     Difference
	}{
		{"nothing", of(none, "甲", "乙"), of(none, "甲", "", " 乙"), Difference{}},
		{"one added", of(none, "甲", "丙"), of(none, "甲", "乙", "丙"), Difference{Added: 1}},
		{"one removed", of(none, "甲", "乙", "丙"), of(none, "甲", "丙"), Difference{Removed: 1}},
		{"one changed", of(none, "甲", "新建公园12个。", "丙"), of(none, "甲", "新建公园15个。", "丙"), Difference{Changed: 1, Samples: []Sample{{"新建公园12个。", "新建公园15个。"}}}},
		{"the first changed", of(none, "甲", "丙"), of(none, "乙", "丙"), Difference{Changed: 1, Samples: []Sample{{"甲", "乙"}}}},
		{"one of several the same", of(none, "甲", "甲", "丙"), of(none, "甲", "丙"), Difference{Removed: 1}},
		{"one became two", of(none, "甲", "乙", "丙"), of(none, "甲", "乙一", "乙二", "丙"), Difference{Added: 1, Changed: 1, Samples: []Sample{{"乙", "乙一"}}}},
		{"everything", of(none, "甲", "乙"), of(none, "丙"), Difference{Changed: 1, Removed: 1, Samples: []Sample{{"甲", "丙"}}}},
		{"metadata", of(report.Metadata{Title: "旧", Year: 2023}, "甲"), of(report.Metadata{Title: "新", Region: "某省"}, "甲"),
			Difference{Metadata: []string{"title: 旧 → 新", "region: – → 某省", "year: 2023 → –"}}},
		{"far into a paragraph", of(none, strings.Repeat("长", 100)+"12个。"), of(none, strings.Repeat("长", 100)+"15个。"),
			Difference{Changed: 1, Samples: []Sample{{"…" + strings.Repeat("长", 19) + "12个。", "…" + strings.Repeat("长", 19) + "15个。"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			want.Metadata = append([]string{}, want.Metadata...)
			want.Samples = append([]Sample{}, want.Samples...)
			got := difference(tt.old, tt.now)
			if d := cmp.Diff(&want, got); d != "" {
				t.Error(d)
			}
			if back := difference(tt.now, tt.old); back.Added != got.Removed || back.Removed != got.Added || back.Changed != got.Changed {
				t.Errorf("the other way round it is %+v", back)
			}
			if got.None() != (tt.name == "nothing") {
				t.Error("whether anything differs is told wrongly")
			}
		})
	}
}

// TestPreviewsAreShort whatever the document is.
func TestPreviewsAreShort(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "一、%s%d\n“没有结束%d\n", strings.Repeat("很长的标题", 5), i, i)
	}
	p := previewOf(outline.Parse("x", b.String(), report.Metadata{}), nil)
	if len(p.Outline) != shownSections || p.Sections < 5000 || len(p.Warnings) != shownWarnings+1 || p.Paragraphs != 10_000 {
		t.Errorf("%d of %d sections, %d warnings, %d paragraphs", len(p.Outline), p.Sections, len(p.Warnings), p.Paragraphs)
	}
}
