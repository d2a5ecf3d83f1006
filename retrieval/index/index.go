// Package index keeps paragraphs in bleve and finds candidates in them.
package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	bleveindex "github.com/blevesearch/bleve_index_api"

	text "wenbao/retrieval/analysis"
)

// SchemaVersion changes whenever an index built by an older program would
// answer differently: fields, analyzers, folding.
const SchemaVersion = 1

// Field names a searched field.
type Field string

const (
	Bigrams  Field = "b" // character bigrams, Latin words and numbers of the paragraph
	Unigrams Field = "u" // single characters of the paragraph
	Head     Field = "h" // bigrams of the report title and section path
	Alias    Field = "a" // whole aliases of a glossary entry, folded
	report   Field = "r" // report ordinal
)

const batchSize = 500

// A Document is one paragraph to be indexed. Its key is its position.
type Document struct {
	Report  int // ordinal of its report
	Text    string
	Head    string
	Aliases []string // folded
}

// Index finds paragraphs. It is safe for concurrent use until Close.
type Index struct {
	bleve bleve.Index
	stats search.BM25Stats
}

// Build indexes docs into path, a folder that must not exist; "" keeps the
// index in memory. progress, if not nil, is told how many are done.
func Build(ctx context.Context, path string, docs []Document, progress func(done int)) (*Index, error) {
	b, err := bleve.NewUsing(path, newMapping(), scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, fmt.Errorf("create index: %w", err)
	}
	if err := fill(ctx, b, docs, progress); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return newIndex(b)
}

// Open opens an index that Build wrote, for reading only.
func Open(path string) (*Index, error) {
	b, err := bleve.OpenUsing(path, map[string]interface{}{"read_only": true})
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return newIndex(b)
}

func newMapping() mapping.IndexMapping {
	field := func(f Field, analyzer string) *mapping.FieldMapping {
		m := bleve.NewTextFieldMapping()
		m.Name, m.Analyzer = string(f), analyzer
		m.Store, m.IncludeInAll, m.IncludeTermVectors, m.DocValues = false, false, false, false
		return m
	}
	doc := bleve.NewDocumentStaticMapping()
	doc.AddFieldMappingsAt("Text", field(Bigrams, bigramAnalyzer), field(Unigrams, unigramAnalyzer))
	doc.AddFieldMappingsAt("Head", field(Head, bigramAnalyzer))
	doc.AddFieldMappingsAt("Aliases", field(Alias, keyword.Name))
	doc.AddFieldMappingsAt("Report", field(report, keyword.Name))
	m := bleve.NewIndexMapping()
	m.DefaultMapping = doc
	m.DefaultAnalyzer = keyword.Name
	m.ScoringModel = bleveindex.BM25Scoring
	return m
}

// fields is what bleve sees of a Document.
type fields struct {
	Text, Head, Report string
	Aliases            []string
}

// statsKey is where the true token counts are kept: bleve's own average
// length counts distinct terms a segment and so depends on segment layout.
var statsKey = []byte("wenbao_token_counts")

func fill(ctx context.Context, b bleve.Index, docs []Document, progress func(int)) error {
	var bigrams, unigrams, heads, aliases uint64
	batch := b.NewBatch()
	for i, d := range docs {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := fields{Text: d.Text, Head: d.Head, Report: strconv.Itoa(d.Report), Aliases: d.Aliases}
		if err := batch.Index(strconv.Itoa(i), f); err != nil {
			return fmt.Errorf("index paragraph %d: %w", i, err)
		}
		nb, nu := count(d.Text)
		nh, _ := count(d.Head)
		bigrams, unigrams, heads, aliases = bigrams+nb, unigrams+nu, heads+nh, aliases+uint64(len(d.Aliases))
		if batch.Size() >= batchSize || i == len(docs)-1 {
			if err := b.Batch(batch); err != nil {
				return fmt.Errorf("write index: %w", err)
			}
			batch.Reset()
			if progress != nil {
				progress(i + 1)
			}
		}
	}
	var stats []byte
	for _, n := range []uint64{uint64(len(docs)), bigrams, unigrams, heads, aliases} {
		stats = binary.BigEndian.AppendUint64(stats, n)
	}
	return b.SetInternal(statsKey, stats)
}

func count(s string) (bigrams, unigrams uint64) {
	text.Grams(text.Fold(s).Runes, func(g text.Gram, _, _ int) {
		if g.IsUnigram() {
			unigrams++
		} else {
			bigrams++
		}
	})
	return bigrams, unigrams
}

func newIndex(b bleve.Index) (*Index, error) {
	raw, err := b.GetInternal(statsKey)
	if err == nil && len(raw) != 5*8 {
		err = errors.New("index is incomplete: it has no token counts")
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	n := func(i int) int { return int(binary.BigEndian.Uint64(raw[8*i:])) }
	return &Index{bleve: b, stats: search.BM25Stats{
		DocCount: float64(n(0)),
		FieldCardinality: map[string]int{
			string(Bigrams): n(1), string(Unigrams): n(2), string(Head): n(3),
			string(Alias): max(n(4), 1), string(report): n(0),
		},
	}}, nil
}

// Len returns the number of paragraphs.
func (ix *Index) Len() int { return int(ix.stats.DocCount) }

// Tokens returns how many tokens all paragraphs have in field f.
func (ix *Index) Tokens(f Field) int { return ix.stats.FieldCardinality[string(f)] }

// Close releases the index; no search may be under way.
func (ix *Index) Close() error { return ix.bleve.Close() }

// A Term is one term to look for.
type Term struct {
	Field Field
	Text  string
	Boost float64
}

// A Query asks for the paragraphs that hold any of its terms.
type Query struct {
	Terms  []Term
	Report int // ordinal, or -1 for all
	Limit  int
}

// A Match is a paragraph found.
type Match struct {
	Document int
	Score    float64
}

// Search returns at most q.Limit matches, best first; equal scores by
// position.
func (ix *Index) Search(ctx context.Context, q Query) ([]Match, error) {
	if len(q.Terms) == 0 || q.Limit <= 0 {
		return nil, nil
	}
	disjuncts := make([]query.Query, 0, len(q.Terms))
	for _, t := range q.Terms {
		tq := query.NewTermQuery(t.Text)
		tq.SetField(string(t.Field))
		tq.SetBoost(t.Boost)
		disjuncts = append(disjuncts, tq)
	}
	var all query.Query = query.NewDisjunctionQuery(disjuncts)
	if q.Report >= 0 {
		only := query.NewTermQuery(strconv.Itoa(q.Report))
		only.SetField(string(report))
		only.SetBoost(0)
		all = query.NewConjunctionQuery([]query.Query{all, only})
	}
	req := bleve.NewSearchRequestOptions(all, q.Limit, 0, false)
	ctx = context.WithValue(ctx, search.BM25StatsKey, &ix.stats)
	res, err := ix.bleve.SearchInContext(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	out := make([]Match, 0, len(res.Hits))
	for _, h := range res.Hits {
		n, err := strconv.Atoi(h.ID)
		if err != nil || math.IsNaN(h.Score) {
			return nil, fmt.Errorf("search: the index holds a document %q that is not ours", h.ID)
		}
		out = append(out, Match{Document: n, Score: h.Score})
	}
	return out, nil
}

// Frequencies returns in how many paragraphs each term occurs.
func (ix *Index) Frequencies(ctx context.Context, terms []Term) ([]int, error) {
	advanced, err := ix.bleve.Advanced()
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	r, err := advanced.Reader()
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	defer r.Close()
	out := make([]int, len(terms))
	for i, t := range terms {
		tfr, err := r.TermFieldReader(ctx, []byte(t.Text), string(t.Field), false, false, false)
		if err != nil {
			return nil, fmt.Errorf("read index: %w", err)
		}
		out[i] = int(tfr.Count())
		if err := tfr.Close(); err != nil {
			return nil, fmt.Errorf("read index: %w", err)
		}
	}
	return out, nil
}
