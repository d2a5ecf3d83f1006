// Package configs holds the project's settings and its other configuration as
// data: the typed settings with their loader, and the lexicon.
//
// Settings come, in rising order, from [Default], a YAML file and environment
// variables. A key and its variable are one name in two spellings: slack.mode
// is WENBAO_SLACK_MODE. Only cmd imports this package; everything else gets
// what it needs as arguments.
package configs

import _ "embed"

// Lexicon is the lexicon of lexicon/*.yaml in the compact form that decodes
// quickly.
//
//go:generate go run wenbao/retrieval/lexicon/gen lexicon lexicon.txt lexicon.sum
//go:embed lexicon.txt
var Lexicon string

// LexiconDigest is the hex SHA-256 of the files that Lexicon was made of.
//
//go:embed lexicon.sum
var LexiconDigest string

// Indicators is the list of indicators/*.yaml in the compact form that decodes
// quickly.
//
//go:generate go run wenbao/retrieval/indicators/gen indicators indicators.txt
//go:embed indicators.txt
var Indicators string
