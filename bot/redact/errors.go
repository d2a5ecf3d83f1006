package redact

import (
	"errors"
	"net/url"
)

// Error returns err with a message free of secrets, or err itself where there
// is nothing to strip. errors.Is and errors.As still find everything err wraps;
// a *url.Error at the surface they find as a copy with its address stripped.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	message := err.Error()
	clean := r.String(message)
	if clean == message {
		return err
	}
	return &cleanError{message: clean, wrapped: r.cause(err)}
}

// cause returns what the clean error wraps: a stripped copy of a *url.Error
// at the surface, any other error as it is.
func (r *Redactor) cause(err error) error {
	outer, ok := err.(*url.Error)
	if !ok {
		return err
	}
	return &url.Error{Op: outer.Op, URL: r.String(outer.URL), Err: r.Error(outer.Err)}
}

// cleanError shows message and wraps the error it came from.
type cleanError struct {
	message string
	wrapped error
}

func (e *cleanError) Error() string { return e.message }

// GoString keeps %#v from printing the wrapped error's fields.
func (e *cleanError) GoString() string { return e.message }

func (e *cleanError) Unwrap() error { return e.wrapped }

// Timeout answers for the wrapped error: url.Error.Timeout asks only the error
// that it holds, and does not unwrap it.
func (e *cleanError) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.As(e.wrapped, &t) && t.Timeout()
}
