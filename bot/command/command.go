// Package command recognises the words of a message that ask for something
// other than an answer, in their Chinese and English spellings.
package command

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"wenbao/bot/ledger"
)

// A Name is what a command does.
type Name string

const (
	None    Name = ""        // a question
	Ask     Name = "ask"     // a question, said to be one
	Help    Name = "help"    //
	Start   Name = "start"   // help, or with Arg the code of an answer to open
	Terms   Name = "terms"   //
	Term    Name = "term"    // Arg: the term
	Sources Name = "sources" //
	Use     Name = "use"     // Arg: a report, "" for none named
	UseAll  Name = "use all" //
	Top     Name = "top"     // N > 0: how many excerpts; else what is often asked
	More    Name = "more"    //
	Reset   Name = "reset"   //
	Forget  Name = "forget"  //
	Verify  Name = "verify"  // Arg: a code
	Lang    Name = "lang"    // Arg: zh, en or what was written
	Unknown Name = "unknown" // Arg: the command as written; Near: one that may have been meant
)

// A Command is a recognised message. Explicit says that it was written as a
// command and cannot be a question.
type Command struct {
	Name     Name
	Arg      string
	N        int
	Near     string
	Explicit bool
}

// words maps spellings to commands: the whole message, or its beginning when
// the command takes an argument.
var words = map[string]Name{
	"ask": Ask, "问": Ask, "提问": Ask,
	"help": Help, "帮助": Help, "?": Help, "？": Help, "用法": Help, "怎么用": Help, "h": Help,
	"start": Start, "开始": Start,
	"terms": Terms, "glossary": Terms, "术语": Terms, "名词": Terms, "名词解释": Terms, "术语表": Terms,
	"term": Term, "解释": Term, "术语解释": Term,
	"sources": Sources, "reports": Sources, "来源": Sources, "报告": Sources, "报告列表": Sources, "有哪些报告": Sources,
	"use": Use, "选择": Use, "选择报告": Use, "使用": Use,
	"top": Top, "popular": Top, "热门": Top, "热门问题": Top, "常见问题": Top, "大家都在问": Top, "条数": Top,
	"more": More, "更多": More, "更多原文": More, "还有吗": More, "还有呢": More,
	"reset": Reset, "重置": Reset, "清空": Reset, "重新开始": Reset,
	"forgetme": Forget, "forget me": Forget, "forget_me": Forget, "忘记我": Forget, "忘掉我": Forget, "删除我的数据": Forget,
	"verify": Verify, "check": Verify, "核对": Verify, "验证": Verify, "查证": Verify,
	"lang": Lang, "language": Lang, "语言": Lang,
}

// takes says which commands take an argument.
var takes = map[Name]bool{Ask: true, Start: true, Term: true, Use: true, Top: true, Verify: true, Lang: true,
	Terms: true /* 术语 X and 名词 X mean term X */}

// Parse recognises a message; command says that the platform delivered it as
// one. Without a slash, a message is a command only where its whole text is
// one or its argument cannot be part of a question.
func Parse(message string, command bool) Command {
	s := strings.Join(strings.Fields(message), " ")
	explicit := command
	if rest, found := strings.CutPrefix(s, "/"); found {
		s, explicit = strings.TrimSpace(rest), true
	}
	head, arg := split(s)
	if explicit {
		head, _, _ = strings.Cut(head, "@")
	}
	head = strings.ToLower(head)
	if name, found := words[strings.ToLower(trimMarks(s))]; found && s != "" {
		c := finish(name, "")
		c.Explicit = explicit
		return c
	}
	name, found := words[head]
	if found && arg != "" && takes[name] {
		if c := finish(name, arg); explicit || unmistakable(c) {
			c.Explicit = explicit
			return c
		}
	}
	if found && explicit {
		c := finish(name, "")
		c.Explicit = true
		return c
	}
	if explicit && isASCII(head) && head != "" {
		return Command{Name: Unknown, Arg: head, Near: near(head), Explicit: true}
	}
	return Command{}
}

// finish makes a command of its name and argument.
func finish(name Name, arg string) Command {
	c := Command{Name: name, Arg: arg}
	switch name {
	case Terms:
		if arg != "" {
			c.Name = Term
		}
	case Use:
		switch strings.ToLower(arg) {
		case "all", "全部", "所有", "全部报告", "所有报告":
			c.Name, c.Arg = UseAll, ""
		}
	case Top:
		if n, err := strconv.Atoi(arg); err == nil && n > 0 {
			c.N = n
		}
	case Lang:
		switch strings.ToLower(arg) {
		case "zh", "中文", "chinese", "汉语":
			c.Arg = "zh"
		case "en", "english", "英文", "英语":
			c.Arg = "en"
		}
	case Verify:
		if code, ok := ledger.ParseCode(arg); ok {
			c.Arg = code
		}
	}
	return c
}

// unmistakable reports whether a command with an argument, written without a
// slash, cannot be a question. Term and Use are left to the caller, who knows
// the terms and reports.
func unmistakable(c Command) bool {
	switch c.Name {
	case UseAll, Term, Use:
		return true
	case Top:
		return c.N > 0
	case Lang:
		return c.Arg == "zh" || c.Arg == "en"
	case Verify:
		return looksLikeCode(c.Arg)
	}
	return false
}

// looksLikeCode reports whether somebody may have meant a code.
func looksLikeCode(s string) bool {
	return len(s) <= 2*ledger.CodeLength && strings.IndexFunc(s, func(r rune) bool {
		return r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}) < 0
}

// split parts the first word from the rest. A Chinese command may be followed
// by its argument after a colon.
func split(s string) (head, arg string) {
	i := strings.IndexFunc(s, func(r rune) bool { return r == ' ' || r == '：' || r == ':' })
	if i < 0 {
		return s, ""
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return s[:i], strings.TrimSpace(s[i+n:])
}

func trimMarks(s string) string {
	if t := strings.TrimRight(s, "。！!.~～"); t != "" {
		return t
	}
	return s
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// near returns the command that s may have been meant as: at most two letters
// differ.
func near(s string) string {
	best, least := "", 3
	for _, w := range []string{"ask", "forgetme", "help", "lang", "more", "reset", "sources", "term", "terms", "top", "use", "verify"} {
		if d := distance(s, w); d < least && d < len(w) {
			best, least = w, d
		}
	}
	return best
}

// distance is Levenshtein's, of ASCII strings; long ones are far.
func distance(a, b string) int {
	if len(a) > 16 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
