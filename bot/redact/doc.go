// Package redact keeps secrets out of logs, errors and printed values.
//
// A [Secret] never prints itself. A [Redactor] strips what did get into a
// text: platform tokens by their shape, and every secret registered with it.
// Its [Redactor.Handler] guards a logger, its [Redactor.Client] and
// [Redactor.Transport] guard the errors of HTTP calls.
//
// The package imports nothing of the project, so that every other may use it.
package redact

// Mark stands wherever a secret was.
const Mark = "[redacted]"
