package lexicon_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"wenbao/retrieval/lexicon"
)

func folder(name, content string) fstest.MapFS {
	return fstest.MapFS{name: {Data: []byte(content)}}
}

const base = `
field: nature
concepts:
  - {id: mine, terms: [绿色矿山], said: [环保矿], related: [ore]}
  - {id: ore, terms: [矿产资源]}
places:
  - {id: nmg, name: 内蒙古自治区, short: [内蒙古], level: province}
  - {id: wh, name: 乌海市, parent: nmg, level: city}
`

const extra = `
field: ours
concepts:
  - {id: mine, terms: [生态矿山], related: [ore]}
  - {id: own, terms: [蒙字标], related: [mine]}
places:
  - {id: wd, name: 乌达区, parent: wh, level: district}
`

// TestExtendOverCompactIsLoadOfBoth: merging over the compact form gives what
// reading both folders gives.
func TestExtendOverCompactIsLoadOfBoth(t *testing.T) {
	a, b := folder("a.yaml", base), folder("b.yaml", extra)
	want, err := lexicon.Load(a, b)
	if err != nil {
		t.Fatal(err)
	}
	built, err := lexicon.Load(a)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := lexicon.Decode(built.Encode())
	if err != nil {
		t.Fatal(err)
	}
	got, err := lexicon.Extend(compact, b)
	if err != nil {
		t.Fatal(err)
	}
	if got.Encode() != want.Encode() {
		t.Errorf("got\n%s\nwant\n%s", got.Encode(), want.Encode())
	}
	if got.Has("绿色矿山") || !got.Has("生态矿山") || !got.Has("蒙字标") {
		t.Error("the later concept does not replace the earlier one")
	}
	if same, err := lexicon.Extend(compact); err != nil || same != compact {
		t.Error("extending by nothing is not the same lexicon", err)
	}
}

func TestExtendSaysWhatIsWrong(t *testing.T) {
	l, err := lexicon.Load(folder("a.yaml", base))
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		"concepts:\n  - {id: x, terms: [某事], related: [minne]}": `did you mean "mine"`,
		"concept: []": "b.yaml",
	} {
		if _, err := lexicon.Extend(l, folder("b.yaml", content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", content, err, want)
		}
	}
	if _, err := lexicon.Extend(l, fstest.MapFS{}); err == nil {
		t.Error("an empty folder is taken")
	}
}
