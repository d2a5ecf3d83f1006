package corpus

import "unicode/utf8"

// hanDigit is the value of a Chinese digit, -1 for anything else.
func hanDigit(r rune) int {
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

// hanUnit is the multiplier a character stands for, 0 for none.
func hanUnit(r rune) float64 {
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

// parseHan reads a whole Chinese numeral: 十二 12, 二〇二六 2026, 两万亿 2e12,
// 三点五 3.5, 三百零四 304. ok is false for anything else.
func parseHan(s string) (value float64, ok bool) {
	if s == "" {
		return 0, false
	}
	var total, section, digit float64 // below 亿, below 万, pending digit
	pending, plain := false, true
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if d := hanDigit(r); d >= 0 {
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
				d := hanDigit(r)
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
		u := hanUnit(r)
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
