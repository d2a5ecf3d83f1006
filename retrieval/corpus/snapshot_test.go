package corpus

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestReloadParsesOnlyWhatChanged(t *testing.T) {
	folder := fstest.MapFS{
		"2020.txt": {Data: []byte("一、回顾\n甲。")}, "2021.txt": {Data: []byte("乙。")}, "2022.txt": {Data: []byte("丙。")},
		"2022.yaml": {Data: []byte("region: 某省")},
	}
	before, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	folder["2021.txt"] = &fstest.MapFile{Data: []byte("新乙。")}
	folder["2022.yaml"] = &fstest.MapFile{Data: []byte("region: 别省")}
	folder["2023.txt"] = &fstest.MapFile{Data: []byte("丁。")}
	after, err := Reader{}.Load(folder, before)
	if err != nil {
		t.Fatal(err)
	}
	for id, kept := range map[string]bool{"2020": true, "2021": false, "2022": false, "2023": false} {
		if (after.Report(id) == before.Report(id)) != kept {
			t.Errorf("%s: kept is %v, want %v", id, !kept, kept)
		}
	}
	anew, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(anew, after); d != "" {
		t.Error(d)
	}
}

// TestSnapshotIsTheCorpus: what is read is what was written, inferred or
// given, and so are the problems.
func TestSnapshotIsTheCorpus(t *testing.T) {
	c, err := Load(fstest.MapFS{
		"prov2026/广东省.txt": {Data: []byte("政府工作报告\n一、2025年工作回顾\n地区生产总值增长5％。")},
		"named.txt":        {Data: []byte("\xEF\xBB\xBF甲。\r\n乙。 \n")}, "named.yaml": {Data: []byte("id: x/y\nyear: 2020\ntitle: '<题>'")},
		"bad.txt": {Data: []byte("甲\xFF\xFF\xFF")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := Reader{}.Snapshot(bytes.NewReader(b.Bytes()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c, again); d != "" || len(c.Problems) != 1 {
		t.Error(d, c.Problems)
	}
	if same, err := (Reader{}).Snapshot(&b, c); err != nil || same.Reports[0] != c.Reports[0] {
		t.Error("what is known was parsed again", err)
	}
	for _, broken := range []string{"", "{", `{"name":"a"}`} {
		if _, err := (Reader{}).Snapshot(strings.NewReader(broken), c); err == nil {
			t.Errorf("%q: no error", broken)
		}
	}
}
