package install_test

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"wenbao/bot/redact"
	"wenbao/bot/slack/install"
	"wenbao/bot/store"
	"wenbao/configs"
)

func TestInstallationsAreKeptEncrypted(t *testing.T) {
	file, err := store.OpenFile(filepath.Join(t.TempDir(), "installations.log"), true, store.Bound{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, kv := range map[string]interface {
		install.KV
		Scan(ctx context.Context, f func(store.Item) bool) error
	}{"memory": store.NewMemory(store.Bound{}, time.Now), "file": file} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			s, err := install.NewStore(kv, redact.NewSecret("0123456789abcdef"))
			if err != nil {
				t.Fatal(err)
			}
			want := install.Installation{Workspace: "T1", BotUser: "U1", Token: redact.NewSecret("xoxb-1-secret"), At: time.Unix(5, 0).UTC()}
			if err := s.Put(ctx, want); err != nil {
				t.Fatal(err)
			}
			got, found, err := s.Get(ctx, "T1")
			if err != nil || !found || got.Token.Reveal() != "xoxb-1-secret" || got.BotUser != "U1" || !got.At.Equal(want.At) {
				t.Errorf("%+v %v %v", got, found, err)
			}
			if _, found, err := s.Get(ctx, "T2"); found || err != nil {
				t.Errorf("an unknown workspace: %v %v", found, err)
			}
			scan(t, kv, func(i store.Item) {
				if bytes.Contains(i.Value, []byte("xoxb")) || bytes.Contains(i.Value, []byte("U1")) {
					t.Error("kept in the clear")
				}
				// Under another workspace's name the same bytes are refused.
				i.Key = i.Key[:len(i.Key)-1] + "9"
				if err := kv.Put(ctx, i); err != nil {
					t.Fatal(err)
				}
			})
			if _, _, err := s.Get(ctx, "T9"); err == nil {
				t.Error("a moved value is read")
			}
			other, err := install.NewStore(kv, redact.NewSecret("another key, long"))
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := other.Get(ctx, "T1"); err == nil {
				t.Error("read with another key")
			}
			if err := s.Delete(ctx, "T1"); err != nil {
				t.Fatal(err)
			}
			if _, found, _ := s.Get(ctx, "T1"); found {
				t.Error("still there")
			}
		})
	}
	if _, err := install.NewStore(file, redact.Secret{}); err == nil {
		t.Error("no key is accepted")
	}
}

func scan(t *testing.T, kv interface {
	Scan(ctx context.Context, f func(store.Item) bool) error
}, f func(store.Item)) {
	t.Helper()
	var all []store.Item
	if err := kv.Scan(t.Context(), func(i store.Item) bool { all = append(all, i); return true }); err != nil || len(all) == 0 {
		t.Fatal(err, len(all))
	}
	for _, i := range all {
		f(i)
	}
}

// Who installs the app elsewhere is asked for what the manifest asks for.
func TestScopesAreThoseOfTheManifest(t *testing.T) {
	text, err := configs.SlackManifest("https://w.example.com", "/ask")
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `yaml:"oauth_config"`
	}
	if err := yaml.Unmarshal([]byte(text), &m); err != nil || !slices.Equal(m.OAuth.Scopes.Bot, install.Scopes()) {
		t.Errorf("%v %v", m, err)
	}
}
