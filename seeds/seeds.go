// Package seeds holds the reports that come with the program, and questions
// with gold to judge answers by.
package seeds

import "embed"

// FS holds the reports, each a text with its metadata beside it, and under
// questions/ the questions. A corpus loaded from it has only the reports: it
// reads no .jsonl files in a folder.
//
//go:embed *.txt *.yaml questions/*.jsonl
var FS embed.FS
