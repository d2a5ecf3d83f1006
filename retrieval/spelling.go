package retrieval

import (
	"slices"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/question"
)

// Mend rewrites what is misspelt in a question into what the corpus says:
// Pinyin written out (gaokao), characters of the same sound (黑土弟), and one
// wrong character between two that fit (租凭住房). Only character pairs that
// the corpus does not know are touched, and only where the rewriting makes
// them known. changed is false, and the text as given, where nothing is.
func (e *Engine) Mend(g *Generation, text string) (mended string, changed bool) {
	m := mender{g: g, dictionary: e.dictionary, rs: []rune(text)}
	m.folded = analysis.Fold(text).Runes
	if len(m.folded) != len(m.rs) {
		// Numerals or ligatures changed length: mend the folded text itself.
		m.rs = slices.Clone(m.folded)
	}
	m.pinyin()
	m.characters()
	if !m.changed {
		return text, false
	}
	return string(m.rs), true
}

// mender works on the question as typed and as folded side by side; a
// replacement goes into both.
type mender struct {
	g          *Generation
	dictionary Dictionary
	rs, folded []rune
	lexical    []bool // runes that the lexicon accounts for
	changed    bool
}

func (m *mender) known(a, b rune) bool {
	return m.g.bigrams.count(a, b) > 0 || m.g.spoken.count(a, b) > 0 || m.dictionary != nil && m.dictionary.Pair(a, b)
}

// characters mends single characters.
func (m *mender) characters() {
	protected := m.protectedRunes()
	for i := range m.folded {
		if i >= len(protected) || protected[i] || !analysis.IsHan(m.folded[i]) || question.IsFunction(m.folded[i]) {
			continue
		}
		left, right := m.inRun(i, -1, protected), m.inRun(i, +1, protected)
		if left == 0 && right == 0 || left != 0 && m.known(left, m.folded[i]) || right != 0 && m.known(m.folded[i], right) {
			continue
		}
		if to := m.substitute(i, left, right); to != 0 {
			m.folded[i], m.rs[i], m.changed = to, to, true
		}
	}
}

// protectedRunes are those that the lexicon or the question words account for.
func (m *mender) protectedRunes() []bool {
	out := make([]bool, len(m.folded))
	for _, x := range m.g.lexicon.Find(m.folded) {
		for i := x.Start; i < x.End; i++ {
			out[i] = true
		}
	}
	m.lexical = slices.Clone(out)
	inContent := make([]bool, len(m.folded))
	q := question.Parse(string(m.folded))
	if len(q.Folded.Runes) != len(m.folded) {
		return out
	}
	for _, s := range q.Content {
		for i := s.Start; i < s.End; i++ {
			inContent[i] = true
		}
	}
	for i := range out {
		out[i] = out[i] || !inContent[i]
	}
	return out
}

// inRun is neighbour within the run of content that i belongs to: a question
// word beside it says nothing about how it is spelt.
func (m *mender) inRun(i, step int, outside []bool) rune {
	j := i + step
	for j >= 0 && j < len(m.folded) && analysis.Transparent(m.folded[j]) {
		j += step
	}
	if j < 0 || j >= len(outside) || outside[j] && !m.lexical[j] {
		return 0
	}
	return m.neighbour(i, step)
}

// neighbour returns the Chinese character next to i, 0 where there is none.
func (m *mender) neighbour(i, step int) rune {
	for j := i + step; j >= 0 && j < len(m.folded); j += step {
		if analysis.IsHan(m.folded[j]) {
			return m.folded[j]
		}
		if !analysis.Transparent(m.folded[j]) {
			return 0
		}
	}
	return 0
}

// substitute returns the character that fits between left and right: one of
// the same sound that fits on both sides or completes a word on one, else one
// that completes a word and stands between the two in the corpus. People say
// words that no report has: a character beside grammar, or beside a word that
// is whole without it, shows nothing.
func (m *mender) substitute(i int, left, right rune) rune {
	beside := left // grammar, which may yet begin a word: 就业
	if question.IsFunction(left) {
		left = 0
	}
	if question.IsFunction(right) {
		right = 0
	}
	var best rune
	bestCount := uint32(0)
	voc := m.g.bigrams
	try := func(c rune, sameSound bool) {
		if c == m.folded[i] || question.IsFunction(c) && !sameSound {
			return
		}
		l, r := uint32(0), uint32(0)
		if left != 0 {
			l = voc.count(left, c)
		}
		if right != 0 {
			r = voc.count(c, right)
		}
		score := l + r
		if l > 0 && r > 0 {
			score += 1000
		}
		if sameSound {
			score += 500
		}
		if score > bestCount && m.fits(i, c, left, right, l, r, sameSound) {
			best, bestCount = c, score
		}
	}
	if beside != left {
		for _, c := range voc.after[beside] {
			if n := voc.count(beside, c); analysis.SoundsLike(c, m.folded[i]) && m.word(beside, c, n, 2) && n > bestCount {
				best, bestCount = c, n
			}
		}
	}
	if left != 0 {
		for _, c := range voc.after[left] {
			try(c, analysis.SoundsLike(c, m.folded[i]))
		}
	}
	if right != 0 {
		for _, c := range m.g.before(right) {
			try(c, analysis.SoundsLike(c, m.folded[i]))
		}
	}
	return best
}

// fits reports whether c may stand at i, where the corpus has it l times
// behind left and r times before right.
func (m *mender) fits(i int, c, left, right rune, l, r uint32, sameSound bool) bool {
	least := uint32(2)
	if left == 0 || right == 0 || l > 0 && r > 0 {
		least = 1
	}
	word := m.word(left, c, l, least) && !m.whole(i, -1, left) || m.word(c, right, r, least) && !m.whole(i, +1, right)
	switch {
	case l > 0 && r > 0:
		return sameSound || word && m.g.has(left, c, right)
	case !sameSound:
		return false
	}
	return word ||
		l > 0 && !m.whole(i, -1, left) && m.g.has(m.second(i, -1, left), left, c) ||
		r > 0 && !m.whole(i, +1, right) && m.g.has(c, right, m.second(i, +1, right))
}

// second returns the character behind the neighbour of i, seen from i.
func (m *mender) second(i, step int, neighbour rune) rune {
	j := i + step
	for j >= 0 && j < len(m.folded) && m.folded[j] != neighbour {
		j += step
	}
	return m.neighbour(j, step)
}

// whole reports whether the neighbour of i is the end of a word without it.
func (m *mender) whole(i, step int, neighbour rune) bool {
	other := m.second(i, step, neighbour)
	if other == 0 || m.dictionary == nil {
		return false
	}
	if step < 0 {
		return m.dictionary.Pair(other, neighbour)
	}
	return m.dictionary.Pair(neighbour, other)
}

// has reports whether the three characters stand in a row in the corpus.
func (g *Generation) has(a, b, c rune) bool {
	if a == 0 || c == 0 {
		return false
	}
	if g.bigrams.count(a, b) == 0 || g.bigrams.count(b, c) == 0 {
		return false
	}
	for i := range g.paras {
		rs := g.paras[i].runes
		for j := 0; j+2 < len(rs); j++ {
			if rs[j] == a && rs[j+1] == b && rs[j+2] == c {
				return true
			}
		}
	}
	return false
}

// word reports whether a and b, which the corpus has n times and should have
// least times, are part of a word.
func (m *mender) word(a, b rune, n, least uint32) bool {
	return n >= least && m.dictionary != nil && m.dictionary.Pair(a, b)
}

// before lists the characters that the corpus has before b.
func (g *Generation) before(b rune) []rune { return g.bigrams.precede[b] }

// pinyin rewrites Latin words that are Pinyin of what the corpus says. A word
// that the lexicon or an English dictionary knows stays.
func (m *mender) pinyin() {
	english := m.dictionary != nil && question.Parse(string(m.folded)).English
	for i := 0; i < len(m.folded); {
		if !isLetter(m.folded[i]) {
			i++
			continue
		}
		j := i
		for j < len(m.folded) && isLetter(m.folded[j]) {
			j++
		}
		end := j
		word := string(m.folded[i:j])
		if (m.onlyLatin() && len(word) < 4) || m.g.lexicon.Has(word) || len(word) < 2 || english && len(m.dictionary.Lookup(word)) > 0 {
			i = j
			continue
		}
		if syllables := analysis.ParsePinyin(word); len(syllables) > 0 && (len(syllables) > 1 || m.besideHan(i, j)) {
			if han := m.spell(syllables, m.neighbour(i, -1), m.neighbour(j-1, +1)); han != nil {
				m.folded = slices.Concat(m.folded[:i:i], han, m.folded[j:])
				m.rs = slices.Concat(m.rs[:i:i], han, m.rs[j:])
				m.changed = true
				end = i + len(han)
			}
		}
		i = end
	}
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' }

func (m *mender) besideHan(i, j int) bool {
	return i > 0 && analysis.IsHan(m.folded[i-1]) || j < len(m.folded) && analysis.IsHan(m.folded[j])
}

func (m *mender) onlyLatin() bool {
	return !slices.ContainsFunc(m.folded, analysis.IsHan)
}

// spell finds the characters that read as syllables and stand in a row in the
// corpus, the likeliest by how often the pairs occur; nil when there are none.
func (m *mender) spell(syllables []analysis.Syllable, left, right rune) []rune {
	type path struct {
		score float64
		from  int
	}
	layers := make([][]rune, len(syllables))
	best := make([][]path, len(syllables))
	for k, s := range syllables {
		layers[k] = m.g.sounding(s)
		best[k] = make([]path, len(layers[k]))
		for x, c := range layers[k] {
			best[k][x] = path{-1, -1}
			if k == 0 {
				best[k][x].score = 0
				if left != 0 {
					best[k][x].score = m.fit(left, c)
				}
				continue
			}
			for y, p := range layers[k-1] {
				if f := m.fit(p, c); best[k-1][y].score >= 0 && f > 0 && best[k-1][y].score+f > best[k][x].score {
					best[k][x] = path{best[k-1][y].score + f, y}
				}
			}
		}
	}
	last := len(syllables) - 1
	end, top := -1, 0.0
	for x, c := range layers[last] {
		s := best[last][x].score
		if s < 0 {
			continue
		}
		if right != 0 {
			s += m.fit(c, right)
		}
		if s > top {
			end, top = x, s
		}
	}
	if end < 0 {
		return nil
	}
	out := make([]rune, len(syllables))
	for k := last; k >= 0; k-- {
		out[k] = layers[k][end]
		end = best[k][end].from
	}
	return out
}

// fit rates a pair of characters by how often it occurs, capped so that one
// frequent pair does not outweigh an unbroken row.
func (m *mender) fit(a, b rune) float64 {
	n := m.g.bigrams.count(a, b)
	if s := m.g.spoken.count(a, b); s > 0 {
		n = max(n, 3)
	}
	switch {
	case n == 0:
		return 0
	case n < 10:
		return 1 + float64(n)/20
	}
	return 1.5
}
