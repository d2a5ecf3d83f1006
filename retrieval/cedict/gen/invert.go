package main

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/cedict/internal/table"
)

// entry is one line of CC-CEDICT.
type entry struct {
	word   string // simplified
	senses []string
}

var line = regexp.MustCompile(`^(\S+) (\S+) \[[^\]]*\] /(.*)/`)

// parseEntries reads CC-CEDICT; lines that are no entry are skipped.
func parseEntries(text string) []entry {
	var es []entry
	for l := range strings.Lines(text) {
		if m := line.FindStringSubmatch(l); m != nil && l[0] != '#' {
			es = append(es, entry{m[2], strings.Split(m[3], "/")})
		}
	}
	return es
}

// parseCounts reads lines of a word, a tab and how often it occurs, perhaps with
// further columns; others are program text around them. Counts are scaled to a
// list of total words.
func parseCounts(text string, total float64) map[string]float64 {
	counts := map[string]float64{}
	sum := 0.0
	for l := range strings.Lines(text) {
		columns := strings.Split(strings.TrimSpace(l), "\t")
		if len(columns) < 2 {
			continue
		}
		word := columns[0][strings.IndexByte(columns[0], '`')+1:]
		if c, err := strconv.ParseFloat(strings.TrimRight(columns[1], "`;"), 64); err == nil {
			counts[word] = c
			sum += c
		}
	}
	for w := range counts {
		counts[w] *= total / sum
	}
	return counts
}

// invert turns words with senses into keys with weighted words, best first.
func invert(entries []entry, counts map[string]float64) map[string][]table.Value {
	best := map[string]map[string]float64{}
	// Keys of common nouns: there, “Jobs” and “Price” are only homographs.
	lower := map[string]bool{}
	for _, e := range entries {
		for _, s := range e.senses {
			for _, g := range glosses(s) {
				lower[g.key] = lower[g.key] || !g.proper
			}
		}
	}
	for _, e := range entries {
		if !storable(e.word) {
			continue
		}
		position := 0
		for _, s := range e.senses {
			gs := glosses(s)
			for _, g := range gs {
				w := g.weight * math.Pow(0.85, float64(position)) * common(e.word, counts)
				if g.proper && lower[g.key] {
					w *= 0.6
				}
				if best[g.key] == nil {
					best[g.key] = map[string]float64{}
				}
				// A word may have several readings that share a sense.
				best[g.key][e.word] = max(best[g.key][e.word], w)
			}
			if len(gs) > 0 || !aside(s) {
				position++
			}
		}
	}
	m := make(map[string][]table.Value, len(best))
	for key, words := range best {
		m[key] = rank(words)
	}
	return m
}

// rank orders words by weight and keeps the first. A single character is too
// ambiguous to search for, so it counts only where there is nothing longer.
func rank(words map[string]float64) []table.Value {
	var vs []table.Value
	long := false
	for w := range words {
		long = long || utf8.RuneCountInString(w) > 1
	}
	for w, weight := range words {
		if long && utf8.RuneCountInString(w) == 1 {
			continue
		}
		vs = append(vs, table.Value{Word: w, Weight: uint8(max(1, math.Round(255*min(weight, 1))))})
	}
	slices.SortFunc(vs, func(a, b table.Value) int {
		return cmp.Or(
			cmp.Compare(words[b.Word], words[a.Word]),
			cmp.Compare(a.Word, b.Word),
		)
	})
	return vs[:min(len(vs), table.MaxValues)]
}

// common is near 1 for everyday words of two to four characters, and lower for
// others. It works on the logarithm: how well a sense fits must be able to
// outweigh that one of two common words is ten times as frequent.
func common(word string, counts map[string]float64) float64 {
	n := utf8.RuneCountInString(word)
	f := 0.3
	if n > 2 {
		f = 0.5 // a compound that the lists count as its parts
	}
	f = max(f, 0.3+0.7*min(1, math.Log10(1+counts[word])/6.5))
	switch {
	case n == 1:
		f *= 0.5
	case n > 4:
		f *= 0.8
	}
	return f
}

// storable says that a word is of Chinese characters throughout.
func storable(word string) bool {
	for _, r := range word {
		if !unicode.Is(unicode.Han, r) || r > 0xffff {
			return false
		}
	}
	return utf8.RuneCountInString(word) <= 10
}

var (
	remark = regexp.MustCompile(`\s*\([^()]*\)\s*`)
	// Senses that speak about the word instead of translating it.
	about   = regexp.MustCompile(`^(CL:|surname |see |also |Taiwan pr\. |pr\. |used in |used as |used for |used to |abbr\. |short for |same as |equivalent of |equivalent to |lit\. |(\S+ ){0,2}(variant|equivalent|version|form) (of|for) |component in |Kangxi radical|\(?loanword|\(onom|radical )|\bsurname\b|\((given )?name\)`)
	acronym = regexp.MustCompile(`\(([A-Z]{2,6})\)`)
	formula = regexp.MustCompile(` [A-Z][A-Za-z]*[0-9][A-Za-z0-9]*$`)
	// Remarks on senses that are out of use, regional or coarse.
	marked = regexp.MustCompile(`\((old|archaic|arch\.|literary|slang|Internet slang|vulgar|dialect|Tw|coll\.|derog\.|pejorative|loanword|Cantonese|HK|Japanese|classical|obsolete|bound form|math\.?|music|Buddhism)\b[^()]*\)`)
	plain  = regexp.MustCompile(`^[a-z0-9][a-z0-9 '.&+%]*$`)
)

// aside says that a sense only speaks about the word.
func aside(sense string) bool { return about.MatchString(strings.TrimSpace(sense)) }

type gloss struct {
	key    string
	weight float64
	proper bool // written with a capital
}

// glosses gives the keys that a sense translates, each with how exactly it does.
func glosses(sense string) []gloss {
	sense = strings.TrimSpace(sense)
	if aside(sense) {
		return nil
	}
	var gs []gloss
	if m := acronym.FindStringSubmatchIndex(sense); m != nil {
		if a := sense[m[2]:m[3]]; initials(sense[:m[0]]) == a {
			gs = append(gs, gloss{strings.ToLower(a), 0.9, false})
		}
	}
	weight := 1.0
	if marked.MatchString(sense) {
		weight *= 0.6
	}
	for remark.MatchString(sense) { // remarks nest
		sense = strings.TrimSpace(remark.ReplaceAllString(sense, " "))
		weight *= 0.92
	}
	if rest, ok := strings.CutPrefix(sense, "fig. "); ok {
		sense, weight = rest, weight*0.7
	}
	if aside(sense) {
		return nil
	}
	add := func(p string, w float64) {
		key := table.Fold(p)
		proper := capital(p)
		if storableKey(key) {
			gs = append(gs, gloss{key, w, proper})
		}
		// “to be unemployed” also answers to “unemployed”, less exactly.
		if rest, ok := strings.CutPrefix(key, "be "); ok {
			if rest = table.Fold(rest); storableKey(rest) {
				gs = append(gs, gloss{rest, w * 0.7, proper})
			}
		}
	}
	for i, p := range strings.Split(sense, ";") {
		p = formula.ReplaceAllString(strings.Trim(p, " .,!?"), "") // carbon dioxide CO2
		w := weight * math.Pow(0.95, float64(i))
		add(p, w)
		// Yellow River or Huang He; railroad or railway. In “to remit rent or
		// taxes” the parts are no senses.
		if a, b, ok := strings.Cut(p, " or "); ok {
			if capital(a) && capital(b) || !strings.Contains(table.Fold(a)+b, " ") {
				add(a, w*0.7)
				add(b, w*0.6)
			}
		}
		if name, _, ok := strings.Cut(p, ", "); ok && capital(name) { // Beijing, capital of …
			add(name, w*0.7)
		}
	}
	return gs
}

// storableKey says that a key can be what somebody asks for: a phrase of up to
// four plain words.
func storableKey(key string) bool {
	return len(key) > 1 && len(key) <= table.MaxKey && plain.MatchString(key) && strings.Count(key, " ") < 4
}

func capital(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

// initials gives the capitals that abbreviate a phrase.
func initials(phrase string) string {
	var b strings.Builder
	for _, w := range strings.Fields(strings.ReplaceAll(phrase, "-", " ")) {
		switch w {
		case "of", "and", "the", "for", "in", "on", "a":
		default:
			b.WriteString(strings.ToUpper(w[:1]))
		}
	}
	return b.String()
}
