package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Correction puts one figure of a report right, or strikes it out. It comes
// from the metadata beside the document.
type Correction struct {
	At     string            // verbatim text that stands once in the report and holds the figure
	Value  string            // which figure in it, verbatim; "" where At holds one
	Strike bool              // the figure is none
	Set    map[string]string // what is right, by the keys of CorrectionKeys
}

var correctionKeys = []string{"indicator", "indicator_id", "verb", "qualifier", "period", "period_sense", "kind", "measure", "number", "low", "high", "unit", "basis", "compared"}

// CorrectionKeys are the keys of a figure that a correction may set, as JSON
// has them.
func CorrectionKeys() []string { return slices.Clone(correctionKeys) }

// Check returns what is wrong with a correction, nil for nothing.
func (c Correction) Check() error {
	switch {
	case strings.TrimSpace(c.At) == "":
		return fmt.Errorf("figures: “at” is missing: quote the text that holds the figure")
	case c.Strike && len(c.Set) > 0:
		return fmt.Errorf("figures: at %q: strike it or correct it, not both", c.At)
	case !c.Strike && len(c.Set) == 0:
		return fmt.Errorf("figures: at %q: nothing to correct", c.At)
	}
	var f Figure
	return c.Apply(&f)
}

// Apply sets what the correction says in f. An error leaves f in part set.
func (c Correction) Apply(f *Figure) error {
	for _, key := range correctionKeys {
		value, ok := c.Set[key]
		if !ok {
			continue
		}
		if err := f.set(key, value); err != nil {
			return fmt.Errorf("figures: at %q: %w", c.At, err)
		}
	}
	f.Sure, f.Corrected = true, true
	return nil
}

func (f *Figure) set(key, value string) error {
	switch key {
	case "indicator":
		f.Indicator, f.IndicatorID = value, ""
	case "indicator_id":
		f.IndicatorID = value
	case "verb":
		f.Verb = value
	case "qualifier":
		f.Qualifier = value
	case "unit":
		f.Unit = value
	case "basis":
		f.Basis = value
	case "compared":
		f.Compared = value
	case "period":
		p, ok := ParsePeriod(value)
		if !ok {
			return fmt.Errorf("period: %q is none of YYYY, YYYY-YYYY, YYYY-Qn, YYYY-MM, YYYY-", value)
		}
		f.Period = p
	case "period_sense":
		for s := Plain; s <= End; s++ {
			if s.String() == value {
				f.Period.Sense = s
				return nil
			}
		}
		return fmt.Errorf("period_sense: %q is none of total, average, end", value)
	case "kind":
		for k := Unknown; k <= Forecast; k++ {
			if k.String() == value {
				f.Kind = k
				return nil
			}
		}
		return fmt.Errorf("kind: %q is none of achieved, target, forecast", value)
	case "measure":
		m, ok := ParseMeasure(value)
		if !ok {
			return fmt.Errorf("measure: %q is none of %s", value, strings.Join(measureNames[:], ", "))
		}
		f.Measure = m
	default:
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("%s: %q is not a number", key, value)
		}
		switch key {
		case "number":
			f.Number = n
		case "low":
			f.Low = &n
		case "high":
			f.High = &n
		}
	}
	return nil
}
