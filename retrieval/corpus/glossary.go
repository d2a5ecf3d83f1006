package corpus

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxTermName is how many characters a glossary entry's name may have.
const maxTermName = 44

// maxEntryLines is how many lines an entry may go on for.
const maxEntryLines = 40

// findGlossary marks the glossary's lines and fills in Terms.
func findGlossary(r *Report) {
	if len(r.Paragraphs) <= 2 {
		singleEntry(r)
		return
	}
	for i := 0; i < len(r.Paragraphs); i++ {
		if r.Paragraphs[i].Role != Body {
			continue
		}
		switch {
		case isGlossaryHeading(r.Paragraphs[i].Text):
			r.Paragraphs[i].Role = Glossary
			i = readEntries(r, i+1) - 1
		case unannounced(r, i):
			i = readEntries(r, i) - 1
		}
	}
	for t := range r.Terms {
		r.Terms[t].Aliases = aliasesOf(r.Terms[t])
	}
	shareWeights(r.Terms)
}

var glossaryWords = newWords("名词解释 名词注释 名词注解 名词说明 名词浅释 名词术语 术语解释 术语注释 词语解释 词语注释 词汇解释 有关名词 注释 注解 附注 名詞解釋 名詞註釋 註釋")

func isGlossaryHeading(text string) bool {
	return atMost(text, 44) && glossaryWords.in(text) && !strings.ContainsAny(text, "。，；")
}

// unannounced holds where a glossary starts without a heading: three lines
// in a row numbered from 1, each a name and its explanation.
func unannounced(r *Report, i int) bool {
	for k := range 3 {
		if i+k >= len(r.Paragraphs) {
			return false
		}
		text := r.Paragraphs[i+k].Text
		m := readMark(text)
		if m.kind != markArab || m.n != k+1 {
			return false
		}
		name, definition := splitEntry(text[m.size:])
		if name == "" || definition == "" || !atMost(name, 30) || strings.ContainsAny(name, "。；") {
			return false
		}
	}
	return true
}

// readEntries reads the entries from line i on and returns the line after
// the glossary.
func readEntries(r *Report, i int) int {
	last := 0 // the ordinal of the entry before
	open := false
	numberedUpTo := i
	for j := i; j < len(r.Paragraphs); j++ {
		if m := readMark(r.Paragraphs[j].Text); m.kind == markArab || m.kind == markParenArab {
			numberedUpTo = j
		}
	}
	for ; i < len(r.Paragraphs); i++ {
		p := &r.Paragraphs[i]
		if p.Role != Body || isAnnexLabel(p.Text) || isGlossaryHeading(p.Text) {
			return i
		}
		m := entryMark(p.Text, last)
		if m.kind == markHan || m.kind == markChapter {
			return i
		}
		numbered := m.kind == markArab || m.kind == markParenArab || m.kind == markParenHan
		name, definition := "", ""
		if numbered {
			name, definition = splitEntry(strings.TrimSpace(p.Text[m.size:]))
		} else if strings.HasPrefix(p.Text, "“") || !open {
			name, definition = splitEntry(p.Text)
			if name != "" && last > 0 { // in a numbered glossary, a continuation
				name = ""
			}
		}
		switch {
		case name != "":
			r.Terms = append(r.Terms, Term{Name: name, Definition: definition, Paragraphs: []int{i}})
			open = true
			if numbered {
				last = m.n
			}
		case open: // the definition on its own line, or the rest of a torn one
			t := &r.Terms[len(r.Terms)-1]
			if i > numberedUpTo && trailing(r, i) || len(t.Paragraphs) >= maxEntryLines {
				return i
			}
			t.Definition = joinLines(t.Definition, p.Text)
			t.Paragraphs = append(t.Paragraphs, i)
		default:
			return i
		}
		p.Role, p.Term = Glossary, len(r.Terms)-1
	}
	return i
}

// entryMark reads an entry's numbering; after entry 2, “3．10种有色金属” is
// entry 3 and no 3.10.
func entryMark(text string, last int) mark {
	if n, size := digits(text); size > 0 && n == last+1 {
		if r, dot := utf8.DecodeRuneInString(text[size:]); r == '.' || r == '．' || r == '、' {
			return mark{markArab, n, size + dot}
		}
	}
	return readMark(text)
}

// trailing holds for what follows the last entry: the line before ended its
// sentence, and this one is none.
func trailing(r *Report, i int) bool {
	t := r.Terms[len(r.Terms)-1]
	if t.Definition == "" || !endsLine(t.Definition) {
		return false
	}
	return !strings.HasSuffix(r.Paragraphs[i].Text, "。") || runes(r.Paragraphs[i].Text) < 8
}

func endsLine(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune("。！？”）；", r)
}

func joinLines(a, b string) string {
	if a == "" {
		return b
	}
	if endsLine(a) {
		return a + "\n" + b
	}
	return a + b // a line torn in two
}

// splitEntry divides NAME：DEFINITION. The definition may be on the next
// line; name is "" where the text has no such shape.
func splitEntry(text string) (name, definition string) {
	shut := enclosed(text)
	for i := 0; i < len(text); {
		if len(shut) > 0 && i >= shut[0].Start {
			i = max(i, shut[0].End)
			shut = shut[1:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch r {
		case '：', ':':
			name, definition = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+n:])
			if name == "" || !atMost(name, maxTermName) {
				return "", ""
			}
			return name, definition
		case '。', '；', '！', '？':
			i = len(text)
		}
		i += n
	}
	for _, w := range []string{"，是指", "，指", "是指", "——", "，即"} {
		if i := strings.Index(text, w); i > 0 && atMost(text[:i], 24) && runes(text[:i]) >= 2 {
			return strings.TrimSpace(text[:i]), strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(text[i:], "，"), "——"))
		}
	}
	return "", ""
}

// singleEntry makes a term of a document that is one entry: “X”：… or, for a
// short X, X：….
func singleEntry(r *Report) {
	p := &r.Paragraphs[0]
	text := p.Text
	if m := readMark(text); m.kind == markArab {
		text = strings.TrimSpace(text[m.size:])
	}
	name, definition := splitEntry(text)
	if definition == "" && len(r.Paragraphs) == 2 && strings.HasSuffix(text, "：") {
		definition = r.Paragraphs[1].Text
	}
	if name == "" || runes(definition) < 6 || !strings.Contains(text[:min(len(text), len(name)+3)], "：") || !termShaped(name) ||
		!strings.ContainsAny(name, "“「") && !atMost(definition, 250) {
		return
	}
	lines := []int{0}
	if len(r.Paragraphs) == 2 {
		if strings.HasSuffix(text, "：") {
			lines = append(lines, 1)
		} else {
			return // a document of its own
		}
	}
	r.Terms = []Term{{Name: name, Definition: definition, Paragraphs: lines}}
	r.Terms[0].Aliases = aliasesOf(r.Terms[0])
	for _, i := range lines {
		r.Paragraphs[i].Role, r.Paragraphs[i].Term = Glossary, 0
	}
}

// termShaped tells a name to be explained from the announcement of a list
// (“要做好以下工作：”) or a label (“主办单位：”).
func termShaped(name string) bool {
	quoted := strings.Contains(name, "“") || strings.Contains(name, "「")
	if strings.Count(name, "(") != strings.Count(name, ")") || unbalanced(name) != 0 || readMark(name).kind != markNone {
		return false
	}
	if runes(name) < 2 || !quoted && !atMost(name, 20) || !quoted && notTerm.suffix(name) != "" || notTermStart.at(name) {
		return false
	}
	outside := name
	for _, s := range enclosed(name) {
		outside = strings.ReplaceAll(outside, name[s.Start:s.End], "")
	}
	return !strings.ContainsAny(outside, "，,；;。？?！! \t")
}

var (
	notTerm      = newWords("是 为 说 指出 强调 要求 有 如下 以下 工作 目标 单位 时间 来源 编辑 作者 记者 问题 内容 方面 包括 例如 比如 步骤 方法 原因 答 问 答案 地址 电话 要 任务 称 写道 表示 认为 認為 宣稱 包括了 道 云 曰 您 您好 你好 分析 参考 资料 日期 姓名 上午 下午 三种 三種 几种 类型 類型 记载 記載 形容詞 路线 材料 配料 歌曲")
	notTermStart = newWords("一是 一要 各位 注意 回答 另外 例如 比如 其中 我们 今年 主要 重点 牵头 主办 责任 来源")
)

// markTail marks the page furniture after the report's last line.
func markTail(r *Report) {
	end := len(r.Paragraphs)
	// A line of machine identifiers starts a block of links to other pages.
	for i := end - 1; i > 0 && i >= end-30 && i > end/2; i-- {
		if isHex(r.Paragraphs[i].Text) {
			for j := i; j < len(r.Paragraphs); j++ {
				r.Paragraphs[j].Role = Furniture
			}
			end = i
		}
	}
	for i := end - 1; i > 0; i-- {
		p := &r.Paragraphs[i]
		below := i+1 < len(r.Paragraphs) && r.Paragraphs[i+1].Role == Furniture
		if p.Role != Body || !furniture(p.Text) && !isPageMark(p.Text) && !(below && atMost(p.Text, 6) && !endsLine(p.Text)) {
			return
		}
		p.Role = Furniture
	}
}

// isPageMark holds for a page number or the paper's own line.
func isPageMark(text string) bool {
	if _, err := strconv.Atoi(text); err == nil {
		return true
	}
	return atMost(text, 30) && strings.Contains(text, "日报") && strings.Contains(text, "版") ||
		atMost(text, 24) && (strings.HasPrefix(text, "（新华社") || strings.HasPrefix(text, "新华社"))
}
