package indicators

import (
	"errors"
	"fmt"
	"strings"

	"wenbao/retrieval/report"
)

// compactVersion opens a compact list; a change of the layout changes it.
const compactVersion = "wenbao-indicators 1"

// Encode writes the list as lines of tab-separated fields, quick to decode.
func (l *List) Encode() string {
	var b strings.Builder
	b.WriteString(compactVersion + "\n")
	for i := range l.All {
		in := &l.All[i]
		measures := make([]string, len(in.Measures))
		for k, m := range in.Measures {
			measures[k] = m.String()
		}
		fields := []string{in.ID, in.Name, in.Unit, in.Parent}
		for _, list := range [][]string{measures, in.Names, in.Everyday, in.Growth, in.English, in.Not} {
			fields = append(fields, strings.Join(list, "|"))
		}
		b.WriteString(strings.Join(fields, "\t") + "\n")
	}
	return b.String()
}

// Decode reads what Encode wrote.
func Decode(s string) (*List, error) {
	head, body, _ := strings.Cut(s, "\n")
	if head != compactVersion {
		return nil, errors.New("indicators: not a compact list of this version")
	}
	all := make([]Indicator, 0, strings.Count(body, "\n"))
	for line := range strings.Lines(body) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 10 {
			return nil, fmt.Errorf("indicators: line %d has %d fields, not 10", len(all)+2, len(f))
		}
		in := Indicator{ID: f[0], Name: f[1], Unit: f[2], Parent: f[3], Names: list(f[5]), Everyday: list(f[6]), Growth: list(f[7]), English: list(f[8]), Not: list(f[9])}
		for _, s := range list(f[4]) {
			m, ok := report.ParseMeasure(s)
			if !ok {
				return nil, fmt.Errorf("indicators: %s: %q is no measure", in.ID, s)
			}
			in.Measures = append(in.Measures, m)
		}
		all = append(all, in)
	}
	return build(all, digestOf(s)), nil
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}
