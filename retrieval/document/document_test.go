package document

import (
	"os"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"wenbao/retrieval/report"
)

const smallReport = `2024年某省政府工作报告
各位代表：
一、2023年工作回顾
过去一年，经济增长5％，各项工作都取得新的成绩。
二、2024年主要任务
今年要着力扩大内需，推动高质量发展，保障和改善民生。
`

const traditionalText = "臺灣地區的經濟發展與社會建設報告\n過去一年，國民生產總值增長百分之三，各項工作都有新的成績。\n今年要繼續努力，擴大內需，推動產業升級。\n"

func seedText(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../../seeds/nmg-2022.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func encoded(t testing.TB, e encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecode(t *testing.T) {
	utf16 := func(e unicode.Endianness, b unicode.BOMPolicy) encoding.Encoding { return unicode.UTF16(e, b) }
	for _, test := range []struct {
		name, want string
		bytes      []byte
	}{
		{"UTF-8", smallReport, []byte(smallReport)},
		{"UTF-8 with mark", smallReport, append([]byte("\xef\xbb\xbf"), smallReport...)},
		{"UTF-16 LE with mark", smallReport, encoded(t, utf16(unicode.LittleEndian, unicode.UseBOM), smallReport)},
		{"UTF-16 BE with mark", smallReport, encoded(t, utf16(unicode.BigEndian, unicode.UseBOM), smallReport)},
		{"UTF-16 LE", smallReport, encoded(t, utf16(unicode.LittleEndian, unicode.IgnoreBOM), smallReport)},
		{"UTF-16 BE", smallReport, encoded(t, utf16(unicode.BigEndian, unicode.IgnoreBOM), smallReport)},
		{"GB18030", smallReport, encoded(t, simplifiedchinese.GB18030, smallReport)},
		{"GBK", smallReport, encoded(t, simplifiedchinese.GBK, smallReport)},
		{"Big5", traditionalText, encoded(t, traditionalchinese.Big5, traditionalText)},
		{"the embedded report as GB18030", seedText(t), encoded(t, simplifiedchinese.GB18030, seedText(t))},
	} {
		got, err := decode(test.bytes)
		if err != nil || got != test.want {
			t.Errorf("%s: %v, %.60q", test.name, err, got)
		}
	}
	for name, test := range map[string]struct {
		bytes []byte
		line  int
	}{
		"damaged UTF-8":    {[]byte("第一行是好的文字\n第二行\xff\xfe坏了\n"), 2},
		"cut off":          {[]byte(smallReport)[:len(smallReport)-3], 6},
		"noise":            {[]byte("\x80\x81\xff\xff\x80"), 1},
		"zero byte":        {[]byte("文字\n文\x00字字"), 2},
		"half a UTF-16":    {append(encoded(t, utf16(unicode.LittleEndian, unicode.UseBOM), "好\n的"), 0x4e), 2},
		"a lone surrogate": {[]byte{0xff, 0xfe, 0x00, 0xd8, 0x0a, 0x00}, 1},
	} {
		if _, err := decode(test.bytes); err == nil || err.Line != test.line {
			t.Errorf("%s: %+v, want an error at line %d", name, err, test.line)
		}
	}
}

// TestMetadataKeys: each key of a file of metadata is set and read back.
func TestMetadataKeys(t *testing.T) {
	meta, _, err := ParseMetadata([]byte("id: y\nyear: 2024\ntitle: 题"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range report.MetadataKeys() {
		var one report.Metadata
		if ok, err := one.Set(key, meta.Get(key)); !ok || err != nil && meta.Get(key) != "" || one.Get(key) != meta.Get(key) {
			t.Errorf("%s: %v %v, %q", key, ok, err, one.Get(key))
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(smallReport))
	f.Add([]byte{0xff, 0xfe, 0x4e})
	f.Add([]byte("\x81\x30\x81\x30"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if text, err := decode(b); err == nil && firstInvalid([]byte(text)) >= 0 {
			t.Fatalf("%q was decoded to %q", b, text)
		}
	})
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte("title: x\nyear: 2022\n"))
	f.Add([]byte("a: &x [*x]\n? - b\n: c\n"))
	f.Fuzz(func(t *testing.T, b []byte) { _, _, _ = ParseMetadata(b) })
}
