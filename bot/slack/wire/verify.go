package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"wenbao/bot/redact"
)

// MaxBody is the most bytes of a request that are read; Slack's are far
// smaller.
const MaxBody = 1 << 20

// Ahead is how far Slack's clock may be ahead of ours, and Age how old a
// request may be.
const (
	Ahead = time.Minute
	Age   = 5 * time.Minute
)

// Errors of Read.
var (
	ErrUnsigned = errors.New("not signed by Slack")
	ErrTooLarge = errors.New("the request is too large")
)

// A Verifier knows the signing secret of an app.
type Verifier struct {
	secret redact.Secret
	now    func() time.Time
}

// NewVerifier returns a Verifier; an empty secret is an error, since then
// everybody could sign.
func NewVerifier(secret redact.Secret, now func() time.Time) (Verifier, error) {
	if strings.TrimSpace(secret.Reveal()) == "" {
		return Verifier{}, errors.New("slack: the signing secret is empty")
	}
	return Verifier{secret, now}, nil
}

// Read returns the body of a request that Slack signed.
func (v Verifier) Read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, ErrTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	return body, v.Check(r.Header, body)
}

// Check returns nil for a body that Slack signed just now, and otherwise an
// error that is ErrUnsigned.
func (v Verifier) Check(h http.Header, body []byte) error {
	if len(h.Values("X-Slack-Signature")) != 1 || len(h.Values("X-Slack-Request-Timestamp")) != 1 {
		return fmt.Errorf("%w: signature and timestamp are needed once each", ErrUnsigned)
	}
	if s := h.Get("X-Slack-Signature"); s != strings.ToLower(s) {
		return fmt.Errorf("%w: the signature is not in lower case", ErrUnsigned)
	}
	stamp := h.Get("X-Slack-Request-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != stamp {
		return fmt.Errorf("%w: the timestamp is not a number", ErrUnsigned)
	}
	switch age := v.now().Sub(time.Unix(seconds, 0)); {
	case age > Age:
		return fmt.Errorf("%w: the timestamp is old", ErrUnsigned)
	case age < -Ahead:
		return fmt.Errorf("%w: the timestamp is in the future", ErrUnsigned)
	}
	verifier, err := slack.NewSecretsVerifier(h, v.secret.Reveal())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsigned, err)
	}
	if _, err := verifier.Write(body); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsigned, err)
	}
	if err := verifier.Ensure(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsigned, err)
	}
	return nil
}
