package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"wenbao/configs"
)

// opsHandler serves the operators' listener. Health is everybody's; the rest
// asks for a token where there are any.
func opsHandler(health http.Handler, registry *prometheus.Registry, tokens configs.OpsTokens) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", health)
	mux.Handle("GET /readyz", health)
	mux.Handle("GET /metrics", withToken(tokens, promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry})))
	return mux
}

// withToken lets requests pass that carry one of the tokens.
func withToken(tokens configs.OpsTokens, next http.Handler) http.Handler {
	if len(tokens) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !known(tokens, r.Header.Get("Authorization")) {
			unauthorized(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// known compares with every token, in the same time for all.
func known(tokens configs.OpsTokens, authorization string) bool {
	scheme, token, _ := strings.Cut(authorization, " ")
	digest := sha256.Sum256([]byte(strings.TrimSpace(token)))
	match := 0
	for _, t := range tokens {
		match |= subtle.ConstantTimeCompare(digest[:], t.Digest[:])
	}
	return strings.EqualFold(scheme, "Bearer") && match == 1
}

func unauthorized(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="wenbao"`)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusUnauthorized)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "about:blank", "title": http.StatusText(http.StatusUnauthorized), "status": http.StatusUnauthorized,
		"detail": "A token of ops.tokens is needed: Authorization: Bearer TOKEN",
	})
}
