package report

// FigureWire is a figure as JSON has it, in answers and inspections. Strings
// without value are left out; an open bound is absent, never 0.
type FigureWire struct {
	Value       string   `json:"value"`
	Qualifier   string   `json:"qualifier,omitempty"`
	Verb        string   `json:"verb,omitempty"`
	Indicator   string   `json:"indicator,omitempty"`
	IndicatorID string   `json:"indicator_id,omitempty"`
	Period      string   `json:"period,omitempty"`
	PeriodSense string   `json:"period_sense,omitempty"`
	Kind        string   `json:"kind,omitempty"`
	Measure     string   `json:"measure,omitempty"`
	Basis       string   `json:"basis,omitempty"`
	Compared    string   `json:"compared,omitempty"`
	Number      float64  `json:"number"`
	Low         *float64 `json:"low,omitempty"`
	High        *float64 `json:"high,omitempty"`
	Unit        string   `json:"unit,omitempty"`
	Area        string   `json:"area,omitempty"`
	AreaCode    string   `json:"area_code,omitempty"`
	Sure        bool     `json:"sure"`
	Corrected   bool     `json:"corrected,omitempty"`
}

// Wire is the figure as JSON has it.
func (f *Figure) Wire() FigureWire {
	return FigureWire{
		Value: f.Value, Qualifier: f.Qualifier, Verb: f.Verb, Indicator: f.Indicator, IndicatorID: f.IndicatorID,
		Period: f.Period.String(), PeriodSense: f.Period.Sense.String(), Kind: f.Kind.String(), Measure: f.Measure.String(),
		Basis: f.Basis, Compared: f.Compared, Number: f.Number, Low: f.Low, High: f.High, Unit: f.Unit,
		Area: f.Area.Name, AreaCode: f.Area.Code, Sure: f.Sure, Corrected: f.Corrected,
	}
}
