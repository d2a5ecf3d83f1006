package question

import (
	"regexp"
	"strconv"
	"strings"

	"wenbao/retrieval/analysis"
)

// mostEach is how many things one question is asked of at most.
const mostEach = 6

// Each returns what a question asks of each of several things that it lists
// (北京和上海的目标分别是多少): the question, folded, as it would be asked of one
// of them. spans are where they stand in the folded text, in order. It returns
// nil where there are fewer than two, too many, or they are no list.
func Each(text string, spans []Span) []string {
	if len(spans) < 2 || len(spans) > mostEach {
		return nil
	}
	rs := analysis.Fold(text).Runes
	for i := 1; i < len(spans); i++ {
		if !joins(string(rs[spans[i-1].End:spans[i].Start])) {
			return nil // 北京给内蒙古 is about both
		}
	}
	before, behind := string(rs[:spans[0].Start]), string(rs[spans[len(spans)-1].End:])
	var out []string
	for _, s := range spans {
		out = append(out, alone(before+string(rs[s.Start:s.End])+behind))
	}
	return out
}

// years finds the years of a question; those without 年 count in a list.
var years = regexp.MustCompile(`(?:19|20)\d\d(?:年)?`)

// EachYear is Each for the years that a question names: 2017、2018年 and
// 2017年和2018年, and 2017年到2019年 where it asks for each of them.
func EachYear(text string) []string {
	text = analysis.FoldString(text)
	var at [][]int
	var named []int
	for _, m := range years.FindAllStringIndex(text, -1) {
		if m[0] > 0 && isDigit(rune(text[m[0]-1])) || m[1] < len(text) && isDigit(rune(text[m[1]])) {
			continue
		}
		year, _ := strconv.Atoi(text[m[0] : m[0]+4])
		at, named = append(at, m), append(named, year)
	}
	if len(at) < 2 || !strings.HasSuffix(text[:at[len(at)-1][1]], "年") {
		return nil
	}
	for i := 1; i < len(at); i++ {
		switch gap := text[at[i-1][1]:at[i][0]]; {
		case joins(gap):
		case len(at) == 2 && ranges(gap) && named[0] < named[1] && eachOf(text):
			named = between(named[0], named[1])
		default:
			return nil
		}
	}
	if len(named) < 2 || len(named) > mostEach {
		return nil
	}
	var out []string
	for _, y := range named {
		out = append(out, alone(text[:at[0][0]]+strconv.Itoa(y)+"年"+text[at[len(at)-1][1]:]))
	}
	return out
}

// between lists the years from one to another.
func between(from, to int) []int {
	var out []int
	for y := from; y <= to; y++ {
		out = append(out, y)
	}
	return out
}

// joins reports whether what stands between two things lists them.
func joins(gap string) bool {
	switch strings.Trim(gap, " ,、") {
	case "", "和", "与", "及", "跟", "同", "以及", "还有", "比", "对比", "相比", "vs", "and":
		return true
	}
	return false
}

// ranges reports whether it spans from one to the other.
func ranges(gap string) bool {
	switch strings.TrimSpace(gap) {
	case "到", "至", "-", "—", "–", "~", "——":
		return true
	}
	return false
}

// eachOf reports whether a question asks for each of what it names.
func eachOf(text string) bool {
	return containsAny(text, []string{"分别", "各", "每年", "历年", "逐年", "都是", "依次"})
}

// comparing is how people say that they compare; of one thing it asks how much.
var (
	comparing = regexp.MustCompile(`^(?:请)?(?:帮我)?(?:比较|对比|比一下|比比|对照)(?:一下|下)?`)
	whichMore = regexp.MustCompile(`(?:(?:的)?(?:哪个|哪边|哪家|哪里|哪儿|哪省|哪年|哪一个|哪一年|谁)(?:的)?(?:更|最|比较)?(?:高|大|多|快|低|少|小|慢|强)(?:一些|一点|些|点)?|(?:相)?差(?:了)?(?:多少|多大|几个百分点|几个点)|差距(?:有)?(?:多大|多少))`)
)

// alone says a question that compared things as it is asked of one.
func alone(text string) string {
	text = comparing.ReplaceAllString(text, "")
	return whichMore.ReplaceAllString(text, "多少")
}
