// Package index keeps paragraphs in bleve and finds candidates in them.
package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

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
// answer differently: fields, analyzers, folding, keys.
const SchemaVersion = 3

// Field names a searched field.
type Field string

const (
	Bigrams  Field = "b" // character bigrams, Latin words and numbers of the paragraph
	Unigrams Field = "u" // single characters of the paragraph
	Head     Field = "h" // bigrams of the report title and section path
	Alias    Field = "a" // whole aliases of a glossary entry, folded
	report   Field = "r" // report key
)

// A Document is one paragraph to be indexed. It is known by its report's key
// and its position there.
type Document struct {
	Text    string
	Head    string
	Aliases []string // folded
}

// A Report is one report to be indexed.
type Report struct {
	Key       string // see Key
	Documents []Document
}

// Index finds paragraphs. It is safe for concurrent use until Close.
type Index struct {
	bleve   bleve.Index
	stats   search.BM25Stats
	reports []Report       // their keys; the documents are not kept
	first   map[string]int // key → position of the report's first paragraph
}

// Build indexes reports into path, a folder that must not exist; "" keeps the
// index in memory. progress, if not nil, is told how many paragraphs are done.
// Paragraphs are numbered through all reports, in the order given.
func Build(ctx context.Context, path string, reports []Report, progress func(done int)) (*Index, error) {
	b, err := bleve.NewUsing(path, newMapping(), scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, fmt.Errorf("create index: %w", err)
	}
	if err := update(ctx, b, nil, reports, progress); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if path == "" {
		return newIndex(b, reports)
	}
	if err := b.Close(); err != nil {
		return nil, fmt.Errorf("write index: %w", err)
	}
	return Open(path, reports)
}

// Open opens an index of just these reports, for reading only.
func Open(path string, reports []Report) (*Index, error) {
	b, err := bleve.OpenUsing(path, map[string]interface{}{"read_only": true})
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return newIndex(b, reports)
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

// count counts the tokens of both analyzers in s.
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

func newIndex(b bleve.Index, reports []Report) (*Index, error) {
	held, err := readTallies(b)
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	ix := &Index{bleve: b, reports: make([]Report, len(reports)), first: map[string]int{}}
	var sum tally
	for i, r := range reports {
		t, ok := held[r.Key]
		if !ok || t.Documents != len(r.Documents) {
			return nil, errors.Join(fmt.Errorf("the index is of another corpus: it lacks report %d of %d", i+1, len(reports)), b.Close())
		}
		ix.reports[i].Key, ix.first[r.Key] = r.Key, sum.Documents
		sum.add(t)
	}
	if n, err := b.DocCount(); err != nil || len(held) != len(ix.first) || n != uint64(sum.Documents) {
		return nil, errors.Join(fmt.Errorf("the index is of another corpus: it holds %d paragraphs of %d reports, not %d of %d", n, len(held), sum.Documents, len(reports)), err, b.Close())
	}
	ix.stats = search.BM25Stats{
		DocCount: float64(sum.Documents),
		FieldCardinality: map[string]int{
			string(Bigrams): sum.Bigrams, string(Unigrams): sum.Unigrams, string(Head): sum.Heads,
			string(Alias): max(sum.Aliases, 1), string(report): sum.Documents,
		},
	}
	return ix, nil
}

// Len returns the number of paragraphs.
func (ix *Index) Len() int { return int(ix.stats.DocCount) }

// Tokens returns how many tokens all paragraphs have in field f.
func (ix *Index) Tokens(f Field) int { return ix.stats.FieldCardinality[string(f)] }

// Bytes returns what the index takes on disk, or, in memory, about what it
// takes there.
func (ix *Index) Bytes() uint64 {
	all, _ := ix.bleve.StatsMap()["index"].(map[string]any)
	if disk, _ := all["num_bytes_used_disk"].(uint64); disk > 0 {
		return disk
	}
	written, _ := all["num_bytes_written_at_index_time"].(uint64)
	return written
}

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
		only := query.NewTermQuery(ix.reports[q.Report].Key)
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
		n, ok := ix.position(h.ID)
		if !ok || math.IsNaN(h.Score) {
			return nil, fmt.Errorf("search: the index holds a document %q that is not ours", h.ID)
		}
		out = append(out, Match{Document: n, Score: h.Score})
	}
	// How bleve orders equals depends on the order of its segments.
	slices.SortStableFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Document, b.Document))
	})
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
