// Package redis connects to Redis, which an answer can always do without: a
// command fails fast, one answer spends at most its Budget on all of them, a
// node that does not answer is left alone until it does again, and every
// failure is ErrUnavailable, a metric, and at most one log line a minute.
//
// What is kept there is in the packages below; keys and their lifetimes are
// in docs/redis.md.
package redis
