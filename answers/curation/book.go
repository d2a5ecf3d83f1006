package curation

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"wenbao/answers"
	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
)

// book is rules, ready to be looked up.
type book struct {
	pins    map[key]Rule       // whose phrase is the question
	parts   map[string][]entry // by workspace, pins whose phrase is in it, the longest first
	aliases map[string][]entry // by workspace, the longest first
}

// entry is a rule whose phrase is looked for in questions.
type entry struct {
	Rule
	phrase string // its Key
	term   []rune // likewise
}

// key is a phrase of a workspace.
type key struct{ workspace, phrase string }

// Key is what phrases have in common that one rule of a workspace is for.
func Key(phrase string) string { return question.Normal(phrase) }

func newBook(rules []Rule) *book {
	b := &book{pins: map[key]Rule{}, parts: map[string][]entry{}, aliases: map[string][]entry{}}
	latest := map[key]int{}
	for i, r := range rules {
		latest[key{r.Workspace, Key(r.Phrase)}] = i
	}
	for i, r := range rules {
		k := key{r.Workspace, Key(r.Phrase)}
		switch {
		case k.phrase == "" || latest[k] != i:
		case r.Kind == Alias && r.Term != "":
			b.aliases[r.Workspace] = append(b.aliases[r.Workspace], entry{r, k.phrase, []rune(Key(r.Term))})
		case r.Kind == Pin && r.Place != nil && r.Part:
			b.parts[r.Workspace] = append(b.parts[r.Workspace], entry{Rule: r, phrase: k.phrase})
		case r.Kind == Pin && r.Place != nil:
			b.pins[k] = r
		}
	}
	for _, lists := range []map[string][]entry{b.parts, b.aliases} {
		for _, list := range lists {
			slices.SortStableFunc(list, func(x, y entry) int {
				return cmp.Or(cmp.Compare(len(y.phrase), len(x.phrase)), cmp.Compare(x.phrase, y.phrase))
			})
		}
	}
	return b
}

func (b *book) empty() bool { return len(b.pins)+len(b.parts)+len(b.aliases) == 0 }

// pin returns the pin for a question: the workspace's own before everybody's,
// and of each one for the whole question before one for a part of it.
func (b *book) pin(r answers.Request) (Rule, bool) {
	normal := Key(r.Question)
	for _, workspace := range scopes(r.Workspace) {
		if rule, found := b.pins[key{workspace, normal}]; found && fits(rule, r) {
			return rule, true
		}
		for _, e := range b.parts[workspace] {
			if strings.Contains(normal, e.phrase) && len(find([]rune(normal), e.phrase)) > 0 && fits(e.Rule, r) {
				return e.Rule, true
			}
		}
	}
	return Rule{}, false
}

// fits reports whether a question may be answered with the place of a pin.
func fits(rule Rule, r answers.Request) bool { return r.Report == "" || r.Report == rule.Place.Report }

func scopes(workspace string) []string {
	if workspace == "" {
		return []string{""}
	}
	return []string{workspace, ""}
}

// translate says phrases of a request as the terms that they are aliases of,
// in the question and in those before it. known says which terms there are.
func (b *book) translate(r answers.Request, known func(term string) bool) (answers.Request, bool) {
	if len(b.aliases) == 0 {
		return r, false
	}
	texts := append(slices.Clone(r.History), r.Question)
	changed := false
	for i, text := range texts {
		said, also := b.replaced(text, r.Workspace, known)
		texts[i], changed = said, changed || also
	}
	if !changed {
		return r, false
	}
	r.History, r.Question = texts[:len(texts)-1], texts[len(texts)-1]
	return r, true
}

// edit is a span of a text, in bytes, and the term that takes its place.
type edit struct {
	start, end int
	term       string
}

// replaced returns text with phrases replaced by the terms that they mean in a
// workspace.
func (b *book) replaced(text, workspace string, known func(term string) bool) (string, bool) {
	folded := analysis.Fold(text)
	whole, flat := Key(text), folded.String()
	taken := make([]bool, len(folded.Runes))
	own := map[string]bool{} // phrases that the workspace has a term for
	var edits []edit
	for _, scope := range scopes(workspace) {
		for _, e := range b.aliases[scope] {
			if !strings.Contains(flat, e.phrase) || !e.Part && whole != e.phrase || own[e.phrase] || !known(e.Term) {
				continue
			}
			own[e.phrase] = true
			n := len([]rune(e.phrase))
			for _, at := range find(folded.Runes, e.phrase) {
				if slices.Contains(taken[at:at+n], true) || said(folded.Runes, at, n, e.term) {
					continue
				}
				for i := at; i < at+n; i++ {
					taken[i] = true
				}
				start, end := folded.Source(at, at+n)
				edits = append(edits, edit{start, end, e.Term})
			}
		}
	}
	return apply(text, edits)
}

// apply makes edits of a text, unless none is to be made or they make it too
// long for a question.
func apply(text string, edits []edit) (string, bool) {
	if len(edits) == 0 {
		return text, false
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var out strings.Builder
	last := 0
	for _, e := range edits {
		if e.start < last {
			continue // one character of the text that folds to several was split
		}
		out.WriteString(text[last:e.start])
		out.WriteString(e.term)
		last = e.end
	}
	out.WriteString(text[last:])
	if utf8.RuneCountInString(out.String()) > answers.MaxQuestion {
		return text, false
	}
	return out.String(), true
}

// find returns where phrase stands in rs, not overlapping. A phrase that
// begins or ends in a Latin letter or digit is not found inside a longer word
// or number.
func find(rs []rune, phrase string) []int {
	want := []rune(phrase)
	var out []int
	for i := 0; i+len(want) <= len(rs) && len(want) > 0; {
		end := i + len(want)
		if !slices.Equal(rs[i:end], want) || i > 0 && joined(rs[i-1], rs[i]) || end < len(rs) && joined(rs[end-1], rs[end]) {
			i++
			continue
		}
		out = append(out, i)
		i = end
	}
	return out
}

// joined reports whether two runes side by side belong to one word.
func joined(a, b rune) bool { return word(a) && word(b) }

func word(r rune) bool { return analysis.IsWordRune(r) && !analysis.IsHan(r) }

// said reports whether the phrase at [at, at+n) is part of the term itself: an
// alias may be a piece of it.
func said(rs []rune, at, n int, want []rune) bool {
	for i := max(0, at+n-len(want)); i <= at && i+len(want) <= len(rs); i++ {
		if slices.Equal(rs[i:i+len(want)], want) {
			return true
		}
	}
	return false
}
