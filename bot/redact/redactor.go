package redact

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
)

// minRegistered is the length below which a registered value is ignored:
// replacing it would garble more text than it protects.
const minRegistered = 4

// shapes are secrets recognisable without being registered. What a shape's
// replacement keeps says which secret was there. Texts without any of what it
// needs, which most of a log are, do not have it.
var shapes = []shape{
	{regexp.MustCompile(`(?i)bot\d+(?::|%3A)[\w-]+`), "bot" + Mark, []string{":", "%3A", "%3a"}},
	{regexp.MustCompile(`\b\d{8,12}(?::|%3A)[\w-]{35}`), Mark, []string{":", "%3A"}},
	{regexp.MustCompile(`xox.-[\w-]+`), Mark, []string{"xox"}},
	{regexp.MustCompile(`xapp-[\w-]+`), Mark, []string{"xapp-"}},
	{regexp.MustCompile(`hooks\.slack(-gov)?\.com/[^\s"'<>\\]*`), "hooks.slack$1.com/" + Mark, []string{"hooks.slack"}},
	{regexp.MustCompile(`(://[^\s/:@"']*):[^\s/@"']+@`), "$1:" + Mark + "@", []string{"://"}},
}

type shape struct {
	pattern     *regexp.Regexp
	replacement string
	needs       []string
}

func (s shape) strip(text string) string {
	for _, need := range s.needs {
		if strings.Contains(text, need) {
			return s.pattern.ReplaceAllString(text, s.replacement)
		}
	}
	return text
}

// Redactor strips secrets from texts. It is safe for concurrent use, and
// shares what is registered with everything made from it.
type Redactor struct {
	registered atomic.Pointer[registry]
}

// registry is immutable: adding a value makes another one.
type registry struct {
	values   []string
	replacer *strings.Replacer
}

// New returns a Redactor that knows the shapes of platform tokens and the
// given values.
func New(values ...string) *Redactor {
	r := &Redactor{}
	r.registered.Store(newRegistry(nil))
	r.Add(values...)
	return r
}

// Add registers more values, such as a token received at run time. Values
// shorter than four bytes are ignored.
func (r *Redactor) Add(values ...string) {
	for {
		old := r.registered.Load()
		next := newRegistry(append(slices.Clone(old.values), encodings(values)...))
		if r.registered.CompareAndSwap(old, next) {
			return
		}
	}
}

// String returns text without secrets.
func (r *Redactor) String(text string) string {
	text = r.registered.Load().replacer.Replace(text)
	for _, s := range shapes {
		text = s.strip(text)
	}
	return text
}

// newRegistry builds the replacer, longest value first, since a value may
// begin with another.
func newRegistry(values []string) *registry {
	slices.SortFunc(values, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	values = slices.Compact(values)
	pairs := make([]string, 0, 2*len(values))
	for _, v := range values {
		pairs = append(pairs, v, Mark)
	}
	return &registry{values: values, replacer: strings.NewReplacer(pairs...)}
}

// encodings returns each value worth registering in the forms in which URLs
// and JSON carry it.
func encodings(values []string) []string {
	var out []string
	for _, v := range values {
		v = strings.TrimSpace(v)
		if len(v) < minRegistered {
			continue
		}
		out = append(out, v, url.QueryEscape(v), url.PathEscape(v))
		if quoted, err := json.Marshal(v); err == nil {
			out = append(out, string(quoted[1:len(quoted)-1]))
		}
	}
	return out
}
