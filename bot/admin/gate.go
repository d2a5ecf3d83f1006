package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wenbao/bot/audit"
	"wenbao/bot/reindex"
)

// The roles of a token: operate includes read.
const (
	RoleRead    = "read"
	RoleOperate = "operate"
)

// A Token lets an operator in, who is known by its name.
type Token struct {
	Name   string
	Role   string
	Digest [sha256.Size]byte // of the token
}

// Gate knows who may do what. It is safe for concurrent use.
type Gate struct {
	tokens  atomic.Pointer[[]Token]
	strikes *strikes
	audit   *audit.Log
	now     func() time.Time
}

// NewGate returns a Gate for these tokens. Without any, everybody on this
// machine is an operator. What is refused goes into the audit log.
func NewGate(tokens []Token, log *audit.Log, now func() time.Time) *Gate {
	g := &Gate{strikes: &strikes{now: now, by: map[string]*strike{}}, audit: log, now: now}
	g.SetTokens(tokens)
	return g
}

// SetTokens changes the tokens.
func (g *Gate) SetTokens(tokens []Token) { g.tokens.Store(&tokens) }

type callerKey struct{}

// CallerOf returns who makes a request that passed the Gate.
func CallerOf(r *http.Request) reindex.Caller {
	c, _ := r.Context().Value(callerKey{}).(reindex.Caller)
	c.Request = RequestID(r)
	return c
}

// Guard lets requests pass that have the role.
func (g *Gate) Guard(role string, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := addressOf(r)
		if wait := g.strikes.wait(from); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
			Problem(w, r, http.StatusTooManyRequests, "too many wrong tokens came from this address")
			return
		}
		caller, known := g.know(r)
		caller.From = from
		switch {
		case !known:
			g.refuse(w, r, caller)
			return
		case role == RoleOperate && caller.Role != RoleOperate:
			g.note(r, caller, "refused: role "+caller.Role)
			w.Header().Set("WWW-Authenticate", `Bearer realm="wenbao", error="insufficient_scope", scope="operate"`)
			Problem(w, r, http.StatusForbidden, "this takes a token of the role operate")
			return
		}
		next(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
	})
}

// refuse answers a request without a valid token. One that has a wrong token
// counts against its address.
func (g *Gate) refuse(w http.ResponseWriter, r *http.Request, caller reindex.Caller) {
	challenge := `Bearer realm="wenbao"`
	detail := "a token is needed: Authorization: Bearer TOKEN"
	if len(*g.tokens.Load()) == 0 {
		detail = "without tokens only requests to this machine's own address are taken"
	} else if r.Header.Get("Authorization") != "" {
		g.strikes.add(caller.From)
		g.note(r, caller, "refused: wrong token")
		challenge += `, error="invalid_token"`
		detail = "the token is not valid"
	}
	w.Header().Set("WWW-Authenticate", challenge)
	Problem(w, r, http.StatusUnauthorized, detail)
}

func (g *Gate) note(r *http.Request, c reindex.Caller, outcome string) {
	// What cannot be written down is refused all the same.
	_ = g.Record(r, c, audit.Entry{What: r.Pattern, Outcome: outcome})
}

// Record writes into the audit log what a caller did by a request.
func (g *Gate) Record(r *http.Request, c reindex.Caller, e audit.Entry) error {
	e.At, e.Who, e.Role, e.From, e.Request = g.now().UTC(), c.Name, c.Role, c.From, RequestID(r)
	return g.audit.Add(e)
}

// know returns whose token a request has. It takes the same time for all.
func (g *Gate) know(r *http.Request) (reindex.Caller, bool) {
	tokens := *g.tokens.Load()
	if len(tokens) == 0 {
		// A page of another site that has this machine's address under its
		// own name does not get in.
		return reindex.Caller{Name: "local", Role: RoleOperate}, localHost(r.Host)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	digest := sha256.Sum256([]byte(strings.TrimSpace(token)))
	found := -1
	for i := range tokens {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(digest[:], tokens[i].Digest[:]), i, found)
	}
	if found < 0 || !strings.EqualFold(scheme, "Bearer") {
		return reindex.Caller{}, false
	}
	return reindex.Caller{Name: tokens[found].Name, Role: tokens[found].Role}, true
}

func localHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func addressOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// An address may be wrong maxStrikes times in strikeWindow.
const (
	maxStrikes   = 10
	strikeWindow = time.Minute
	maxAddresses = 10_000
)

// strikes counts wrong tokens by address.
type strikes struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]*strike
}

type strike struct {
	n     int
	until time.Time
}

// wait returns how long an address must wait, 0 for not at all.
func (s *strikes) wait(address string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.by[address]
	if k == nil || k.n < maxStrikes {
		return 0
	}
	return max(0, k.until.Sub(s.now()))
}

func (s *strikes) add(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if len(s.by) >= maxAddresses {
		for a, k := range s.by {
			if !now.Before(k.until) {
				delete(s.by, a)
			}
		}
	}
	k := s.by[address]
	if k == nil || !now.Before(k.until) {
		if len(s.by) >= maxAddresses {
			return
		}
		k = &strike{until: now.Add(strikeWindow)}
		s.by[address] = k
	}
	k.n++
}
