package analysis

import (
	"math"
	"strconv"
)

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
