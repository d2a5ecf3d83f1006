package indicators

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"

	"wenbao/retrieval/report"
)

// fileIndicator is an indicator as a file has it.
type fileIndicator struct {
	Indicator `yaml:",inline"`
	Stated    []string `yaml:"measures"`
}

// Load reads all *.yaml files of the given folders; an indicator of a later
// folder replaces the one with the same id. It reports all that is wrong:
// unknown keys, double ids, measures that are none, unknown parents, names that
// two indicators claim.
func Load(folders ...fs.FS) (*List, error) { return load(nil, folders) }

// Extend reads the files of the given folders over base. It returns base itself
// where there is no folder.
func Extend(base *List, folders ...fs.FS) (*List, error) {
	if len(folders) == 0 {
		return base, nil
	}
	return load(slices.Clone(base.All), folders)
}

func load(all []Indicator, folders []fs.FS) (*List, error) {
	var problems []error
	for _, fsys := range folders {
		if _, err := fs.Stat(fsys, "."); err != nil {
			return nil, fmt.Errorf("indicators: %w", err)
		}
		names, err := fs.Glob(fsys, "*.yaml")
		if err != nil {
			return nil, fmt.Errorf("indicators: %w", err)
		}
		if len(names) == 0 {
			return nil, errors.New("indicators: the folder holds no .yaml file")
		}
		sort.Strings(names)
		seen := map[string]string{}
		for _, name := range names {
			rows, err := read(fsys, name)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			for _, in := range rows {
				if first, twice := seen[in.ID]; twice {
					problems = append(problems, fmt.Errorf("indicators: %s: id %q stands in %s already", name, in.ID, first))
					continue
				}
				seen[in.ID] = name
				all = put(all, in)
			}
		}
	}
	problems = append(problems, check(all)...)
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return build(all, ""), nil
}

func put(all []Indicator, in Indicator) []Indicator {
	for i := range all {
		if all[i].ID == in.ID {
			all[i] = in
			return all
		}
	}
	return append(all, in)
}

func read(fsys fs.FS, name string) ([]Indicator, error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("indicators: %w", err)
	}
	var rows []fileIndicator
	if err := yaml.UnmarshalWithOptions(raw, &rows, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("indicators: %s: %w", name, err)
	}
	out := make([]Indicator, 0, len(rows))
	for _, row := range rows {
		in := row.Indicator
		for _, s := range row.Stated {
			m, ok := report.ParseMeasure(s)
			if !ok {
				return nil, fmt.Errorf("indicators: %s: %s: %q is no measure", name, in.ID, s)
			}
			in.Measures = append(in.Measures, m)
		}
		out = append(out, in)
	}
	return out, nil
}

// check finds what is wrong with the indicators together.
func check(all []Indicator) (problems []error) {
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("indicators: "+format, args...))
	}
	ids, claimed := map[string]bool{}, map[string]string{}
	for _, in := range all {
		ids[in.ID] = true
	}
	for _, in := range all {
		switch {
		case in.ID == "" || strings.Trim(in.ID, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
			bad("id %q: small letters, digits and _ only", in.ID)
		case in.Name == "":
			bad("%s has no name", in.ID)
		case len(in.Measures) == 0:
			bad("%s has no measures", in.ID)
		case in.Parent != "" && !ids[in.Parent]:
			bad("%s: no indicator has the parent's id %q", in.ID, in.Parent)
		}
		own := map[string]bool{}
		for _, n := range append([]string{in.Name}, in.Names...) {
			key := fold(n)
			if key == "" || strings.ContainsAny(n, "\t|\n") {
				bad("%s: %q is no name", in.ID, n)
			}
			if other, taken := claimed[key]; taken && other != in.ID {
				bad("%q is a name of both %s and %s", n, other, in.ID)
			}
			claimed[key], own[key] = in.ID, true
		}
		for _, n := range in.Not {
			if own[fold(n)] {
				bad("%s: %q is both its name and another thing's", in.ID, n)
			}
		}
	}
	return problems
}
