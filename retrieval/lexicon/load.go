package lexicon

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"

	"wenbao/retrieval/analysis"
)

type file struct {
	Field    string        `yaml:"field"`
	Concepts []fileConcept `yaml:"concepts"`
	Places   []filePlace   `yaml:"places"`
}

type fileConcept struct {
	ID      string   `yaml:"id"`
	Terms   []string `yaml:"terms"`
	Said    []string `yaml:"said"`
	Abbr    []string `yaml:"abbr"`
	English []string `yaml:"en"`
	Related []string `yaml:"related"`
}

type filePlace struct {
	ID      string   `yaml:"id"`
	Name    string   `yaml:"name"`
	Short   []string `yaml:"short"`
	Weak    []string `yaml:"weak"`
	Abbr    []string `yaml:"abbr"`
	English []string `yaml:"en"`
	Parent  string   `yaml:"parent"`
	Members []string `yaml:"members"`
	Level   string   `yaml:"level"`
}

// Load reads all *.yaml files of the given folders; a concept of a later
// folder replaces the one with the same id. It reports all that is wrong:
// unknown keys, double ids, unknown or circular references, forms of one
// character, concepts without terms.
func Load(folders ...fs.FS) (*Lexicon, error) {
	return newBuilder().load(folders)
}

// Extend reads the files of the given folders over base, as Load reads a later
// folder over an earlier one. It returns base itself where there is no folder.
func Extend(base *Lexicon, folders ...fs.FS) (*Lexicon, error) {
	if len(folders) == 0 {
		return base, nil
	}
	b := newBuilder()
	b.take(base)
	return b.load(folders)
}

func (b *builder) load(folders []fs.FS) (*Lexicon, error) {
	for _, fsys := range folders {
		names, err := fs.Glob(fsys, "*.yaml")
		if err != nil {
			return nil, fmt.Errorf("lexicon: %w", err)
		}
		if len(names) == 0 {
			return nil, errors.New("lexicon: the folder holds no .yaml file")
		}
		sort.Strings(names)
		seen := map[string]string{}
		for _, name := range names {
			raw, err := fs.ReadFile(fsys, name)
			if err != nil {
				return nil, fmt.Errorf("lexicon: %w", err)
			}
			b.read(name, raw, seen)
		}
	}
	l := b.build()
	if err := errors.Join(b.problems...); err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	return l, nil
}

// take makes every concept and place of a built lexicon replaceable by id.
func (b *builder) take(l *Lexicon) {
	for _, c := range l.Concepts {
		item := fileConcept{ID: c.ID, Terms: c.Terms, Said: c.Said, Abbr: c.Abbr, English: c.English}
		for _, r := range c.Related {
			item.Related = append(item.Related, l.Concepts[r].ID)
		}
		b.concepts[c.ID] = sourced[fileConcept]{item, builtIn, c.Field}
	}
	for _, p := range l.Places {
		item := filePlace{ID: p.ID, Name: p.Name, Short: p.Short, Weak: p.Weak, Abbr: p.Abbr, English: p.English, Level: p.Level}
		if p.Parent >= 0 {
			item.Parent = l.Places[p.Parent].ID
		}
		for _, m := range p.Members {
			item.Members = append(item.Members, l.Places[m].ID)
		}
		b.places[p.ID] = sourced[filePlace]{item, builtIn, ""}
	}
}

// builtIn stands for the file of what came with the program.
const builtIn = "the built-in lexicon"

type sourced[T any] struct {
	item  T
	file  string
	field string
}

type builder struct {
	concepts map[string]sourced[fileConcept]
	places   map[string]sourced[filePlace]
	problems []error
}

func newBuilder() *builder {
	return &builder{concepts: map[string]sourced[fileConcept]{}, places: map[string]sourced[filePlace]{}}
}

func (b *builder) failf(format string, args ...any) {
	b.problems = append(b.problems, fmt.Errorf(format, args...))
}

func (b *builder) read(name string, raw []byte, seen map[string]string) {
	var f file
	if err := yaml.UnmarshalWithOptions(raw, &f, yaml.DisallowUnknownField()); err != nil {
		b.failf("%s: %w", name, err)
		return
	}
	field := f.Field
	if field == "" {
		field = strings.TrimSuffix(path.Base(name), ".yaml")
	}
	take := func(id string) {
		if other, ok := seen[id]; ok {
			b.failf("%s: id %q is in %s too", name, id, other)
		}
		seen[id] = name
	}
	for _, c := range f.Concepts {
		take(c.ID)
		b.concepts[c.ID] = sourced[fileConcept]{c, name, field}
	}
	for _, p := range f.Places {
		take(p.ID)
		b.places[p.ID] = sourced[filePlace]{p, name, field}
	}
}

func (b *builder) build() *Lexicon {
	conceptIDs, placeIDs := sortedKeys(b.concepts), sortedKeys(b.places)
	conceptAt, placeAt := positions(conceptIDs), positions(placeIDs)
	concepts := make([]Concept, 0, len(conceptIDs))
	for _, id := range conceptIDs {
		s := b.concepts[id]
		c := Concept{ID: id, Field: s.field,
			Terms: b.fold(s.file, id, s.item.Terms, 2), Said: b.fold(s.file, id, s.item.Said, 2),
			Abbr: b.fold(s.file, id, s.item.Abbr, 2), English: b.fold(s.file, id, s.item.English, 2)}
		if id == "" || len(c.Terms) == 0 {
			b.failf("%s: concept %q needs an id and at least one term", s.file, id)
		}
		for _, r := range s.item.Related {
			at, ok := conceptAt[r]
			if !ok || r == id {
				b.failf("%s: concept %s: related %q is not another concept; did you mean %q?", s.file, id, r, nearest(r, conceptIDs))
				continue
			}
			c.Related = append(c.Related, at)
		}
		concepts = append(concepts, c)
	}
	places := make([]Place, 0, len(placeIDs))
	for _, id := range placeIDs {
		s := b.places[id]
		p := Place{ID: id, Name: analysis.FoldString(s.item.Name), Parent: -1, Level: s.item.Level,
			Short: b.fold(s.file, id, s.item.Short, 2), Weak: b.fold(s.file, id, s.item.Weak, 2), Abbr: b.fold(s.file, id, s.item.Abbr, 1), English: b.fold(s.file, id, s.item.English, 2)}
		if s.item.Parent != "" {
			at, ok := placeAt[s.item.Parent]
			if !ok {
				b.failf("%s: place %s: parent %q is not a place; did you mean %q?", s.file, id, s.item.Parent, nearest(s.item.Parent, placeIDs))
			} else {
				p.Parent = at
			}
		}
		for _, m := range s.item.Members {
			at, ok := placeAt[m]
			if !ok {
				b.failf("%s: place %s: member %q is not a place; did you mean %q?", s.file, id, m, nearest(m, placeIDs))
				continue
			}
			p.Members = append(p.Members, at)
		}
		places = append(places, p)
	}
	b.checkCycles(places)
	return New(concepts, places)
}

func (b *builder) checkCycles(places []Place) {
	for i, p := range places {
		steps, at := 0, i
		for at >= 0 && steps <= len(places) {
			at = places[at].Parent
			steps++
		}
		if at >= 0 {
			b.failf("place %s: its parents form a circle", p.ID)
		}
	}
	if i := circularMembers(places); i >= 0 {
		b.failf("place %s: its members form a circle", places[i].ID)
	}
}

// circularMembers returns the index of a place that is a member of itself, be
// it through others, -1 for none: Within would not end.
func circularMembers(places []Place) int {
	const open, done = 1, 2
	state := make([]int, len(places))
	var visit func(i int) bool
	visit = func(i int) bool {
		state[i] = open
		for _, m := range places[i].Members {
			if state[m] == open || state[m] == 0 && visit(m) {
				return true
			}
		}
		state[i] = done
		return false
	}
	for i := range places {
		if state[i] == 0 && visit(i) {
			return i
		}
	}
	return -1
}

func (b *builder) fold(file, id string, forms []string, shortest int) []string {
	out := make([]string, 0, len(forms))
	seen := map[string]bool{}
	for _, f := range forms {
		f = analysis.FoldString(strings.TrimSpace(f))
		if strings.ContainsAny(f, "|\t\n") {
			b.failf("%s: %s: form %q holds a character that forms must not: | or a tab", file, id, f)
			continue
		}
		if utf8.RuneCountInString(f) > longestForm {
			b.failf("%s: %s: form %q is longer than %d characters", file, id, f, longestForm)
			continue
		}
		if utf8.RuneCountInString(f) < shortest {
			b.failf("%s: %s: form %q is too short: one character matches everywhere", file, id, f)
			continue
		}
		if !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	return out
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func positions(ids []string) map[string]int {
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	return at
}

func nearest(word string, words []string) string {
	best, distance := "", 1<<30
	for _, w := range words {
		if d := levenshtein.ComputeDistance(word, w); d < distance {
			best, distance = w, d
		}
	}
	return best
}
