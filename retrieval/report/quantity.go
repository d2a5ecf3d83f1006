package report

// A Quantity is a number with its unit as it stands in a text.
type Quantity struct {
	Value string // verbatim: 突破2万亿元 has Value 2万亿元 and Qualifier 突破
	// Number is in base units: 8.6亿元 is 860000000 with Unit 元. Of a range it
	// is the bound written first.
	Number    float64
	Low, High *float64  // the bounds of a range or of 以上 and 以内; nil where open or none is said
	Unit      string    // normalised: ％ is %, 万户 is 户 (the multiplier is in Number); "" when bare
	Dimension Dimension // of Unit
	Qualifier string    // verbatim, both sides joined by …: 左右, 以上, 突破, 保持在…以上; "" for none
}

// Dimension groups units that answer the same kind of how-much question.
type Dimension uint8

const (
	NoDimension Dimension = iota
	Things                // 个 项 座 家 …
	Money
	Percent // and ‰ 成 倍
	Points  // percentage points
	People
	Households
	Surface
	Length
	Weight
	Power
	Energy
	Volume
	Duration
	Date
	Ordinal // 届, 级, 号: which one, not how many
)

// Same reports whether two quantities say the same: equal numbers, bounds and
// units. How they are written does not matter.
func (q Quantity) Same(other Quantity) bool {
	return q.Number == other.Number && q.Unit == other.Unit && sameBound(q.Low, other.Low) && sameBound(q.High, other.High)
}

func sameBound(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
