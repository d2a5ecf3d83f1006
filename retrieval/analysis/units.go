package analysis

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/report"
)

// A Unit is a unit of measure or a measure word.
type Unit struct {
	Name      string // as figures write it: of ％ it is %
	Dimension report.Dimension
	Counter   bool // stands before what it counts: 3个县, 8万亩农田
	Spec      bool // as often part of a name: 110千伏线路
	Asked     bool // a unit only in questions
	Money     bool // people who ask mean money
}

//go:embed units.txt
var unitFile string

// units are the units by how they are written.
var units, longestUnit = readUnits(unitFile)

var dimensions = map[string]report.Dimension{
	"none": report.NoDimension, "things": report.Things, "money": report.Money, "percent": report.Percent, "points": report.Points,
	"people": report.People, "households": report.Households, "surface": report.Surface, "length": report.Length, "weight": report.Weight,
	"power": report.Power, "energy": report.Energy, "volume": report.Volume, "duration": report.Duration, "date": report.Date, "ordinal": report.Ordinal,
}

// readUnits panics on a line that is none: the file is part of the program.
func readUnits(data string) (map[string]Unit, int) {
	all, longest := map[string]Unit{}, 0
	for line := range strings.Lines(data) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		d, ok := dimensions[f[min(1, len(f)-1)]]
		if _, twice := all[f[0]]; !ok || twice {
			panic(fmt.Sprintf("units: %q: no such dimension, or given twice", line))
		}
		u := Unit{Name: f[0], Dimension: d}
		for _, flag := range f[2:] {
			switch {
			case flag == "counter":
				u.Counter = true
			case flag == "spec":
				u.Spec = true
			case flag == "asked":
				u.Asked = true
			case flag == "money-asked":
				u.Money = true
			case strings.HasPrefix(flag, "="):
				u.Name = flag[1:]
			default:
				panic(fmt.Sprintf("units: %q: unknown flag", line))
			}
		}
		all[f[0]] = u
		longest = max(longest, utf8.RuneCountInString(f[0]))
	}
	return all, longest
}

// DimensionOf returns the dimension of a unit as people who ask mean it,
// NoDimension when it is none.
func DimensionOf(unit string) report.Dimension {
	u := units[unit]
	if u.Money {
		return report.Money
	}
	return u.Dimension
}

// UnitPrefix returns the longest unit that text starts with, as it is written
// there, and what it is; "" when there is none. A unit in questions only counts
// where there is no other.
func UnitPrefix(text string) (written string, u Unit) {
	end := 0
	for range longestUnit {
		if end >= len(text) {
			break
		}
		_, n := utf8.DecodeRuneInString(text[end:])
		end += n
		if found, ok := units[text[:end]]; ok && (!found.Asked || written == "" || u.Asked) {
			written, u = text[:end], found
		}
	}
	return written, u
}

// unitAt returns the longest unit that rs starts with, "" when there is none.
func unitAt(rs []rune) string {
	for n := min(longestUnit, len(rs)); n > 0; n-- {
		name := string(rs[:n])
		if u, ok := units[name]; ok && u.Dimension != report.NoDimension {
			if name == "方" && n < len(rs) && strings.ContainsRune("案面式向法", rs[n]) {
				return "" // 3.0方案, 6方面
			}
			return name
		}
	}
	return ""
}

// UnitAt returns the unit at the start of folded text, multipliers skipped
// (万亿元 gives 元), and how many runes both took.
func UnitAt(rs []rune) (string, int) {
	i := 0
	for i < len(rs) && i < 2 && (rs[i] == '万' || rs[i] == '亿') {
		i++
	}
	u := unitAt(rs[i:])
	return u, i + len([]rune(u))
}
