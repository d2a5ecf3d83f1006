package redact

import "testing"

// FuzzShapes: what a shape needs is in every text that it has to do with.
func FuzzShapes(f *testing.F) {
	for _, text := range []string{"BOT1%3aabc", "bot12:x", "12345678:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "xoxb-1", "xapp-1", "hooks.slack-gov.com/", "://a:b@", "%3A", "plain"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range shapes {
			if got, want := s.strip(text), s.pattern.ReplaceAllString(text, s.replacement); got != want {
				t.Errorf("%v: %q becomes %q, not %q", s.pattern, text, got, want)
			}
		}
	})
}
