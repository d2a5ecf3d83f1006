package corpus

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// Metadata is what is known of a document beside its text. What it omits is
// inferred from the text and the id.
type Metadata struct {
	ID          string
	Title       string
	Region      string
	Year        int
	DeliveredOn string // YYYY-MM-DD
	Speaker     string
	SourceURL   string
	Language    string // BCP 47
}

var metadataKeys = []string{"id", "title", "region", "year", "delivered_on", "speaker", "source_url", "language"}

// MetadataKeys are the keys that Set knows.
func MetadataKeys() []string { return slices.Clone(metadataKeys) }

// Set assigns the value of one key, trimmed; ok is false for an unknown key.
func (m *Metadata) Set(key, value string) (ok bool, err error) {
	value = strings.TrimSpace(value)
	switch key {
	case "id":
		m.ID = value
	case "title":
		m.Title = value
	case "region":
		m.Region = value
	case "year":
		if m.Year, err = strconv.Atoi(value); err != nil || m.Year < 0 || m.Year > 9999 {
			m.Year, err = 0, fmt.Errorf("year: %q is not a year", value)
		}
	case "delivered_on":
		if _, bad := time.Parse(time.DateOnly, value); bad != nil {
			err = fmt.Errorf("delivered_on: %q is not a date like 2022-01-21", value)
		}
		m.DeliveredOn = value
	case "speaker":
		m.Speaker = value
	case "source_url":
		m.SourceURL = value
	case "language":
		m.Language = value
	default:
		return false, nil
	}
	return true, err
}

// Get returns the value of one key, "" where it is not set.
func (m Metadata) Get(key string) string {
	switch key {
	case "id":
		return m.ID
	case "title":
		return m.Title
	case "region":
		return m.Region
	case "year":
		return yearString(m.Year)
	case "delivered_on":
		return m.DeliveredOn
	case "speaker":
		return m.Speaker
	case "source_url":
		return m.SourceURL
	case "language":
		return m.Language
	}
	return ""
}

// ParseMetadata reads what a NAME.yaml holds. line is where the error is, 0
// where that is not known.
func ParseMetadata(b []byte) (m Metadata, line int, err error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return m, yamlErrorLine(err), errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return m, 0, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return m, root.Line, errors.New("metadata must be keys and values, like “year: 2022”")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, v := root.Content[i], root.Content[i+1]
		if v.Kind == yaml.AliasNode {
			v = v.Alias
		}
		if v.Kind != yaml.ScalarNode {
			return m, v.Line, fmt.Errorf("%s: must be a single value", k.Value)
		}
		if seen[k.Value] {
			return m, k.Line, fmt.Errorf("%s: given twice", k.Value)
		}
		seen[k.Value] = true
		if v.Tag == "!!null" {
			continue
		}
		ok, err := m.Set(k.Value, v.Value)
		if err != nil {
			return m, v.Line, err
		}
		if !ok {
			return m, k.Line, fmt.Errorf("unknown key %q, did you mean %q?", k.Value, nearestKey(k.Value))
		}
	}
	return m, 0, nil
}

func nearestKey(key string) string {
	best, distance := "", 1<<30
	for _, k := range metadataKeys {
		if d := levenshtein.ComputeDistance(strings.ToLower(key), k); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// yamlErrorLine finds the line in messages like “yaml: line 3: …”.
func yamlErrorLine(err error) int {
	_, rest, ok := strings.Cut(err.Error(), "line ")
	if !ok {
		return 0
	}
	n, _ := strconv.Atoi(rest[:max(0, strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' }))])
	return n
}
