package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is the API's refusal of a call.
type Error struct {
	Code        int
	Description string
	After       time.Duration // how long to wait; 0 where it does not say
	MigratedTo  int64         // the supergroup that a group became; 0 for none
}

// Error returns code and description.
func (e *Error) Error() string {
	if e.After > 0 {
		return fmt.Sprintf("%d %s (after %s)", e.Code, e.Description, e.After)
	}
	return fmt.Sprintf("%d %s", e.Code, e.Description)
}

// RetryAfter is how long to wait before the call is made again.
func (e *Error) RetryAfter() time.Duration { return e.After }

// says reports whether the description holds one of the words.
func (e *Error) says(words ...string) bool {
	d := strings.ToLower(e.Description)
	for _, w := range words {
		if strings.Contains(d, w) {
			return true
		}
	}
	return false
}

// BrokenError is an answer that is not the API's: a proxy's page, half a
// document.
type BrokenError struct {
	Status int
	Body   []byte // never shown: it may be anything
}

// Error says what came instead of an answer.
func (e *BrokenError) Error() string {
	if e.Status != http.StatusOK {
		return fmt.Sprintf("status %d without an answer of the API (%d bytes)", e.Status, len(e.Body))
	}
	return fmt.Sprintf("an answer that is not one of the API (%d bytes)", len(e.Body))
}

// Kind says what an error asks for.
type Kind int

const (
	None         Kind = iota
	Passing           // the network, a proxy, Telegram itself: try again
	Slow              // too many requests: try again after RetryAfter
	Unauthorized      // the token is not one
	Conflict          // somebody else takes the updates, or a webhook is set
	Entities          // the formatting was refused
	Unchanged         // an edit that changes nothing: as good as done
	Missing           // the message to be edited or deleted cannot be
	TooLate           // a callback or inline query that has expired
	Migrated          // the chat has another id now
	Unreachable       // the chat is gone, or the bot has no place in it
	Absent            // no such method, or no such bot
	Refused           // anything else that is wrong with the request
)

// KindOf classifies an error of Call.
func KindOf(err error) Kind {
	if err == nil {
		return None
	}
	var e *Error
	if !errors.As(err, &e) {
		return Passing
	}
	switch {
	case e.After > 0 || e.Code == http.StatusTooManyRequests: // an upload's 429 comes without a code
		return Slow
	case e.MigratedTo != 0:
		return Migrated
	case e.Code == http.StatusUnauthorized:
		return Unauthorized
	case e.Code == http.StatusNotFound:
		return Absent
	case e.Code == http.StatusConflict:
		return Conflict
	case e.Code == http.StatusForbidden:
		return Unreachable
	case e.Code >= 500 || e.Code == 0:
		return Passing
	}
	return ofDescription(e)
}

// ofDescription classifies what the API tells apart in words only.
func ofDescription(e *Error) Kind {
	switch {
	case e.says("message is not modified"):
		return Unchanged
	case e.says("can't parse", "entities", "entity"):
		return Entities
	case e.says("query is too old", "query id is invalid", "query_id_invalid"):
		return TooLate
	case e.says("message to edit not found", "message can't be edited", "message to delete not found", "message can't be deleted", "message_id_invalid"):
		return Missing
	case e.says("chat not found", "bot was kicked", "bot was blocked", "not enough rights", "have no rights", "need administrator rights",
		"topic_closed", "topic_deleted", "message thread not found", "user is deactivated", "chat_write_forbidden", "peer_id_invalid", "group chat was deactivated"):
		return Unreachable
	}
	return Refused
}

// result names the outcome of a call, for metrics.
func result(err error) string {
	if errors.Is(err, context.Canceled) {
		return "cancelled"
	}
	switch KindOf(err) {
	case None:
		return "ok"
	case Passing:
		return "failed"
	case Slow:
		return "rate_limited"
	case Unauthorized:
		return "unauthorized"
	case Conflict:
		return "conflict"
	case Unchanged:
		return "unchanged"
	}
	return "refused"
}
