// Package cedict translates English words to Chinese ones, from CC-CEDICT: a
// fall-back for words that the hand-made lexicon does not know.
package cedict

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/cedict/internal/table"
)

// The source is the npm package of that name, fetched by: npm pack chinese-lexicon@1.0.43
//go:generate go run ./gen -o dict.bin chinese-lexicon-1.0.43.tgz

// The data is searched where it lies in the binary: it costs no time at
// start, and only the pages that look-ups touch become resident.
//
//go:embed dict.bin
var data string

// Entry is one Chinese word for an English one.
type Entry struct {
	Chinese string  // simplified
	Weight  float64 // above 0, at most 1: how exact and how common
}

// Dict is the dictionary. It is immutable and safe for concurrent use.
type Dict struct{ table table.Table }

// Open gives the embedded dictionary. It does no work.
func Open() *Dict { return &Dict{table: table.Table(data)} }

// sure is the weight from which a translation needs no others beside it.
const sure = 0.75

// Lookup gives the Chinese words that an English word or phrase of up to four
// words means, best first, at most eight, each once; none if it knows none. Case,
// hyphens, British spelling and a leading article or “to” do not matter. Unless
// the form as it stands has a good translation, those of its other forms join it
// at lower weight: without plural, -ed or -ing, then the verb of a noun in -tion,
// -sion or -ment. A single character is only given where there is nothing longer.
func (d *Dict) Lookup(english string) []Entry {
	// No key is that long: bound the work before folding.
	if len(english) > 4*table.MaxKey {
		return nil
	}
	key := table.Fold(english)
	if len(key) < 2 || len(key) > table.MaxKey+4 || strings.Count(key, " ") > 3 {
		return nil
	}
	us := american(key)
	found := d.merge(nil, 1, key, us)
	for _, step := range []struct {
		scale float64
		forms func(string) []string
	}{{0.9, number}, {0.9, verbal}, {0.7, derived}} {
		if len(found) > 0 && found[0].Weight >= sure && !single(found[0]) {
			break
		}
		found = d.merge(found, step.scale, reform(key, step.forms)...)
		if us != key {
			found = d.merge(found, step.scale, reform(us, step.forms)...)
		}
	}
	return found[:min(len(found), table.MaxValues)]
}

// merge adds what the keys give to found, each weight multiplied by scale.
func (d *Dict) merge(found []Entry, scale float64, keys ...string) []Entry {
	for _, k := range keys {
		for _, v := range d.table.Get(k) {
			w := scale * float64(v.Weight) / 255
			if i := slices.IndexFunc(found, func(e Entry) bool { return e.Chinese == v.Word }); i >= 0 {
				found[i].Weight = max(found[i].Weight, w)
				continue
			}
			found = append(found, Entry{v.Word, w})
		}
	}
	if slices.ContainsFunc(found, func(e Entry) bool { return !single(e) }) {
		found = slices.DeleteFunc(found, single)
	}
	slices.SortStableFunc(found, func(a, b Entry) int { return cmp.Compare(b.Weight, a.Weight) })
	return found
}

func single(e Entry) bool { return utf8.RuneCountInString(e.Chinese) == 1 }

// reform puts other forms in place of a phrase's last word, which carries a
// noun's number, and of its first, which carries a verb's ending.
func reform(phrase string, forms func(string) []string) []string {
	i := strings.LastIndexByte(phrase, ' ') + 1
	var out []string
	for _, f := range forms(phrase[i:]) {
		out = append(out, phrase[:i]+f)
	}
	if first, rest, ok := strings.Cut(phrase, " "); ok {
		for _, f := range forms(first) {
			out = append(out, f+" "+rest)
		}
	}
	return out
}
