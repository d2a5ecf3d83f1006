package document

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"

	"wenbao/retrieval/report"
)

// ParseMetadata reads what a NAME.yaml holds. line is where the error is, 0
// where that is not known.
func ParseMetadata(b []byte) (m report.Metadata, line int, err error) {
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
		if k.Value == "figures" {
			if m.Figures, line, err = corrections(v); err != nil {
				return m, line, err
			}
			continue
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

// corrections reads the list of misread figures.
func corrections(list *yaml.Node) (out []report.Correction, line int, err error) {
	if list.Kind != yaml.SequenceNode {
		return nil, list.Line, errors.New("figures: must be a list of corrections, each with “at”")
	}
	for _, row := range list.Content {
		if row.Kind != yaml.MappingNode {
			return nil, row.Line, errors.New("figures: a correction must be keys and values")
		}
		c := report.Correction{Set: map[string]string{}}
		for i := 0; i+1 < len(row.Content); i += 2 {
			k, v := row.Content[i], row.Content[i+1]
			if v.Kind != yaml.ScalarNode {
				return nil, v.Line, fmt.Errorf("figures: %s: must be a single value", k.Value)
			}
			switch {
			case k.Value == "at":
				c.At = v.Value
			case k.Value == "value":
				c.Value = v.Value
			case k.Value == "strike":
				if err := v.Decode(&c.Strike); err != nil {
					return nil, v.Line, fmt.Errorf("figures: strike: %q is neither true nor false", v.Value)
				}
			case slices.Contains(report.CorrectionKeys(), k.Value):
				c.Set[k.Value] = v.Value
			default:
				return nil, k.Line, fmt.Errorf("figures: unknown key %q, did you mean %q?", k.Value, nearest(k.Value, append(report.CorrectionKeys(), "at", "value", "strike")))
			}
		}
		if len(c.Set) == 0 {
			c.Set = nil
		}
		if err := c.Check(); err != nil {
			return nil, row.Line, err
		}
		out = append(out, c)
	}
	return out, 0, nil
}

func nearestKey(key string) string {
	return nearest(key, append(report.MetadataKeys(), "figures"))
}

func nearest(key string, keys []string) string {
	best, distance := "", 1<<30
	for _, k := range keys {
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
