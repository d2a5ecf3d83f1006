package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The exit statuses.
const (
	statusDone     = 0
	statusNoAnswer = 1
	statusMisuse   = 2
	statusFailed   = 3
)

// A statusError ends the program with a status of its own.
type statusError struct {
	status int
	err    error // nil: everything was said already
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// misuse is an error of whoever called: wrong use or bad input.
func misuse(format string, args ...any) error {
	return &statusError{statusMisuse, fmt.Errorf(format, args...)}
}

// quietly ends with a status, nothing more being said.
func quietly(status int) error { return &statusError{status: status} }

func statusOf(err error) int {
	var s *statusError
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &s):
		return s.status
	}
	return statusFailed
}

// messageOf is what an error says to people, "" where nothing is left to say.
func messageOf(err error) string {
	var s *statusError
	if err == nil || errors.As(err, &s) && s.err == nil {
		return ""
	}
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return strings.TrimSpace(err.Error())
}
