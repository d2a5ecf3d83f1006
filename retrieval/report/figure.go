package report

// A Figure is a quantity that the report states, with what it is of.
type Figure struct {
	Paragraph, Sentence int // indices
	Start, End          int // of Value within the paragraph's text
	Quantity                // Number is signed by the direction of Verb: 下降0.3% is -0.3

	// Indicator is the noun that is measured with its distinguishing
	// modifiers, in the report's words: 城镇居民人均可支配收入; "" when not found.
	Indicator   string
	IndicatorID string // of the list of indicators, "" where none is certain
	Measure     Measure
	Verb        string // 增长, 下降, 达到, 新增, 完成 …; verbatim
	Compared    string // what it is compared with, verbatim: 比上年, 高于全国; "" for nothing said
	Basis       string // how it is reckoned, verbatim: 同口径, 可比价; "" for nothing said
	Period      Period
	Kind        Kind
	Area        Area
	// Sure is false where the noun stands outside the figure's own clause and
	// the one it goes on from: such a figure never leads an answer.
	Sure bool
	// Corrected is true for a figure that the report's sidecar put right.
	Corrected bool
}

// Measure says in which way a figure measures its indicator.
type Measure uint8

const (
	Other        Measure = iota
	Level                // an amount: money, tonnes, mu
	Count                // of things with a measure word, persons and households too
	Growth               // a rate of change
	Change               // an absolute difference: 增加40元, 提高0.3个百分点
	Share                // a part of a whole, a rate: 失业率, 占比
	PerCapita            // an amount per head
	Contribution         // to the growth of something: 拉动, 贡献率
	Rank                 // 第3位
	Multiple             // 倍, 番
)

var measureNames = [...]string{"other", "level", "count", "growth", "change", "share", "per_capita", "contribution", "rank", "multiple"}

// String is the word used in answers and files.
func (m Measure) String() string { return measureNames[m] }

// ParseMeasure is the measure that String writes so; ok is false for any other
// text.
func ParseMeasure(s string) (m Measure, ok bool) {
	for i, name := range measureNames {
		if name == s {
			return Measure(i), true
		}
	}
	return Other, false
}
