package index

import (
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/registry"

	text "wenbao/retrieval/analysis"
)

// Names of the analyzers as the index mapping stores them. A change of what
// they emit must change SchemaVersion.
const (
	bigramAnalyzer  = "wenbao_bigrams"
	unigramAnalyzer = "wenbao_unigrams"
)

func init() {
	register := func(name string, keep func(text.Gram) bool) {
		err := registry.RegisterAnalyzer(name, func(map[string]interface{}, *registry.Cache) (analysis.Analyzer, error) {
			return &analysis.DefaultAnalyzer{Tokenizer: gramTokenizer{keep}}, nil
		})
		if err != nil {
			panic(err) // two analyzers of one name: a programming error
		}
	}
	register(bigramAnalyzer, func(g text.Gram) bool { return !g.IsUnigram() })
	register(unigramAnalyzer, func(g text.Gram) bool { return g.IsUnigram() })
}

// gramTokenizer emits those grams of the folded input that keep accepts. Its
// offsets are those of the folded text: excerpts are cut elsewhere.
type gramTokenizer struct {
	keep func(text.Gram) bool
}

func (t gramTokenizer) Tokenize(input []byte) analysis.TokenStream {
	runes := text.Fold(string(input)).Runes
	out := make(analysis.TokenStream, 0, len(runes))
	text.Grams(runes, func(g text.Gram, start, end int) {
		if !t.keep(g) {
			return
		}
		out = append(out, &analysis.Token{
			Term:     []byte(GramTerm(g, runes, start, end)),
			Start:    start,
			End:      end,
			Position: len(out) + 1,
			Type:     analysis.Ideographic,
		})
	})
	return out
}

// GramTerm returns the index term of a gram emitted for runes[start:end].
// The characters between the two of a bigram (quotes) are not part of it.
func GramTerm(g text.Gram, runes []rune, start, end int) string {
	if g.IsBigram() {
		return string([]rune{runes[start], runes[end-1]})
	}
	return string(runes[start:end])
}
