// Package wire verifies and decodes what Slack sends, over HTTP and over a
// socket alike. It decides nothing: it only says what was sent.
//
// Decoders take any bytes and never fail on fields that they do not know;
// what is missing is empty.
package wire
