package outline

import (
	_ "embed"

	"wenbao/retrieval/words"
)

//go:embed words.txt
var wordFile string

var lists = words.Parse(wordFile)
