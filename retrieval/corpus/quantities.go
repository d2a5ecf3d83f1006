package corpus

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A quantity is a number with its unit as it stands in a text.
type quantity struct {
	Span             // of the value with its unit
	number   float64 // in base units
	unit     string
	before   string // qualifier in front: 突破, 超过, 约
	after    string // qualifier behind: 以上, 左右
	from     int    // where it starts with the qualifier in front
	to       int    // where it ends with the qualifier behind
	counting bool   // the unit is a measure word, the thing counted may follow
}

// unitNames are the units a quantity may have, longest first; the second
// field is how it is written in Figure.Unit. Units that merely count (个, 项)
// are marked by counters.
var unitNames = newUnits(`％ % %| 个百分点 百分点|个百分点 ‰ 
元 美元 人民币|元 欧元 港元 日元 澳门元 元人民币|元 块钱|元 块|元
吨 公斤 千克 斤 克 毫克 微克/立方米 毫克/立方米 微克 克/千瓦时 公斤标准煤 吨标准煤 克标准煤 吨/日 立方米/日
千瓦时 千瓦 瓦 兆瓦 度电|千瓦时 千伏安 千伏 kWh|千瓦时 MW|兆瓦 GW P EFlops PFLOPS EFLOPS
平方公里 平方千米|平方公里 公里 千米|公里 米 平方米 立方米 方 毫米 厘米 海里 公顷 亩
户 人次 人 名 家 个 项 件 条 座 处 所 列 台（套） 台套 台/套 台 套（间） 套 辆 架 艘 次 批次 批 位 支 张 宗 例 场次 场 种 类 部 头只 头 只 羽 株 棵 枚 颗 篇 首 册 笔 单 起 股 席 间 栋 幢 口 眼 门 对 班 期 篇章 匹 盏 块钱 艘次 架次 车次 班次 床 标准箱 标箱 TEU 箱 对/日 卷 平台 本 份 片 根 道 条次 节 档 桩 队 组 伙 国
岁 倍 成 小时 分钟 天 个月 分 吨公里 分贝 度 码 兆 比特 字节 TB PB 位次|位`)

// counters are the units that stand before what they count.
var counters = newWords("户 人 名 家 个 项 件 条 座 处 所 列 台 套 辆 架 艘 批 位 支 张 宗 例 场 种 类 部 头 只 株 棵 枚 颗 篇 首 册 笔 起 间 栋 幢 口 眼 对 片 根 道 份 国 亩 公里 吨 元 千瓦 班 节")

type unitSet struct {
	words *words
	as    map[string]string
}

func newUnits(list string) unitSet {
	u := unitSet{as: map[string]string{}}
	var names []string
	for _, f := range strings.Fields(list) {
		name, as, ok := strings.Cut(f, "|")
		if ok {
			u.as[name] = as
		}
		names = append(names, name)
	}
	u.as["％"] = "%"
	u.words = newWords(strings.Join(names, " "))
	return u
}

// read returns the unit s starts with, as written and as normalised.
func (u unitSet) read(s string) (written, unit string) {
	written = u.words.prefix(s)
	if as := u.as[written]; as != "" {
		return written, as
	}
	return written, written
}

var (
	qualifiersBefore = newWords("突破 首次突破 超过 超 逾 近 约 约为 大约 将近 接近 不低于 不少于 不超过 不高于 不低 高于 低于 多于 少于 至少 最多 达到或超过 稳定在 保持在 控制在 力争 超出 不足 预计")
	qualifiersAfter  = newWords("及以上 及以下 以上 以下 左右 以内 之内 以上水平 上下 之间 多 余")
	halves           = map[string]float64{"一半": 0.5, "过半": 0.5, "半数": 0.5, "翻番": 2, "翻一番": 2, "翻两番": 4, "翻了一番": 2, "翻了两番": 4, "倍增": 2}
	halfWords        = newWords("一半 过半 半数 翻番 翻一番 翻两番 翻了一番 翻了两番")
)

// findQuantities finds the quantities in a sentence: not dates, ordinals,
// names or versions. Spans are within text.
func findQuantities(text string) []quantity {
	var out []quantity
	names := nameSpans(text)
	for i := 0; i < len(text); {
		for len(names) > 0 && names[0].End <= i {
			names = names[1:]
		}
		if len(names) > 0 && i >= names[0].Start {
			i = names[0].End
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if !isDigit(r) && hanDigit(r) < 0 && hanUnit(r) == 0 && r != '翻' && r != '过' && r != '半' {
			i += n
			continue
		}
		q, end := readQuantity(text, i)
		if q.End > 0 {
			qualify(text, &q)
			out = append(out, q)
		}
		i = max(end, i+n)
	}
	return out
}

// nameSpans are the short quotations and the titles, whose numbers are parts
// of names.
func nameSpans(text string) []Span {
	var out []Span
	for _, s := range enclosed(text) {
		r, _ := utf8.DecodeRuneInString(text[s.Start:])
		if r == '《' || (r == '“' || r == '「') && atMost(text[s.Start:s.End], 24) {
			out = append(out, s)
		}
	}
	return out
}

// readQuantity reads the quantity at i. q.End is 0 if there is none; end is
// where to go on.
func readQuantity(text string, i int) (q quantity, end int) {
	rest := text[i:]
	if w := halfWords.prefix(rest); w != "" {
		end = i + len(w)
		return quantity{Span: Span{i, end}, number: halves[w], from: i, to: end}, end
	}
	r, _ := utf8.DecodeRuneInString(rest)
	if isDigit(r) {
		return readArabic(text, i)
	}
	return readChinese(text, i)
}

// readArabic reads 3074个, 2万亿元, 1,205.5亿元, 4.5%—5%.
func readArabic(text string, i int) (q quantity, end int) {
	number, size := decimal(text[i:])
	end = i + size
	prev, _ := utf8.DecodeLastRuneInString(text[:i])
	if prev < utf8.RuneSelf && (unicode.IsLetter(prev) || prev == '_' || prev == '+' || prev == '.' || prev == '/') && prev != 0 || prev == '第' || prev == '＋' || prev == '×' {
		return q, end
	}
	at := end
	// A range counts as one quantity with the first bound as its number.
	if d := rangeDash(text[at:]); d > 0 {
		if _, n := decimal(text[at+d:]); n > 0 {
			at += d + n
		}
	} else if w, _ := unitNames.read(text[at:]); w == "%" || w == "％" {
		if d := rangeDash(text[at+len(w):]); d > 0 {
			if _, n := decimal(text[at+len(w)+d:]); n > 0 {
				at += len(w) + d + n
			}
		}
	}
	multiplier, size := readMultiplier(text[at:])
	if spaced := strings.TrimLeft(text[at:], " "); size == 0 && spaced != text[at:] {
		if multiplier, size = readMultiplier(spaced); size > 0 { // 30 万亿元
			size += len(text[at:]) - len(spaced)
		}
	}
	at += size
	extra := ""
	for _, w := range []string{"多", "余", "几"} {
		if strings.HasPrefix(text[at:], w) {
			if m, n := readMultiplier(text[at+len(w):]); n > 0 {
				multiplier *= m
				at += n
			}
			extra, at = w, at+len(w)
			break
		}
	}
	for at < len(text) && text[at] == ' ' {
		at++
	}
	written, unit := unitNames.read(text[at:])
	tail := text[at+len(written):]
	if !acceptable(text, i, at, written, tail, size > 0 || extra != "", number) {
		return q, max(at, end)
	}
	end = at + len(written)
	if written == "" {
		end = len(strings.TrimRight(text[:end], " "))
	}
	return quantity{
		Span: Span{i, end}, number: round(number * multiplier), unit: unit,
		after: strings.Replace(extra, "几", "多", 1), from: i, to: end, counting: counters.prefix(written) == written && written != "",
	}, end
}

// acceptable tells quantities from dates, ordinals, codes and the like.
func acceptable(text string, start, at int, unit, tail string, scaled bool, number float64) bool {
	next, _ := utf8.DecodeRuneInString(text[at:])
	after, _ := utf8.DecodeRuneInString(tail)
	switch {
	case unit == "":
		if scaled {
			return next != '级' && next != '方'
		}
		// A bare number is a value only where something is said to be it.
		if next == '年' || next == '月' || next == '日' || next == '号' || next < utf8.RuneSelf && unicode.IsLetter(next) || next == '＋' || next == '+' || next == '·' || next == '∶' || next == ':' || next == '/' || next == '、' {
			return false
		}
		if before := strings.TrimRight(text[:start], " "); (strings.HasSuffix(before, "从") || strings.HasSuffix(before, "由")) && changeVerbs.at(text[at:]) {
			return true
		}
		if next == utf8.RuneError || strings.ContainsRune("，。；、）", next) || qualifiersAfter.at(text[at:]) {
			return valueVerbs.suffix(strings.TrimRight(text[:start], " ")) != "" && (number < 1000 || number > 2100 || number != float64(int(number)))
		}
		return false
	case unit == "分":
		return after != '之' && after != '别' && after != '类' && after != '级' && after != '层' && after != '时'
	case unit == "天":
		return after != '然'
	case unit == "P", unit == "度":
		return after != '电' && !unicode.IsLetter(after) || after == '以' || after == '左'
	case unit == "期", unit == "班", unit == "节", unit == "国", unit == "方", unit == "组", unit == "道", unit == "门", unit == "队", unit == "档":
		return after != '工' && after != '项' && after != '面' && unit != "期" && unit != "方"
	case unit == "所" || unit == "位" || unit == "名" || unit == "成" || unit == "部" || unit == "类" || unit == "本" || unit == "股" || unit == "例" || unit == "对":
		if unit == "成" {
			return scaled || number <= 10
		}
	}
	if unit == "个" && after == '月' {
		return false
	}
	if (unit == "人" || unit == "级") && after == '大' {
		return false
	}
	return after != '级' || unit == "%"
}

var valueVerbs = newWords("达到 达 为 至 到 突破 超过 提高到 增加到 降至 增至 保持在 稳定在 约为 以上 倍差 超 系数 指数")

// readChinese reads what is written in characters: 两万亿元, 百分之六, 三分之一,
// 近千亿元, 三成. Small counts (三大, 两个) are manners of speaking.
func readChinese(text string, i int) (q quantity, end int) {
	size := 0
	for i+size < len(text) {
		r, n := utf8.DecodeRuneInString(text[i+size:])
		if hanDigit(r) < 0 && hanUnit(r) == 0 && r != '点' {
			break
		}
		size += n
	}
	end = i + size
	s := text[i:end]
	prev, _ := utf8.DecodeLastRuneInString(text[:i])
	if prev == '第' || prev == '“' || size == 0 {
		return q, max(end, i+1)
	}
	if strings.HasPrefix(text[end:], "分之") {
		return readFraction(text, i, end)
	}
	value, ok := parseHan(s)
	if !ok {
		return q, end
	}
	written, unit := unitNames.read(text[end:])
	after, _ := utf8.DecodeRuneInString(text[end+len(written):])
	if written == "" || after == '级' || strings.ContainsRune("大小些", after) {
		return q, end
	}
	to := end + len(written)
	switch {
	case unit == "倍" && value <= 100, unit == "成" && value < 10 && (after == utf8.RuneError || strings.ContainsRune("以，。、；左", after)):
		return chineseQuantity(i, to, value, unit)
	case strings.ContainsAny(s, "万亿") || strings.ContainsAny(s, "百千") && unit == "元":
		first, _ := utf8.DecodeRuneInString(s)
		// 万亿元 by itself is a mark to pass, or a manner of speaking.
		if hanUnit(first) > 0 && !unicode.IsPunct(after) && after != utf8.RuneError && !qualifiersAfter.at(text[to:]) && after != '大' {
			return q, to
		}
		return chineseQuantity(i, to, value, unit)
	case value >= 100 && strings.ContainsAny(s, "百千") && counters.at(unit) && !strings.HasPrefix(s, "百") && !strings.HasPrefix(s, "千"):
		return chineseQuantity(i, to, value, unit)
	}
	return q, end
}

// readFraction reads 百分之六, 三分之一: what stands over 分之 ends at end.
func readFraction(text string, i, end int) (quantity, int) {
	rest := text[end+len("分之"):]
	upper := 0
	for upper < len(rest) {
		r, n := utf8.DecodeRuneInString(rest[upper:])
		if hanDigit(r) < 0 && hanUnit(r) == 0 && r != '点' {
			break
		}
		upper += n
	}
	part, ok := parseHan(rest[:upper])
	whole, ok2 := parseHan(text[i:end])
	to := end + len("分之") + upper
	switch {
	case !ok || !ok2 || whole == 0:
		return quantity{}, to
	case text[i:end] == "百":
		return chineseQuantity(i, to, part, "%")
	}
	return chineseQuantity(i, to, part/whole, "")
}

func chineseQuantity(i, to int, number float64, unit string) (quantity, int) {
	return quantity{Span: Span{i, to}, number: round(number), unit: unit, from: i, to: to, counting: counters.at(unit)}, to
}

// qualify reads the qualifiers on both sides of q.
func qualify(text string, q *quantity) {
	head := strings.TrimRight(text[:q.Start], " ")
	if w := qualifiersBefore.suffix(head); w != "" {
		q.before = w
		q.from = len(head) - len(w)
	}
	if w := qualifiersAfter.prefix(text[q.End:]); w != "" && (w != "多" && w != "余") {
		q.after = w
		q.to = q.End + len(w)
	} else if w != "" && q.after == "" {
		q.after, q.to = w, q.End+len(w)
	} else {
		q.to = q.End
	}
}

// decimal reads an unsigned decimal with optional thousands separators, of
// either width.
func decimal(s string) (value float64, size int) {
	var b strings.Builder
	for size < len(s) {
		r, n := utf8.DecodeRuneInString(s[size:])
		switch {
		case isDigit(r):
			b.WriteByte(byte('0' + digitValue(r)))
		case (r == '.' || r == '．') && b.Len() > 0 && !strings.Contains(b.String(), ".") && startsDigit(s[size+n:]):
			b.WriteByte('.')
		case (r == ',' || r == '，') && r == ',' && b.Len() > 0 && groupOfThree(s[size+n:]):
		default:
			value, _ = strconv.ParseFloat(b.String(), 64)
			return value, size
		}
		size += n
	}
	value, _ = strconv.ParseFloat(b.String(), 64)
	return value, size
}

func startsDigit(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isDigit(r)
}

func groupOfThree(s string) bool {
	if len(s) < 3 {
		return false
	}
	for i := range 3 {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 3 || s[3] < '0' || s[3] > '9'
}

// rangeDash is the size of the sign between the bounds of a range.
func rangeDash(s string) int {
	for _, d := range []string{"——", "—", "－", "～", "~", "-", "–", "至"} {
		if strings.HasPrefix(s, d) && startsDigit(s[len(d):]) {
			return len(d)
		}
	}
	return 0
}

// readMultiplier reads 万, 亿, 万亿, 千, 百 … before a unit that does not itself
// begin so (千瓦).
func readMultiplier(s string) (value float64, size int) {
	value = 1
	for size < len(s) {
		if w, _ := unitNames.read(s[size:]); w != "" {
			break
		}
		r, n := utf8.DecodeRuneInString(s[size:])
		u := hanUnit(r)
		if u == 0 || u == 10 {
			break
		}
		value *= u
		size += n
	}
	return value, size
}

// round takes away what binary fractions leave behind.
func round(f float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 12, 64), 64)
	if err != nil {
		return f
	}
	return v
}
