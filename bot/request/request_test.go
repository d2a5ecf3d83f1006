package request_test

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"wenbao/bot/request"
)

func TestPick(t *testing.T) {
	for given, kept := range map[string]bool{
		"a": true, "Az09-_.": true, strings.Repeat("x", 64): true, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01": true,
		"": false, strings.Repeat("x", 65): false, "a b": false, "a\nb": false, "问": false, `"`: false, "a=b": false,
	} {
		if got := request.Pick(given); (got == given) != kept || got == "" {
			t.Errorf("%q becomes %q", given, got)
		}
	}
	if a, b := request.New(), request.New(); a == b {
		t.Error("two requests have one id")
	}
}

// Lines have the id of the context that they are logged with, in any group of
// loggers, and no others have one.
func TestLinesHaveTheID(t *testing.T) {
	var out bytes.Buffer
	traceOf := func(ctx context.Context) string {
		if request.ID(ctx) == "r1" {
			return "t1"
		}
		return ""
	}
	plain := slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}})
	log := slog.New(request.Handler(plain, traceOf))
	ctx := request.With(t.Context(), "r1")
	log.InfoContext(ctx, "a", "x", 1)
	log.With("y", 2).InfoContext(ctx, "b", "x", 1, "x", 2, "x", 3, "x", 4, "x", 5, "x", 6)
	log.InfoContext(request.With(ctx, "r2"), "c")
	log.Info("d")
	log.WithGroup("g").InfoContext(ctx, "e")
	log.DebugContext(ctx, "f")
	slog.New(request.Handler(plain, nil)).InfoContext(ctx, "g")
	want := `msg=a x=1 request=r1 trace=t1
msg=b y=2 x=1 x=2 x=3 x=4 x=5 x=6 request=r1 trace=t1
msg=c request=r2
msg=d
msg=e g.request=r1 g.trace=t1
msg=g request=r1
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func FuzzPick(f *testing.F) {
	f.Add("abc")
	f.Add("a\x00b")
	proper := regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	f.Fuzz(func(t *testing.T, given string) {
		if got := request.Pick(given); !proper.MatchString(got) || request.Pick(got) != got {
			t.Errorf("%q becomes %q", given, got)
		}
	})
}
