package analysis

import (
	"strings"
	"unicode/utf8"
)

// DigitValue is the value of a Chinese digit in any of its forms (两, 〇, 壹),
// -1 for other runes.
func DigitValue(r rune) int {
	switch r {
	case '〇', '○', '零', 'Ｏ':
		return 0
	case '一', '壹':
		return 1
	case '二', '两', '兩', '贰':
		return 2
	case '三', '叁':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return -1
}

// UnitValue is the multiplier that a character stands for in a numeral (十 10,
// 亿 1e8), 0 for none.
func UnitValue(r rune) float64 {
	switch r {
	case '十', '拾':
		return 10
	case '百', '佰':
		return 100
	case '千', '仟':
		return 1000
	case '万', '萬':
		return 1e4
	case '亿', '億':
		return 1e8
	}
	return 0
}

// IsDigit holds for the ten digits, of either width.
func IsDigit(r rune) bool { return r >= '0' && r <= '9' || r >= '０' && r <= '９' }

// ArabicValue is the value of a rune for which IsDigit holds.
func ArabicValue(r rune) int {
	if r >= '０' {
		return int(r - '０')
	}
	return int(r - '0')
}

// ParseNumeral reads a whole Chinese numeral: 十二 12, 二〇二六 2026, 两万亿 2e12,
// 三点五 3.5, 三百零四 304. ok is false for anything else.
func ParseNumeral(s string) (value float64, ok bool) {
	if s == "" {
		return 0, false
	}
	var total, section, digit float64 // below 亿, below 万, pending digit
	pending, plain := false, true
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if d := DigitValue(r); d >= 0 {
			if plain && pending {
				digit = digit*10 + float64(d) // 二〇二六: digits side by side
			} else {
				digit = float64(d)
			}
			pending = true
			continue
		}
		if r == '点' && pending {
			frac, scale := 0.0, 1.0
			for i < len(s) {
				r, n := utf8.DecodeRuneInString(s[i:])
				d := DigitValue(r)
				if d < 0 {
					break
				}
				scale /= 10
				frac += float64(d) * scale
				i += n
			}
			digit += frac
			continue
		}
		u := UnitValue(r)
		if u == 0 {
			return 0, false
		}
		plain = false
		switch {
		case u >= 1e4:
			section += digit
			if section == 0 && total == 0 {
				section = 1 // 万亿
			}
			if total > u {
				total += section * u // 三亿五千万
			} else {
				total = (total + section) * u // 两万亿
			}
			section = 0
		default:
			if !pending {
				digit = 1
			}
			section += digit * u
		}
		digit, pending = 0, false
	}
	return total + section + digit, true
}

// Digits reads an unsigned integer of at most nine digits, of either width, at
// the start of s. size is 0 where there is none.
func Digits(s string) (value, size int) {
	for size < len(s) && size < 27 {
		r, n := utf8.DecodeRuneInString(s[size:])
		if !IsDigit(r) || value > 99999999 {
			break
		}
		value = value*10 + ArabicValue(r)
		size += n
	}
	return value, size
}

// IntegerAt reads the integer, in either script, that s starts with: 12, 十二,
// 二〇二六. size is 0 where there is none.
func IntegerAt(s string) (value, size int) {
	if value, size = Digits(s); size > 0 {
		return value, size
	}
	for size < len(s) {
		r, n := utf8.DecodeRuneInString(s[size:])
		if DigitValue(r) < 0 && r != '十' {
			break
		}
		size += n
	}
	f, ok := ParseNumeral(s[:size])
	if !ok {
		return 0, 0
	}
	return int(f), size
}

// IntegerBefore reads the integer, in either script, that s ends with but for
// spaces. size is 0 where there is none.
func IntegerBefore(s string) (value, size int) {
	s = strings.TrimRight(s, " 　")
	start := len(s)
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:start])
		if !IsDigit(r) && DigitValue(r) < 0 && r != '十' {
			break
		}
		start -= n
	}
	v, n := IntegerAt(s[start:])
	if start+n != len(s) {
		return 0, 0
	}
	return v, n
}
