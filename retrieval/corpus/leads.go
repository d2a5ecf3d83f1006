package corpus

import (
	"strings"
)

// findLeads says which paragraphs open with a bold-like lead sentence: short,
// without figures, followed by the text it heads. An imperative is enough by
// itself; other short sentences only side by side with paragraphs alike.
func findLeads(r *Report) []bool {
	strength := make([]int, len(r.Paragraphs))
	for i := range r.Paragraphs {
		p := &r.Paragraphs[i]
		if p.Role == Body && readMark(p.Text).kind == markNone {
			strength[i] = leadStrength(p)
		}
	}
	leads := make([]bool, len(r.Paragraphs))
	for i, s := range strength {
		if s > 0 && onlyContent(r, i) {
			continue
		}
		beside := i > 0 && strength[i-1] > 0 || i+1 < len(strength) && strength[i+1] > 0
		leads[i] = s == 2 || s == 1 && beside
	}
	return leads
}

// onlyContent holds for the one paragraph below a heading: it has no other
// part beside it that a lead would set it off from.
func onlyContent(r *Report, i int) bool {
	if i == 0 || i+1 >= len(r.Paragraphs) {
		return false
	}
	before, after := &r.Paragraphs[i-1], &r.Paragraphs[i+1]
	return readMark(before.Text).kind != markNone && len(before.Sentences) == 1 && runes(before.Text) <= maxTitle && readMark(after.Text).kind != markNone
}

// leadStrength is 2 for an imperative lead, 1 for a possible one, 0 for none.
func leadStrength(p *Paragraph) int {
	if len(p.Sentences) < 2 {
		return 0
	}
	s := p.Text[:p.Sentences[0].End]
	n := runes(s)
	if n < 5 || n > 34 || !strings.HasSuffix(s, "。") || strings.ContainsAny(s, "；：") || strings.Count(s, "，") > 1 || hasDigit(s) || notLead.in(s) || notLeadStart.at(s) || strings.Contains(s, "是") || closing(s) {
		return 0
	}
	if imperative.at(s) {
		return 2
	}
	if n > 26 {
		return 0
	}
	return 1
}

func hasDigit(s string) bool {
	return strings.ContainsFunc(s, isDigit)
}

var (
	notLead      = newWords("我们 各位 同志们 习近平 党中央")
	notLeadStart = newWords("过去 今年 去年 今后 当前 目前 一年来 五年来 这 同时 此外 面对 总的 总起来 综合 回顾 展望 从 做好 实现上述 为了 新时代 新征程 初步 全年 上述 其中 在此 对此 因此 但 而")
	imperative   = newWords("大力 加快 加强 加大 加速 加力 强化 深化 推进 推动 促进 持续 着力 切实 扎实 全面 全力 全方位 深入 积极 坚持 坚决 坚定 统筹 提升 提高 提振 优化 完善 健全 发展 培育 壮大 扩大 激发 保障 维护 严格 严守 严明 稳步 稳妥 精准 科学 有效 有序 有力 继续 巩固 打造 打好 构建 建设 建立 做强 做优 做大 做实 抓好 抓实 狠抓 办好 用好 用心 守好 守牢 守住 筑牢 织密 织牢 防范 化解 支持 鼓励 引导 落实 实施 开展 创新 改革 增强 增进 改善 繁荣 丰富 弘扬 拓展 推广 释放 发挥 聚焦 突出 牢牢 稳定 稳住 稳 千方百计 进一步 更好 更大 努力 毫不 高标准 高质量 高水平 高效 因地制宜 旗帜鲜明 一门心思 清正廉洁 倾力 倾心 纵深 奋力 协同 广泛 凝聚 推行 压实 兜牢 兜底 严防 夯实 挖掘 迭代 要 争取 提质 整治 盘活 树立 提供 保持 系统")
)

// markLeads gives each sentence the lead or list item it stands under within
// its paragraph. opened is the title with which the paragraph opens a
// section, "" for none.
func markLeads(p *Paragraph, opened string) {
	items := paragraphItems(p)
	lead := opened
	for i := range p.Sentences {
		s := &p.Sentences[i]
		if item, ok := items[i]; ok {
			lead = item
		} else if i > 0 {
			s.Lead = lead
		}
	}
}

// paragraphItems finds list items (一是…, （1）…) and short bold-like
// sentences inside a paragraph, by sentence.
func paragraphItems(p *Paragraph) map[int]string {
	var items map[int]string
	var short []int
	add := func(i int, title string) {
		if items == nil {
			items = map[int]string{}
		}
		items[i] = title
	}
	for i, s := range p.Sentences {
		text := p.Text[s.Start:s.End]
		bare := strings.TrimRight(text, "。；！")
		switch m := readMark(text); {
		case i > 0 && (m.kind == markItem || m.kind == markParenArab):
			add(i, bare[:min(len(bare), firstClause(bare, m.size))])
		case i > 0 && i+1 < len(p.Sentences) && strings.HasSuffix(text, "。") && len(text) <= 16*3 && runes(bare) >= 4 &&
			!strings.ContainsAny(text, "，；：") && !hasDigit(text) && !notLead.in(text):
			short = append(short, i)
		}
	}
	if len(short) > 1 && len(items) == 0 {
		for _, i := range short {
			s := p.Sentences[i]
			add(i, strings.TrimRight(p.Text[s.Start:s.End], "。"))
		}
	}
	return items
}
