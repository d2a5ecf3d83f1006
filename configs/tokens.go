package configs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"wenbao/bot/redact"
)

// The roles of an operator's token: operate includes read.
const (
	RoleRead    = "read"
	RoleOperate = "operate"
)

// OpsTokens are the tokens that the ops listener accepts.
type OpsTokens []OpsToken

// OpsToken is one operator's token. Compare by Digest; Token is empty where
// the settings hold only the digest.
type OpsToken struct {
	Name   string
	Role   string
	Token  Secret
	Digest [sha256.Size]byte
}

// String shows the token as the settings give it, without the secret.
func (t OpsToken) String() string { return t.Name + ":" + t.Role + ":" + redact.Mark }

// GoString is what %#v shows.
func (t OpsToken) GoString() string { return t.String() }

var tokenName = regexp.MustCompile(`^[\p{L}\p{N}_.-]+$`)

const digestPrefix = "sha256:"

// parseOpsToken reads name:role:token. Its errors do not hold the token.
func parseOpsToken(text string) (OpsToken, error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 {
		return OpsToken{}, errors.New("a token is written name:role:token")
	}
	t := OpsToken{Name: parts[0], Role: parts[1]}
	if !tokenName.MatchString(t.Name) {
		return OpsToken{}, errors.New("a token's name is made of letters, digits and _ . -")
	}
	if t.Role != RoleRead && t.Role != RoleOperate {
		return OpsToken{}, fmt.Errorf("the role of token %q is %q or %q", t.Name, RoleRead, RoleOperate)
	}
	secret := parts[2]
	if secret == "" || secret == redact.Mark {
		return OpsToken{}, fmt.Errorf("token %q is empty", t.Name)
	}
	if digest, ok := strings.CutPrefix(secret, digestPrefix); ok {
		return t.withDigest(digest)
	}
	t.Token, t.Digest = redact.NewSecret(secret), sha256.Sum256([]byte(secret))
	return t, nil
}

func (t OpsToken) withDigest(digest string) (OpsToken, error) {
	raw, err := hex.DecodeString(digest)
	if err != nil || len(raw) != sha256.Size {
		return OpsToken{}, fmt.Errorf("token %q needs %d hexadecimal digits after %s", t.Name, 2*sha256.Size, digestPrefix)
	}
	copy(t.Digest[:], raw)
	return t, nil
}
