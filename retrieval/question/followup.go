package question

import (
	"strings"
	"unicode/utf8"

	"wenbao/retrieval/analysis"
	"wenbao/retrieval/report"
)

// An Entity is a thing that a span of folded text names. A follow-up that
// names one takes the place of another of the same class.
type Entity struct {
	Start, End int
	Class      string
}

// Names knows the entities of a corpus.
type Names interface {
	Entities(rs []rune) []Entity
}

// carried is the weight of content that a follow-up inherits beside its own.
const carried = 0.6

var (
	turns    = []string{"换个话题", "换个问题", "另一个问题", "问个别的", "说点别的", "再问个", "by the way", "another question", "different question"}
	openings = []string{"那", "又", "还", "再", "and ", "what about", "how about", "then "}
	pronouns = []string{"它", "这个", "这项", "这些", "该", "其", "上面", "刚才", "前面", "同样", " it", "that one", "they"}
)

// FollowUp resolves now against the question before it. ok is false when now
// stands on its own: it names a new topic, or says so.
func FollowUp(before, now Question, names Names) (q Question, ok bool) {
	text := strings.ToLower(strings.TrimSpace(now.Text))
	if containsAny(text, turns) || !elliptic(now, text, names) {
		return Question{}, false
	}
	return merge(before, now, names)
}

// Continue resolves a later ask of one question against the ask before it,
// where the later one names nothing itself.
func Continue(before, now Question, names Names) (q Question, ok bool) {
	if len(names.Entities(now.Folded.Runes)) > 0 || contentRunes(now) > 3 {
		return Question{}, false
	}
	return merge(before, now, names)
}

// elliptic reports whether a question leaves out what it is about.
func elliptic(q Question, text string, names Names) bool {
	entities := inContent(q, names.Entities(q.Folded.Runes))
	n := contentRunes(q)
	asks := q.Want != Anything && !(q.Want == YesNo && q.Weak)
	switch {
	case strings.HasSuffix(strings.TrimRight(text, "？?。.！! "), "呢") && !asks:
		return true
	case hasPrefixAny(text, openings) && (n <= 8 || len(entities) == 0):
		return true
	case containsAny(text, pronouns) && len(entities) == 0:
		return true
	case len(entities) == 0 && n <= 4:
		return true
	case !asks && len(entities) == 1 && n <= utf8.RuneCountInString(string(q.Folded.Runes[entities[0].Start:entities[0].End])) && len(q.Years)+len(q.Relative) == 0:
		return true
	}
	return false
}

// merge makes one question of two: an entity of now replaces one of its class
// in before, the rest of before is carried at part weight; what now says of
// time and type wins.
func merge(before, now Question, names Names) (Question, bool) {
	if contentRunes(before) == 0 {
		return Question{}, false
	}
	mine := inContent(now, names.Entities(now.Folded.Runes))
	old := inContent(before, names.Entities(before.Folded.Runes))
	if now.Want == Definition && len(mine) > 0 && mine[0].Class == "term" {
		return Question{}, false
	}
	var replaced []Entity
	for _, m := range mine {
		for _, o := range old {
			if o.Class == m.Class && before.text(o) != now.text(m) {
				replaced = append(replaced, withoutActivity(o, before.text(o), now.text(m)))
			}
		}
	}
	q := now
	q.Folded = analysis.Join(before.Folded, len(before.Text), now.Folded)
	for _, r := range replaced {
		for i := r.Start; i < r.End; i++ {
			q.Folded.Runes[i] = ',' // what is replaced must not be found any more
		}
	}
	q.Text = before.Text + " " + now.Text
	q.Shown = shown(before, now, replaced, mine)
	q.English = before.English && now.English
	weight := carried
	if len(replaced) > 0 || contentRunes(now) <= 2 {
		weight = 1
	}
	q.Content = nil
	for _, s := range before.Content {
		for _, part := range without(s, replaced) {
			part.Weight *= weight
			q.Content = append(q.Content, part)
		}
	}
	shift := len(before.Folded.Runes) + 1
	for _, s := range now.Content {
		q.Content = append(q.Content, Span{s.Start + shift, s.End + shift, s.Weight})
	}
	inherit(&q, before, now)
	if len(replaced) > 0 && now.Unit == "" && (q.Dimension == report.Households || q.Dimension == report.Things) {
		q.Unit, q.Dimension = "", report.Things // what takes its place may be counted in another unit
	}
	return q, true
}

// activities end names of what is done to something.
var activities = []string{"改造", "建设", "治理", "修复", "整治", "保护", "生产", "投资"}

// withoutActivity leaves what is done to an entity out of it where the one
// that takes its place does not say what is done: after 老旧小区改造 多少户,
// 棚户区呢 asks for 棚户区改造.
func withoutActivity(o Entity, old, by string) Entity {
	for _, a := range activities {
		if thing, found := strings.CutSuffix(old, a); found && utf8.RuneCountInString(thing) > 1 && !strings.HasSuffix(by, a) {
			o.End -= utf8.RuneCountInString(a)
		}
	}
	return o
}

// shown words what a follow-up was taken to mean: the question before it with
// the entity exchanged, or both in a row.
func shown(before, now Question, replaced, by []Entity) string {
	past := before.Shown
	if past == "" {
		past = strings.TrimSpace(before.Text)
	}
	if len(replaced) == 1 && len(by) == 1 {
		if old := before.source(replaced[0]); strings.Contains(past, old) {
			return strings.Replace(past, old, now.source(by[0]), 1)
		}
	}
	return strings.TrimRight(past, "？?。！! ") + "，" + strings.TrimSpace(now.Text)
}

// source is the text of an entity as it was typed.
func (q Question) source(e Entity) string {
	start, end := q.Folded.Source(e.Start, e.End)
	return q.Text[start:end]
}

// inherit takes over the type and time that now leaves open.
func inherit(q *Question, before, now Question) {
	if now.Want == Anything || now.Want == YesNo && now.Weak || now.Weak && now.Want == Definition {
		q.Want, q.Weak = before.Want, before.Weak
	}
	if now.Dimension == report.NoDimension && q.Want == before.Want {
		q.Unit, q.Dimension = before.Unit, before.Dimension
	}
	if len(now.Years)+len(now.Relative) == 0 && !now.FiveYears && now.Tense == AnyTense {
		q.Years, q.Relative, q.FiveYears, q.Tense = before.Years, before.Relative, before.FiveYears, before.Tense
	} else if len(now.Years)+len(now.Relative) == 0 {
		q.Years, q.Relative = nil, nil
	}
}

func (q Question) text(e Entity) string { return string(q.Folded.Runes[e.Start:e.End]) }

// inContent keeps the entities that lie in content.
func inContent(q Question, entities []Entity) []Entity {
	var out []Entity
	for _, e := range entities {
		for _, s := range q.Content {
			if s.Weight == 1 && e.Start >= s.Start && e.End <= s.End {
				out = append(out, e)
				break
			}
		}
	}
	return out
}

// without cuts the replaced entities out of a span.
func without(s Span, cut []Entity) []Span {
	out := []Span{s}
	for _, e := range cut {
		var next []Span
		for _, p := range out {
			if e.End <= p.Start || e.Start >= p.End {
				next = append(next, p)
				continue
			}
			if e.Start > p.Start {
				next = append(next, Span{p.Start, e.Start, p.Weight})
			}
			if e.End < p.End {
				next = append(next, Span{e.End, p.End, p.Weight})
			}
		}
		out = next
	}
	return out
}

func contentRunes(q Question) int {
	n := 0
	for _, s := range q.Content {
		if s.Weight < 1 && s.Weight != carried {
			continue
		}
		for _, r := range q.Folded.Runes[s.Start:s.End] {
			if (analysis.IsHan(r) || analysis.IsWordRune(r)) && !IsFunction(r) {
				n++
			}
		}
	}
	return n
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

func hasPrefixAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

var joints = []string{"还有", "另外", "以及", "再就是", "顺便", "同时", "and ", "also "}

// Split cuts a question into its asks: at ？ and ；, and at ，where both sides
// ask for something. It returns at least one part.
func Split(text string) []string {
	var parts []string
	for _, p := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("？?；;\n", r) }) {
		if strings.TrimSpace(p) != "" {
			parts = append(parts, splitClauses(strings.TrimSpace(p))...)
		}
	}
	if len(parts) == 0 {
		return []string{text}
	}
	return capAsks(parts)
}

const mostAsks = 4

// splitClauses cuts at the commas between two asks.
func splitClauses(text string) []string {
	var out []string
	rest := text
	for len(out) < mostAsks-1 {
		at, size := -1, 0
		for i, r := range rest {
			if r != '，' && r != ',' {
				continue
			}
			left, right := rest[:i], strings.TrimSpace(rest[i+utf8.RuneLen(r):])
			if asksByItself(left) && (asksByItself(right) || hasPrefixAny(right, joints)) {
				at, size = i, utf8.RuneLen(r)
				break
			}
		}
		if at < 0 {
			break
		}
		out = append(out, rest[:at])
		rest = strings.TrimSpace(rest[at+size:])
	}
	return append(out, rest)
}

func asksByItself(s string) bool {
	q := Parse(s)
	return q.Want != Anything && q.Want != YesNo && (!q.Weak || q.Want == Definition) && q.Talk == NoTalk
}

// capAsks keeps the first asks and takes the rest for one.
func capAsks(parts []string) []string {
	if len(parts) > mostAsks {
		parts = append(parts[:mostAsks-1:mostAsks-1], strings.Join(parts[mostAsks-1:], " "))
	}
	return parts
}
