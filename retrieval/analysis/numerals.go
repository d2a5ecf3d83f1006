package analysis

import (
	"math"
	"strconv"
	"strings"
)

// DigitValue returns the value of a Chinese digit, -1 for other runes.
func DigitValue(r rune) int {
	switch r {
	case '零':
		return 0
	case '一':
		return 1
	case '二', '两':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}

func smallUnit(r rune) float64 {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	case '千':
		return 1000
	}
	return 0
}

func isASCIIDigit(r rune) bool { return '0' <= r && r <= '9' }

// chineseNumber reads a numeral below 万 at the start of rs (三百五十, 十二, 两千)
// or a run of digits with a decimal (三点五). It returns the value and how many
// runes it took; 0 runes when there is none.
func chineseNumber(rs []rune) (value float64, n int) {
	var section, digit float64
	seen, pending := false, false
	i := 0
	for i < len(rs) {
		if d := DigitValue(rs[i]); d >= 0 {
			if pending {
				break // digits in a row are no number
			}
			digit, pending, seen = float64(d), d != 0, true
			i++
			continue
		}
		u := smallUnit(rs[i])
		if u == 0 {
			break
		}
		if !pending {
			if u != 10 || section != 0 {
				break
			}
			digit = 1
		}
		section += digit * u
		digit, pending, seen = 0, false, true
		i++
	}
	if !seen {
		return 0, 0
	}
	value = section
	if pending {
		value += digit
	}
	if i+1 < len(rs) && rs[i] == '点' && DigitValue(rs[i+1]) >= 0 {
		scale := 0.1
		j := i + 1
		for ; j < len(rs) && DigitValue(rs[j]) >= 0; j++ {
			value += float64(DigitValue(rs[j])) * scale
			scale /= 10
		}
		value = math.Round(value*1e6) / 1e6
		i = j
	}
	return value, i
}

// foldNumerals rewrites the numerals of f that are written in Chinese
// characters and can mean nothing else: four-digit years before 年, 百分之N,
// numerals before 万 or 亿, and numerals of two characters and more before a
// unit of measure. Coined terms (三线一单, 十四五) stay as they are.
func foldNumerals(f Folded) Folded {
	if !hasNumeral(f.Runes) {
		return f
	}
	out := Folded{Runes: make([]rune, 0, len(f.Runes)), starts: make([]int32, 0, len(f.Runes)), ends: make([]int32, 0, len(f.Runes))}
	rs := f.Runes
	for i := 0; i < len(rs); {
		text, n := numeralAt(rs, i)
		if n == 0 {
			out.add(rs[i], int(f.starts[i]), int(f.ends[i]))
			i++
			continue
		}
		for _, c := range text {
			out.add(c, int(f.starts[i]), int(f.ends[i+n-1]))
		}
		i += n
	}
	return out
}

func hasNumeral(rs []rune) bool {
	for _, r := range rs {
		if DigitValue(r) >= 0 || r == '百' || r == '十' {
			return true
		}
	}
	return false
}

// numeralAt returns the digits that the numeral at rs[i:] is written as, and
// how many runes it takes; 0 when it is to be left alone.
func numeralAt(rs []rune, i int) (string, int) {
	if i > 0 && (DigitValue(rs[i-1]) >= 0 || smallUnit(rs[i-1]) > 0 || rs[i-1] == '第') {
		return "", 0
	}
	if i > 0 && rs[i] == '十' && (rs[i-1] == '几' || rs[i-1] == '数') {
		return "", 0 // 几十亿元
	}
	if i+4 < len(rs) && rs[i+4] == '年' {
		year := make([]rune, 0, 4)
		for _, r := range rs[i : i+4] {
			if r == '○' {
				r = '零' // 二○二一年
			}
			if d := DigitValue(r); d >= 0 && r != '两' {
				year = append(year, rune('0'+d))
			}
		}
		if len(year) == 4 && (year[0] == '1' || year[0] == '2') {
			return string(year), 4
		}
	}
	if i+3 < len(rs) && rs[i] == '百' && rs[i+1] == '分' && rs[i+2] == '之' {
		return percentAt(rs, i)
	}
	v, n := chineseNumber(rs[i:])
	if n == 0 {
		return "", 0
	}
	if j := i + n; j < len(rs) {
		big := rs[j] == '万' || rs[j] == '亿'
		if big && DigitValue(rs[i]) != 0 || n >= 2 && unitAt(rs[j:]) != "" && rs[j] != '年' {
			return formatNumber(v), n
		}
	}
	return "", 0
}

func percentAt(rs []rune, i int) (string, int) {
	j := i + 3
	if isASCIIDigit(rs[j]) {
		k := j
		for k < len(rs) && (isASCIIDigit(rs[k]) || rs[k] == '.' && k+1 < len(rs) && isASCIIDigit(rs[k+1])) {
			k++
		}
		return string(rs[j:k]) + "%", k - i
	}
	if v, n := chineseNumber(rs[j:]); n > 0 {
		return formatNumber(v) + "%", j + n - i
	}
	if rs[j] == '百' && (j+1 == len(rs) || rs[j+1] != '分') {
		return "100%", j + 1 - i
	}
	return "", 0
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// A Quantity is a number with its unit in folded text.
type Quantity struct {
	Start, End int     // runes, unit included
	Value      float64 // multiplier applied: 1.2万亿 is 1.2e12
	Unit       string  // "" when bare; 万 and 亿 are not part of it
}

// Quantities returns the quantities of folded text in order. Bare numbers are
// included; years (2021年) have the unit 年.
func Quantities(rs []rune) []Quantity {
	var out []Quantity
	for i := 0; i < len(rs); {
		if !isASCIIDigit(rs[i]) {
			if n, v := wordQuantity(rs[i:]); n > 0 {
				out = append(out, Quantity{Start: i, End: i + n, Value: v, Unit: "%"})
				i += n
				continue
			}
			i++
			continue
		}
		q := quantityAt(rs, i)
		out = append(out, q)
		i = q.End
	}
	return out
}

// wordQuantity reads a share or multiple said in words: 一半, 翻番, 翻一番. It
// returns its length and its value in per cent.
func wordQuantity(rs []rune) (int, float64) {
	starts := func(s string) bool { return strings.HasPrefix(string(rs[:min(3, len(rs))]), s) }
	switch {
	case rs[0] != '一' && rs[0] != '翻':
		return 0, 0
	case starts("一半"):
		return 2, 50
	case starts("翻番"):
		return 2, 100
	case starts("翻一番"):
		return 3, 100
	case starts("翻两番"):
		return 3, 300
	}
	return 0, 0
}

func quantityAt(rs []rune, i int) Quantity {
	j := i
	for j < len(rs) && (isASCIIDigit(rs[j]) || (rs[j] == '.' || rs[j] == ',') && j+1 < len(rs) && isASCIIDigit(rs[j+1])) {
		j++
	}
	digits := make([]rune, 0, j-i)
	for _, r := range rs[i:j] {
		if r != ',' {
			digits = append(digits, r)
		}
	}
	v, _ := strconv.ParseFloat(string(digits), 64) // "1.2.3" gives 0: a version, not a quantity
	for j < len(rs) {
		m := multiplier(rs[j])
		if m == 1 || m == 1000 && j+1 < len(rs) && (rs[j+1] == '米' || rs[j+1] == '克' || rs[j+1] == '瓦' || rs[j+1] == '伏') {
			break
		}
		v *= m
		j++
	}
	if j < len(rs) && (rs[j] == '余' || rs[j] == '多') {
		j++
		for j < len(rs) && (rs[j] == '万' || rs[j] == '亿') {
			v *= multiplier(rs[j])
			j++
		}
	}
	u := unitAt(rs[j:])
	return Quantity{Start: i, End: j + len([]rune(u)), Value: v, Unit: u}
}

func multiplier(r rune) float64 {
	switch r {
	case '百':
		return 100
	case '千':
		return 1000
	case '万':
		return 1e4
	case '亿':
		return 1e8
	}
	return 1
}
