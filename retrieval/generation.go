package retrieval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/index"
	"wenbao/retrieval/lexicon"
	"wenbao/retrieval/quantities"
	"wenbao/retrieval/question"
	"wenbao/retrieval/report"
)

// A Generation is a corpus with its index: what one search sees. It is
// immutable and is closed when the engine has dropped it and the last result
// that came from it is released.
type Generation struct {
	ID     string
	Corpus *corpus.Corpus

	index   *index.Index
	lexicon *lexicon.Lexicon
	paras   []paragraph
	first   []int      // per report, position of its first paragraph
	titles  [][][]rune // per report and section, its folded title
	aliases map[string][]TermRef
	regions []int       // per report, its place in the lexicon, -1 for none
	bigrams *vocabulary // of the corpus
	spoken  *vocabulary // of the phrases that questions are made of
	sounds  sounds
	tokens  float64 // mean length of a paragraph as BM25 counts it

	refs   atomic.Int64
	closed chan struct{}
}

// A TermRef is a glossary entry found under an alias.
type TermRef struct {
	Report, Term int
	Weight       float64
}

// paragraph is what ranking reads of one paragraph.
type paragraph struct {
	report, at int32 // indices of report and paragraph
	runes      []rune
	ends       []int32 // per sentence, its end in runes
	quantities []quantity
	indicators []indicator
	length     float32 // bigrams, words and weighted unigrams
	bare       bool    // a glossary's term alone on its line
	named      bool    // what defines the term on the line above
}

// indicator is what a figure of a sentence measures, folded.
type indicator struct {
	sentence int32
	runes    []rune
}

type quantity struct {
	at, end   int32
	dimension report.Dimension
	unit      string
	large     bool // ten thousand or more
}

// GenerationID names a generation by all that decides its answers.
func GenerationID(c *corpus.Corpus, l *lexicon.Lexicon) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", index.SchemaVersion, c.Digest(), l.Digest()))
	return hex.EncodeToString(sum[:6])
}

// NewGeneration indexes c. path is where the index goes, a folder that must
// not exist; "" keeps it in memory.
func NewGeneration(ctx context.Context, path string, c *corpus.Corpus, l *lexicon.Lexicon, progress func(done int)) (*Generation, error) {
	g := newGeneration(c, l, nil)
	ix, err := index.Build(ctx, path, g.documents(), progress)
	if err != nil {
		return nil, err
	}
	g.index = ix
	return g, nil
}

// OpenGeneration opens an index that NewGeneration wrote for the same corpus.
func OpenGeneration(path string, c *corpus.Corpus, l *lexicon.Lexicon) (*Generation, error) {
	g := newGeneration(c, l, nil)
	if err := g.open(path); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *Generation) open(path string) error {
	ix, err := index.Open(path, g.documents())
	if err != nil {
		return err
	}
	g.index = ix
	return nil
}

// newGeneration prepares c for ranking. What before, which may be nil, has
// prepared of the same reports is taken from it.
func newGeneration(c *corpus.Corpus, l *lexicon.Lexicon, before *Generation) *Generation {
	g := &Generation{ID: GenerationID(c, l), Corpus: c, lexicon: l, aliases: map[string][]TermRef{}, bigrams: newVocabulary(), closed: make(chan struct{})}
	g.refs.Store(1)
	spoken := make(chan *vocabulary, 1)
	go func() { spoken <- spokenVocabulary(l) }()
	total := 0.0
	prepared := before.prepared()
	for ri, r := range c.Reports {
		g.first = append(g.first, len(g.paras))
		g.regions = append(g.regions, l.FindPlace(r.Region))
		g.titles = append(g.titles, foldTitles(r))
		old, known := prepared[r]
		for pi := range r.Paragraphs {
			var p paragraph
			if known {
				p = before.paras[old+pi]
				p.report = int32(ri)
			} else {
				p = newParagraph(ri, pi, &r.Paragraphs[pi])
			}
			g.bigrams.learn(p.runes)
			total += float64(p.length)
			g.paras = append(g.paras, p)
		}
		if !known {
			g.addIndicators(ri)
			g.joinEntries(ri)
		}
		for ti, t := range r.Terms {
			for _, a := range t.Aliases {
				key := AliasKey(a.Text)
				g.aliases[key] = append(g.aliases[key], TermRef{ri, ti, a.Weight})
			}
		}
	}
	g.tokens = total / float64(max(len(g.paras), 1))
	g.spoken = <-spoken
	return g
}

// prepared returns the positions of the reports' first paragraphs.
func (g *Generation) prepared() map[*report.Report]int {
	if g == nil {
		return nil
	}
	at := make(map[*report.Report]int, len(g.Corpus.Reports))
	for i, r := range g.Corpus.Reports {
		at[r] = g.first[i]
	}
	return at
}

// spokenVocabulary is what an asker may say that no report does.
func spokenVocabulary(l *lexicon.Lexicon) *vocabulary {
	v := newVocabulary()
	for _, p := range question.Phrases() {
		v.learn([]rune(p))
	}
	for _, c := range l.Concepts {
		for _, f := range c.Said {
			v.learn([]rune(f))
		}
	}
	return v
}

// shortestIndicator is how many characters of an indicator say what is
// measured; 收入 or 投资 alone fit many figures.
const shortestIndicator = 4

// addIndicators notes at the paragraphs of a report what its figures measure.
func (g *Generation) addIndicators(of int) {
	for _, f := range g.Corpus.Reports[of].Figures {
		rs := analysis.Fold(f.Indicator).Runes
		if len(rs) < shortestIndicator {
			continue
		}
		p := &g.paras[g.first[of]+f.Paragraph]
		p.indicators = append(p.indicators, indicator{int32(f.Sentence), rs})
	}
}

// foldTitles folds the section titles of a report once, since every question
// looks into them.
func foldTitles(r *report.Report) [][]rune {
	out := make([][]rune, len(r.Sections))
	for i, s := range r.Sections {
		out[i] = analysis.Fold(s.Title).Runes
	}
	return out
}

const unigramShare = 0.4 // of a unigram in a paragraph's length

func newParagraph(of, at int, p *report.Paragraph) paragraph {
	f := analysis.Fold(p.Text)
	out := paragraph{report: int32(of), at: int32(at), runes: f.Runes}
	for _, s := range p.Sentences {
		out.ends = append(out.ends, int32(f.Index(s.End)))
	}
	if len(out.ends) > 0 {
		out.ends[len(out.ends)-1] = int32(len(f.Runes))
	}
	out.quantities = numbersOf(f.Runes)
	analysis.Grams(f.Runes, func(g analysis.Gram, _, _ int) {
		if g.IsUnigram() {
			out.length += unigramShare
		} else {
			out.length++
		}
	})
	return out
}

// yearAlone holds for a bare year, and a name that holds one: “2021中国最具竞争力
// 城市”.
func yearAlone(n quantities.Number) bool {
	return n.Unit == "" && n.Role != quantities.Date && n.Number >= 1949 && n.Number <= 2099 && n.Number == float64(int(n.Number))
}

// numbersOf are the numbers of folded text, in which numerals are digits:
// amounts, dates, and numbers in names, but for bare years.
func numbersOf(rs []rune) []quantity {
	text := string(rs)
	var out []quantity
	at, bytes := 0, 0
	rune := func(offset int) int32 { // offsets come in order
		for bytes < offset {
			bytes += utf8.RuneLen(rs[at])
			at++
		}
		return int32(at)
	}
	for _, n := range quantities.Scan(text) {
		if yearAlone(n) || n.Role == quantities.Bare && n.Start > 0 && strings.ContainsRune("[图表", rs[rune(n.Start)-1]) {
			continue // 图3, 全员劳动生产率[5]
		}
		q := quantity{at: rune(n.Start), dimension: n.Dimension, large: n.Number >= 1e4}
		q.end = rune(n.End)
		q.unit, _, _ = strings.Cut(n.Unit, "/") // of 元/人 the unit is 元
		if n.Role == quantities.Date {
			q.dimension = report.Date
		} else if d := analysis.DimensionOf(q.unit); d == report.Money {
			q.dimension = d // 200块
		}
		out = append(out, q)
	}
	return out
}

// AliasKey is the form under which an alias of a term is looked up: folded,
// without quotes, spaces and punctuation.
func AliasKey(s string) string {
	return strings.Map(func(r rune) rune {
		if analysis.IsHan(r) || analysis.IsWordRune(r) {
			return r
		}
		return -1
	}, analysis.FoldString(s))
}

// documents lists the reports as the index takes them.
func (g *Generation) documents() []index.Report {
	reports := make([]index.Report, 0, len(g.Corpus.Reports))
	for _, r := range g.Corpus.Reports {
		docs := make([]index.Document, 0, len(r.Paragraphs))
		for i := range r.Paragraphs {
			para := &r.Paragraphs[i]
			d := index.Document{Text: para.Text, Head: r.Title + "\n" + strings.Join(r.Path(para.Section), "\n")}
			if para.Term >= 0 {
				for _, a := range r.Terms[para.Term].Aliases {
					d.Aliases = append(d.Aliases, AliasKey(a.Text))
				}
			}
			docs = append(docs, d)
		}
		reports = append(reports, index.Report{Key: index.Key(r.ID, docs), Documents: docs})
	}
	return reports
}

// acquire takes a reference; false when the generation is closed already.
func (g *Generation) acquire() bool {
	for {
		n := g.refs.Load()
		if n == 0 {
			return false
		}
		if g.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// release gives a reference back; the last one closes the index.
func (g *Generation) release() error {
	if g.refs.Add(-1) > 0 {
		return nil
	}
	defer close(g.closed)
	return g.index.Close()
}

// Closed is closed when the generation's files are no longer in use.
func (g *Generation) Closed() <-chan struct{} { return g.closed }

// Terms returns the glossary entries found under name, best first.
func (g *Generation) Terms(name string) []TermRef { return g.aliases[AliasKey(name)] }

// Entities finds what a folded question names that a follow-up could name
// instead: places, glossary terms, concepts of one field.
func (g *Generation) Entities(rs []rune) []question.Entity {
	var out []question.Entity
	taken := make([]bool, len(rs))
	add := func(start, end int, class string) {
		for i := start; i < end; i++ {
			if taken[i] {
				return
			}
		}
		for i := start; i < end; i++ {
			taken[i] = true
		}
		out = append(out, question.Entity{Start: start, End: end, Class: class})
	}
	for _, a := range g.literalAliases(&question.Question{Folded: analysis.Folded{Runes: rs}}) {
		add(a.start, a.end, "term")
	}
	for _, m := range g.lexicon.Find(rs) {
		if m.Place >= 0 {
			add(m.Start, m.End, "place")
			continue
		}
		if f := g.lexicon.Concepts[m.Concept].Field; f != "general" {
			add(m.Start, m.End, f)
		}
	}
	slices.SortFunc(out, func(a, b question.Entity) int { return a.Start - b.Start })
	return out
}

func sortedRunes(m map[rune][]rune) []rune {
	return slices.Sorted(maps.Keys(m))
}

// Knows reports whether the lexicon has phrase as it stands: a figure's
// indicator that it has is one that people ask for.
func (g *Generation) Knows(phrase string) bool {
	return g.lexicon.Has(analysis.FoldString(phrase))
}
