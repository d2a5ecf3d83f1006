package outline

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/retrieval/report"
	"wenbao/retrieval/words"
)

// maxTermName is how many characters a glossary entry's name may have.
const maxTermName = 44

// maxLineName is how many a name may have that stands alone on its line.
const maxLineName = 30

// maxLooks bounds how often a glossary's reader searches the whole report.
const maxLooks = 2000

// maxEntryLines is how many lines an entry may go on for.
const maxEntryLines = 40

// findGlossary marks the glossary's lines and fills in Terms.
func findGlossary(r *report.Report) {
	if len(r.Paragraphs) <= 2 {
		singleEntry(r)
		return
	}
	numbered := lastNumbered(r)
	for i := 0; i < len(r.Paragraphs); i++ {
		if r.Paragraphs[i].Role != report.Body {
			continue
		}
		switch {
		case isGlossaryHeading(r.Paragraphs[i].Text):
			r.Paragraphs[i].Role = report.Glossary
			i = readEntries(r, i+1, numbered) - 1
		case isNoteLabel(r.Paragraphs[i].Text):
			if end := readEntries(r, i+1, numbered); end > i+1 {
				r.Paragraphs[i].Role = report.Glossary
				i = end - 1
			}
		case unannounced(r, i), announces(r.Paragraphs[i].Text):
			i = max(i, readEntries(r, i, numbered)-1)
		}
	}
	for t := range r.Terms {
		r.Terms[t].Aliases = aliasesOf(r.Terms[t])
	}
	shareWeights(r.Terms)
}

// lastNumbered returns the last line that is numbered in each style.
func lastNumbered(r *report.Report) map[entryStyle]int {
	last := map[entryStyle]int{}
	for i := range r.Paragraphs {
		if m := readEntryMark(r.Paragraphs[i].Text, 0); m.style != styleNone {
			last[m.style] = i
		}
	}
	return last
}

var (
	glossaryWords = lists.Set("glossary-words")
	noteLabels    = lists.Set("note-labels")
)

func isGlossaryHeading(text string) bool {
	return words.AtMost(text, 44) && glossaryWords.In(unspaced(text)) && !strings.ContainsAny(text, "。，；")
}

// isNoteLabel holds for a line that says 注 and nothing else: it heads a
// glossary only where entries follow.
func isNoteLabel(text string) bool {
	return words.AtMost(text, 6) && noteLabels.Has(strings.Trim(unspaced(text), "：:【】[]［］()（）"))
}

// unspaced drops the spaces that set a heading wide: 名 词 解 释.
func unspaced(text string) string { return strings.Join(strings.Fields(text), "") }

// unannounced holds where a glossary starts without a heading: three lines
// in a row numbered from 1, each a name and its explanation. Where an annex is
// not so labelled, numbers in a form that reports number their lists with are
// no sign of one.
func unannounced(r *report.Report, i int) bool {
	annex := i > 0 && isAnnexLabel(r.Paragraphs[i-1].Text)
	style := styleNone
	for k := range 3 {
		if i+k >= len(r.Paragraphs) {
			return false
		}
		text := r.Paragraphs[i+k].Text
		m := readEntryMark(text, k)
		if m.style == styleNone || m.n != k+1 || k > 0 && m.style != style || !annex && m.style != styleDot && m.style != styleSquare {
			return false
		}
		style = m.style
		e := splitEntry(text[m.size:])
		if e.name == "" || e.definition == "" || !annex && !e.colon || !words.AtMost(e.name, 30) || strings.ContainsAny(e.name, "。；") {
			return false
		}
	}
	return true
}

// announces holds for a line that is a glossary's heading and its first entry:
// 注：“两新”是指….
func announces(text string) bool {
	size := labelSize(text)
	if size == 0 {
		return false
	}
	m := readEntryMark(text[size:], 0)
	e := splitEntry(strings.TrimSpace(text[size+m.size:]))
	return e.definition != "" && opensQuoted(e.name) && (m.style == styleNone || m.n == 1)
}

// labelSize is the size of 注： before an entry on the same line, 0 for none.
func labelSize(text string) int {
	label, rest, ok := strings.Cut(text, "：")
	if !ok || rest == "" || !words.AtMost(label, 6) || !noteLabels.Has(unspaced(label)) && !glossaryWords.Has(unspaced(label)) {
		return 0
	}
	return len(text) - len(strings.TrimLeft(rest, " 　"))
}

// A glossaryReader reads the entries of one glossary.
type glossaryReader struct {
	r     *report.Report
	first int        // index in r.Terms of the first entry
	style entryStyle // of the entries' numbers
	last  int        // the ordinal of the entry before
	upTo  int        // the last line that is numbered as the entries are
	apart bool       // the first name stands alone on its line
	start int        // the line it begins at
	label int        // bytes of 注： before the first entry on that line
	looks int        // how often the report was searched
}

// readEntries reads the entries from line i on and returns the line after
// the glossary, i where there is none. numbered is what lastNumbered returns.
func readEntries(r *report.Report, i int, numbered map[entryStyle]int) int {
	g := &glossaryReader{r: r, first: len(r.Terms), start: i}
	if i < len(r.Paragraphs) {
		g.label = labelSize(r.Paragraphs[i].Text)
		g.style = readEntryMark(r.Paragraphs[i].Text[g.label:], 0).style
		if g.class(i) {
			g.style = readEntryMark(r.Paragraphs[i+1].Text, 0).style
		}
	}
	g.upTo = max(i, numbered[g.style])
	for ; i < len(r.Paragraphs); i++ {
		p := &r.Paragraphs[i]
		if g.betweenEntries(i) {
			p.Role = report.Furniture
			continue
		}
		if g.class(i) {
			p.Role, g.last = report.Glossary, 0
			continue
		}
		if g.ends(i) {
			break
		}
		switch e, m := g.entryAt(i); {
		case e.name != "":
			g.last = m.n
			g.apart = g.apart || !g.open() && e.definition == ""
			r.Terms = append(r.Terms, report.Term{Name: e.name, Definition: e.definition, Paragraphs: []int{i}})
		case g.open():
			t := &r.Terms[len(r.Terms)-1]
			t.Definition = joinLines(t.Definition, p.Text)
			t.Paragraphs = append(t.Paragraphs, i)
		default:
			return i
		}
		p.Role, p.Term = report.Glossary, len(r.Terms)-1
	}
	return i
}

// open holds once there is an entry.
func (g *glossaryReader) open() bool { return len(g.r.Terms) > g.first }

// pending holds where the last entry still lacks its definition.
func (g *glossaryReader) pending() bool {
	return g.open() && g.r.Terms[len(g.r.Terms)-1].Definition == ""
}

// complete holds where the last entry's definition has come to the end of a
// sentence.
func (g *glossaryReader) complete() bool {
	return g.open() && endsLine(g.r.Terms[len(g.r.Terms)-1].Definition)
}

// ends holds where line i is no part of the glossary any more.
func (g *glossaryReader) ends(i int) bool {
	p := &g.r.Paragraphs[i]
	if p.Role != report.Body || isAnnexLabel(p.Text) || isGlossaryHeading(p.Text) {
		return true
	}
	if g.beginsAt(i) {
		return false
	}
	if k := readMark(p.Text).kind; k == markHan || k == markChapter {
		return true
	}
	if g.open() && len(g.r.Terms[len(g.r.Terms)-1].Paragraphs) >= maxEntryLines {
		return true
	}
	if !g.complete() {
		return false
	}
	if closing(p.Text) {
		return true
	}
	// A line behind a whole definition belongs to the glossary if there is an
	// entry behind it, or if it is a sentence.
	if i <= g.upTo || strings.HasSuffix(p.Text, "。") && words.Count(p.Text) >= 8 {
		return false
	}
	return g.style != styleNone || !g.beginsAt(i+1)
}

// betweenEntries holds where line i is a page's number or the like between two
// entries.
func (g *glossaryReader) betweenEntries(i int) bool {
	p := &g.r.Paragraphs[i]
	return g.complete() && p.Role == report.Body && (isPageMark(p.Text) || !strings.ContainsFunc(p.Text, unicode.IsLetter)) &&
		(i < g.upTo || g.beginsAt(i+1))
}

// class holds where line i heads a class of entries: 一、综合类, an entry's
// number below it that goes on from before, or begins anew with a quoted name.
func (g *glossaryReader) class(i int) bool {
	if i+1 >= len(g.r.Paragraphs) || g.r.Paragraphs[i].Role != report.Body || g.r.Paragraphs[i+1].Role != report.Body || g.pending() {
		return false
	}
	text, next := g.r.Paragraphs[i].Text, g.r.Paragraphs[i+1].Text
	if k := readMark(text).kind; k != markHan && k != markParenHan || !words.AtMost(text, 20) || strings.ContainsAny(text, "“，。；：:") {
		return false
	}
	m := readEntryMark(next, g.last)
	e := splitEntry(strings.TrimSpace(next[m.size:]))
	if m.style == styleNone || m.style == readEntryMark(text, 0).style || e.definition == "" || g.open() && m.style != g.style {
		return false
	}
	return m.n == g.last+1 || m.n == 1 && opensQuoted(e.name)
}

// beginsAt holds where line i begins an entry.
func (g *glossaryReader) beginsAt(i int) bool {
	if i >= len(g.r.Paragraphs) || g.r.Paragraphs[i].Role != report.Body {
		return false
	}
	e, _ := g.entryAt(i)
	return e.name != ""
}

// entryAt reads the entry that line i begins; its name is "" where it begins
// none.
func (g *glossaryReader) entryAt(i int) (entry, entryMark) {
	text := g.r.Paragraphs[i].Text
	if i == g.start {
		text = text[g.label:]
	}
	m := readEntryMark(text, g.last)
	if g.style != styleNone {
		if m.style != g.style {
			return entry{}, m
		}
		return g.numbered(i, m, text[m.size:]), m
	}
	if readMark(text).kind != markNone || g.pending() {
		return entry{}, m
	}
	text = strings.TrimLeft(text, bullets)
	if e := boldLead(text); e.name != "" {
		return e, m
	}
	e := splitEntry(text)
	switch {
	case e.name == "" && g.namesAlone(i, text):
		e = entry{name: bareName(text)}
	case e.name != "" && e.definition == "" && !g.definesAt(i+1):
		return entry{}, m
	case e.name != "" && g.open() && !g.complete() && !opensQuoted(e.name) && !g.used(e.name, i):
		return entry{}, m // the rest of a torn line
	case e.name != "" && g.apart && (!e.colon || e.definition != "" && g.explains(e.name)):
		return entry{}, m // a later line of a definition
	case e.name != "" && !termShaped(e.name) && !g.used(e.name, i):
		return entry{}, m
	}
	return e, m
}

// numbered reads an entry behind its number: a name with its definition, a
// name alone above it, or a definition of what the number stands behind in the
// report.
func (g *glossaryReader) numbered(i int, m entryMark, text string) entry {
	text = strings.TrimSpace(text)
	if e := boldLead(text); e.name != "" {
		return e
	}
	if e := splitEntry(text); e.name != "" {
		return e
	}
	if m.n != g.last+1 {
		return entry{}
	}
	if g.nameShaped(text) && (g.definesAt(i+1) || g.used(bareName(text), i) && g.unnumberedAt(i+1)) {
		return entry{name: bareName(text)}
	}
	if name := g.footnoted(i, m); name != "" && endsLine(text) {
		return entry{name: name, definition: text}
	}
	return entry{}
}

// namesAlone holds for a name on a line of its own, its definition below.
func (g *glossaryReader) namesAlone(i int, text string) bool {
	known := g.used(bareName(text), i)
	if !g.nameShaped(text) || g.open() && !g.complete() && !known {
		return false
	}
	return g.definesAt(i+1) || known && g.listsAt(i+1)
}

// listsAt holds where line i may be a definition that lacks its stop: it has
// clauses, or lists things.
func (g *glossaryReader) listsAt(i int) bool {
	return i < len(g.r.Paragraphs) && g.r.Paragraphs[i].Role == report.Body && words.Count(g.r.Paragraphs[i].Text) >= 6 &&
		strings.ContainsAny(outside(g.r.Paragraphs[i].Text), "，、；")
}

// explains holds where the last entry has said name before: a line that begins
// with it goes on explaining.
func (g *glossaryReader) explains(name string) bool {
	if !g.open() {
		return false
	}
	t := &g.r.Terms[len(g.r.Terms)-1]
	return strings.Contains(unquote(t.Name+t.Definition), unquote(name))
}

// nameShaped holds for a short line that is no sentence nor part of one.
func (g *glossaryReader) nameShaped(text string) bool {
	name := bareName(text)
	if words.Count(name) < 2 || !words.AtMost(name, maxLineName) || report.Unbalanced(name) != 0 || !strings.ContainsFunc(name, unicode.IsLetter) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(name)
	return !strings.ContainsRune("。！？；，、,;…", last) && !strings.ContainsAny(outside(name), "。！？；")
}

// definesAt holds where line i may be a definition: it ends as a sentence does,
// or is too long for a name, and begins no entry by its number.
func (g *glossaryReader) definesAt(i int) bool {
	if i >= len(g.r.Paragraphs) || g.r.Paragraphs[i].Role != report.Body {
		return false
	}
	text := g.r.Paragraphs[i].Text
	if m := readEntryMark(text, g.last+1); m.style != styleNone && m.style == g.style {
		return false
	}
	if isAnnexLabel(text) || isGlossaryHeading(text) || g.style == styleNone && boldLead(text).name != "" {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, "”）’"))
	return words.Count(text) >= 6 && strings.ContainsRune("。！？；", last) || !words.AtMost(text, maxLineName)
}

// used holds where the report says name before line i.
func (g *glossaryReader) used(name string, i int) bool {
	return words.AtMost(name, maxLineName) && g.find(name, i) >= 0
}

// find is where the report says s before line i, -1 where it does not or too
// much has been looked for.
func (g *glossaryReader) find(s string, i int) int {
	if g.looks++; g.looks > maxLooks {
		return -1
	}
	return strings.Index(g.r.Text[:g.r.Paragraphs[i].Offset], s)
}

// unnumberedAt holds where line i begins no entry by its number.
func (g *glossaryReader) unnumberedAt(i int) bool {
	return i < len(g.r.Paragraphs) && readEntryMark(g.r.Paragraphs[i].Text, g.last+1).style != g.style
}

// footnoted returns what the report marks with the number of entry i: the
// quotation right before the first such mark, "" where there is none.
func (g *glossaryReader) footnoted(i int, m entryMark) string {
	if m.style == styleDot {
		return "" // numbers in the text are no marks
	}
	before := g.r.Text[:g.r.Paragraphs[i].Offset]
	at := g.find("”"+strings.TrimSpace(g.r.Paragraphs[i].Text[:m.size]), i)
	if at < 0 {
		return ""
	}
	start := strings.LastIndex(before[:at], "“")
	if start < 0 || strings.ContainsAny(before[start:at], "。\n") {
		return ""
	}
	return before[start : at+len("”")]
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

// singleEntry makes a term of a document that is one entry: “X”：… or, for a
// short X, X：….
func singleEntry(r *report.Report) {
	p := &r.Paragraphs[0]
	text := strings.TrimSpace(p.Text[readEntryMark(p.Text, 0).size:])
	e := splitEntry(text)
	name, definition := e.name, e.definition
	if definition == "" && len(r.Paragraphs) == 2 && strings.HasSuffix(text, "：") {
		definition = r.Paragraphs[1].Text
	}
	if name == "" || words.Count(definition) < 6 || !strings.Contains(text[:min(len(text), len(name)+3)], "：") || !termShaped(name) ||
		!strings.ContainsAny(name, "“「") && !words.AtMost(definition, 250) {
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
	r.Terms = []report.Term{{Name: name, Definition: definition, Paragraphs: lines}}
	r.Terms[0].Aliases = aliasesOf(r.Terms[0])
	for _, i := range lines {
		r.Paragraphs[i].Role, r.Paragraphs[i].Term = report.Glossary, 0
	}
}

// termShaped tells a name to be explained from the announcement of a list
// (“要做好以下工作：”) or a label (“主办单位：”).
func termShaped(name string) bool {
	quoted := strings.Contains(name, "“") || strings.Contains(name, "「")
	if strings.Count(name, "(") != strings.Count(name, ")") || report.Unbalanced(name) != 0 || readMark(name).kind != markNone {
		return false
	}
	if words.Count(name) < 2 || !quoted && !words.AtMost(name, 20) || !quoted && notTerm.Suffix(name) != "" || notTermStart.At(name) {
		return false
	}
	return !strings.ContainsAny(outside(name), "，,；;。？?！! \t")
}

// outside is what of s stands outside brackets and quotes.
func outside(s string) string {
	var b strings.Builder
	at := 0
	for _, span := range report.Enclosed(s) {
		b.WriteString(s[at:span.Start])
		at = span.End
	}
	b.WriteString(s[at:])
	return b.String()
}

var (
	notTerm      = lists.Set("not-term")
	notTermStart = lists.Set("not-term-start")
)

// markTail marks the page furniture after the report's last line.
func markTail(r *report.Report) {
	end := len(r.Paragraphs)
	// A line of machine identifiers starts a block of links to other pages.
	for i := end - 1; i > 0 && i >= end-30 && i > end/2; i-- {
		if isHex(r.Paragraphs[i].Text) {
			for j := i; j < len(r.Paragraphs); j++ {
				r.Paragraphs[j].Role = report.Furniture
			}
			end = i
		}
	}
	for i := end - 1; i > 0; i-- {
		p := &r.Paragraphs[i]
		below := i+1 < len(r.Paragraphs) && r.Paragraphs[i+1].Role == report.Furniture
		if p.Role != report.Body || !furniture(p.Text) && !isPageMark(p.Text) && !(below && words.AtMost(p.Text, 6) && !endsLine(p.Text)) {
			return
		}
		p.Role = report.Furniture
	}
}

// isPageMark holds for a page number or the paper's own line.
func isPageMark(text string) bool {
	if _, err := strconv.Atoi(text); err == nil {
		return true
	}
	return words.AtMost(text, 30) && strings.Contains(text, "日报") && strings.Contains(text, "版") ||
		words.AtMost(text, 24) && (strings.HasPrefix(text, "（新华社") || strings.HasPrefix(text, "新华社"))
}
