// Package analysis understands Chinese text for search: folding that keeps
// offsets, n-grams, numerals and quantities, pinyin, the bleve analyzer.
package analysis

//go:generate go run ./gen
