// Package install lets workspaces install the app themselves, and keeps the
// tokens that Slack gives for them, encrypted.
package install

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wenbao/bot/redact"
	"wenbao/bot/store"
)

// An Installation is the app in one workspace, or in an enterprise.
type Installation struct {
	Workspace string // team, or enterprise where all of it installed the app
	BotUser   string
	Token     redact.Secret
	At        time.Time
}

// KV is where installations are kept; store.Memory and store.File are ones.
type KV interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Put(ctx context.Context, i store.Item) error
	Delete(ctx context.Context, key string) error
}

var (
	_ KV = (*store.Memory)(nil)
	_ KV = (*store.File)(nil)
)

// Store keeps installations. A value can be read only with the key, and only
// under the workspace it was kept for.
type Store struct {
	kv   KV
	aead cipher.AEAD
}

// prefix of keys, so that a KV can be shared.
const prefix = "slack/installation/"

// NewStore returns a Store that encrypts with a key derived from secret.
func NewStore(kv KV, secret redact.Secret) (*Store, error) {
	if !secret.IsSet() {
		return nil, errors.New("slack: a secret key is needed to keep the tokens of workspaces")
	}
	key, err := hkdf.Key(sha256.New, []byte(secret.Reveal()), nil, "wenbao slack installations", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return &Store{kv, aead}, nil
}

type kept struct {
	BotUser string    `json:"bot_user"`
	Token   string    `json:"token"`
	At      time.Time `json:"at"`
}

// Put keeps an installation in the place of an earlier one.
func (s *Store) Put(ctx context.Context, i Installation) error {
	if i.Workspace == "" || !i.Token.IsSet() {
		return errors.New("keep installation: a workspace and a token are needed")
	}
	clear, err := json.Marshal(kept{i.BotUser, i.Token.Reveal(), i.At})
	if err != nil {
		return fmt.Errorf("keep installation: %w", err)
	}
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("keep installation: %w", err)
	}
	key := prefix + i.Workspace
	if err := s.kv.Put(ctx, store.Item{Key: key, Value: s.aead.Seal(nonce, nonce, clear, []byte(key))}); err != nil {
		return fmt.Errorf("keep installation: %w", err)
	}
	return nil
}

// Get returns the installation of a workspace.
func (s *Store) Get(ctx context.Context, workspace string) (Installation, bool, error) {
	key := prefix + workspace
	sealed, found, err := s.kv.Get(ctx, key)
	if err != nil {
		return Installation{}, false, fmt.Errorf("find installation: %w", err)
	}
	if !found {
		return Installation{}, false, nil
	}
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return Installation{}, false, errors.New("find installation: the value is damaged")
	}
	clear, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(key))
	if err != nil {
		return Installation{}, false, errors.New("find installation: the value was kept with another secret key, or is damaged")
	}
	var k kept
	if err := json.Unmarshal(clear, &k); err != nil {
		return Installation{}, false, errors.New("find installation: the value is damaged")
	}
	return Installation{workspace, k.BotUser, redact.NewSecret(k.Token), k.At}, true, nil
}

// Delete forgets the installation of a workspace.
func (s *Store) Delete(ctx context.Context, workspace string) error {
	if err := s.kv.Delete(ctx, prefix+workspace); err != nil {
		return fmt.Errorf("forget installation: %w", err)
	}
	return nil
}
