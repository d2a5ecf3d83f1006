package reindex_test

import (
	"context"
	"log/slog"
	"testing"

	"wenbao/bot/jobs"
	"wenbao/bot/reindex"
)

// TestCatchUp: reports that are as they were for an older generation were gone
// back to on purpose, unless a reindexing of them was cut short.
func TestCatchUp(t *testing.T) {
	tests := []struct {
		name string
		cut  *jobs.Spec // runs when the server ends
		want string
	}{
		{"gone back", nil, "70座"},
		{"cut short", &jobs.Spec{Kind: reindex.KindReindex, Options: reindex.Options{}}, "7座"},
		{"a dry run cut short", &jobs.Spec{Kind: reindex.KindReindex, Options: reindex.Options{DryRun: true}}, "70座"},
		{"an activation cut short", &jobs.Spec{Kind: reindex.KindActivate, Options: reindex.ActivateOptions{}}, "70座"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, data := newFolder(t), t.TempDir()
			f.bridge("a", 7)
			r := newRig(t, f, data, reindex.Settings{})
			f.bridge("a", 70)
			wantState(t, r.run(reindex.Options{}), jobs.Succeeded)
			f.bridge("a", 7)
			if tt.cut != nil {
				tt.cut.Run = func(ctx context.Context, _ *jobs.Progress) (any, error) { <-ctx.Done(); return nil, ctx.Err() }
				if _, err := r.Jobs.Start(*tt.cut); err != nil {
					t.Fatal(err)
				}
			}
			r.close()
			r = newRig(t, f, data, reindex.Settings{})
			r.CatchUp(slog.New(slog.DiscardHandler))
			for _, j := range r.Jobs.List() {
				r.wait(j)
			}
			if got := r.bridges("a"); got != tt.want {
				t.Errorf("the answer is %s, want %s", got, tt.want)
			}
		})
	}
}
