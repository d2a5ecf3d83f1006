package question

import (
	"maps"
	"slices"
	"strings"

	"wenbao/retrieval/analysis"
)

// phraseTable finds the longest phrase at a position.
type phraseTable struct {
	cues    map[string]cue
	longest int
}

// buildPhrases reads groups of phrases separated by spaces, or by | where the
// phrases hold spaces. The first group that lists a phrase gives its cue.
func buildPhrases(groups []phraseGroup) phraseTable {
	t := phraseTable{cues: make(map[string]cue)}
	for _, g := range groups {
		words := strings.Fields(g.words)
		if strings.Contains(g.words, "|") {
			words = strings.Split(g.words, "|")
		}
		for _, w := range words {
			if _, ok := t.cues[w]; !ok {
				t.cues[w] = g.cue
			}
			t.longest = max(t.longest, len([]rune(w)))
		}
	}
	return t
}

// at returns the cue of the longest phrase at rs[i:] and its length in runes,
// 0 when there is none. wholeWords asks for a word boundary behind it.
func (t phraseTable) at(rs []rune, i int, wholeWords bool) (cue, int) {
	for n := min(t.longest, len(rs)-i); n > 0; n-- {
		if wholeWords && i+n < len(rs) && analysis.IsWordRune(rs[i+n]) {
			continue
		}
		if c, ok := t.cues[string(rs[i:i+n])]; ok {
			return c, n
		}
	}
	return cue{}, 0
}

// Phrases lists the Chinese phrases that questions are made of.
func Phrases() []string { return slices.Sorted(maps.Keys(phrases.cues)) }
