package report

import (
	_ "embed"
	"strings"
)

// An Area is a place that reports are of. Areas are comparable; Code decides
// where both have one.
type Area struct {
	Name string // the full official name: 内蒙古自治区; "" when unknown
	Code string // GB/T 2260: 150000, the nation 100000; "" where the list has none
}

// A Province is a provincial division, or the nation.
type Province struct {
	Area
	Short string // the name by which it is known, a prefix of the full one: 内蒙古
}

//go:embed areas.txt
var areasFile string

var provinces, nation = readAreas(areasFile)

func readAreas(data string) (list []Province, nation Area) {
	for line := range strings.Lines(data) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		p := Province{Area{f[1], f[0]}, f[2]}
		if p.Code == "100000" {
			nation = p.Area
			continue
		}
		list = append(list, p)
	}
	return list, nation
}

// Provinces are the provincial divisions.
func Provinces() []Province { return provinces }

// Nationwide is the region of the State Council's reports.
const Nationwide = "全国"

// AreaOf is the area with a full official name; an unknown name has no code.
func AreaOf(name string) Area {
	if name == nation.Name {
		return nation
	}
	for _, p := range provinces {
		if p.Name == name {
			return p.Area
		}
	}
	return Area{Name: name}
}
