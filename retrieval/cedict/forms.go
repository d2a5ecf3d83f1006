package cedict

import "strings"

var spelling = strings.NewReplacer(
	"isation", "ization", "ising", "izing", "ised", "ized",
	"ogramme", "ogram", "abour", "abor", "avour", "avor", "olour", "olor",
	"eighbour", "eighbor", "arbour", "arbor", "ehaviour", "ehavior", "onour", "onor",
	"centre", "center", "metre", "meter", "litre", "liter", "theatre", "theater", "fibre", "fiber",
	"defence", "defense", "licence", "license", "alogue", "alog", "ageing", "aging",
	"travell", "travel", "cheque", "check", "plough", "plow", "aluminium", "aluminum",
)

// american respells British words. What it makes of other words does no harm,
// as it is only looked up where the word as it stands is unknown.
func american(s string) string {
	s = spelling.Replace(s)
	if strings.HasSuffix(s, "ise") {
		s = s[:len(s)-1-1] + "ze"
	}
	return s
}

// irregular holds forms that no ending explains, of words that questions about
// government work use.
var irregular = map[string]string{
	"children": "child", "people": "person", "men": "man", "women": "woman", "feet": "foot",
	"analyses": "analysis", "bases": "basis", "crises": "crisis", "criteria": "criterion", "phenomena": "phenomenon",
	"built": "build", "rebuilt": "rebuild", "grew": "grow", "grown": "grow", "rose": "rise", "risen": "rise",
	"fell": "fall", "fallen": "fall", "spent": "spend", "held": "hold", "led": "lead", "made": "make",
	"paid": "pay", "taught": "teach", "brought": "bring", "bought": "buy", "sold": "sell", "kept": "keep",
	"given": "give", "gave": "give", "taken": "take", "took": "take", "began": "begin", "begun": "begin",
	"won": "win", "lost": "lose", "met": "meet", "done": "do", "did": "do", "went": "go", "gone": "go",
	"came": "come", "became": "become", "chosen": "choose", "chose": "choose", "driven": "drive", "drove": "drive",
	"drawn": "draw", "known": "know", "knew": "know", "shown": "show", "written": "write", "wrote": "write",
	"broken": "break", "broke": "break", "frozen": "freeze", "sent": "send", "lent": "lend", "dealt": "deal",
	"felt": "feel", "fought": "fight", "sought": "seek", "thought": "think", "understood": "understand",
	"undertaken": "undertake", "undertook": "undertake", "overcame": "overcome", "upheld": "uphold",
}

// number gives what w may be the plural or third person of, or else its plural,
// since the dictionary has some nouns in the plural only (taxes, sports).
func number(w string) []string {
	if base, ok := irregular[w]; ok {
		return []string{base}
	}
	switch {
	case strings.HasSuffix(w, "'s"), strings.HasSuffix(w, "s'"):
		return []string{w[:len(w)-2], strings.TrimSuffix(w, "'")}
	case len(w) < 4 || strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us") || strings.HasSuffix(w, "is"):
	case strings.HasSuffix(w, "ies"):
		return []string{w[:len(w)-3] + "y", w[:len(w)-1]}
	case strings.HasSuffix(w, "ves"):
		return []string{w[:len(w)-3] + "f", w[:len(w)-3] + "fe", w[:len(w)-1]}
	case strings.HasSuffix(w, "es"):
		return []string{w[:len(w)-1], w[:len(w)-2]}
	case strings.HasSuffix(w, "s"):
		return []string{w[:len(w)-1]}
	}
	if base, ok := strings.CutSuffix(w, "y"); ok {
		return []string{base + "ies", w + "s"}
	}
	return []string{w + "s", w + "es"}
}

// verbal gives what w may be the past form or participle of.
func verbal(w string) []string {
	stem := ""
	switch {
	case len(w) > 5 && strings.HasSuffix(w, "ing"):
		stem = w[:len(w)-3]
	case len(w) > 4 && strings.HasSuffix(w, "ied"):
		return []string{w[:len(w)-3] + "y"}
	case len(w) > 4 && strings.HasSuffix(w, "ed"):
		stem = w[:len(w)-2]
	default:
		return nil
	}
	out := []string{stem, stem + "e"}
	// planned → plan
	if n := len(stem); n > 3 && stem[n-1] == stem[n-2] {
		out = append(out, stem[:n-1])
	}
	return out
}

// derived gives the verbs that w may be the noun of.
func derived(w string) []string {
	if len(w) < 7 {
		return nil
	}
	for _, d := range []struct {
		noun  string
		verbs []string
	}{
		{"ification", []string{"ify"}},                // certification
		{"umption", []string{"ume"}},                  // consumption
		{"ization", []string{"ize"}},                  // modernization
		{"ation", []string{"ate", "e", "", "ify"}},    // irrigation, conservation, taxation
		{"ition", []string{"ite", "e", "it"}},         // composition
		{"uction", []string{"uce", "uct"}},            // reduction, construction
		{"tion", []string{"t", "te", "e"}},            // protection, completion
		{"nsion", []string{"nd", "nse"}},              // expansion
		{"sion", []string{"de", "d", "s", "se", "t"}}, // decision
		{"ment", []string{""}},                        // improvement
	} {
		if stem, ok := strings.CutSuffix(w, d.noun); ok && len(stem) >= 2 {
			out := make([]string, len(d.verbs))
			for i, v := range d.verbs {
				out[i] = stem + v
			}
			return out
		}
	}
	return nil
}
