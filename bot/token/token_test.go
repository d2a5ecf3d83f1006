package token_test

import (
	"testing"

	"wenbao/bot/token"
)

func TestLongest(t *testing.T) {
	longest := token.Token{Verb: token.Paragraph, Name: "ABCDEFGHIJKLMNOPQRSTUVWX", Args: [2]int{-9999, -9999}}
	if s := longest.String(); len(s) > token.Max {
		t.Errorf("%d bytes: %s", len(s), s)
	}
	if len(token.Key("x")) > 24 || token.Key("x") == token.Key("y") {
		t.Error("keys are not names")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "1m:ABCDEFGH", "1p:ABCDEFGH:2:-3", "1T::3", "2m:A", "1m", "1m:a:b", "1m:a:1:2:3", "1m:\x00", "1p:A:+1", "1p:A:01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tok, err := token.Parse(s)
		if err != nil {
			return
		}
		again, err := token.Parse(tok.String())
		if err != nil || again != tok {
			t.Errorf("%q: %+v became %+v, %v", s, tok, again, err)
		}
	})
}
