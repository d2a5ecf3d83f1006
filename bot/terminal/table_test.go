package terminal_test

import (
	"strings"
	"testing"

	"wenbao/bot/terminal"
)

func TestTable(t *testing.T) {
	var out strings.Builder
	err := terminal.Table(&out, [][]string{
		{"REPORT", "YEAR", "FROM", ""},
		{"nmg-2022", "2022", "program", "live"},
		{"prov2026/四川省", "2026", "upload", "live"},
		{"空", "", "", ""},
	})
	const want = "" +
		"REPORT           YEAR  FROM\n" +
		"nmg-2022         2022  program  live\n" +
		"prov2026/四川省  2026  upload   live\n" +
		"空\n"
	if err != nil || out.String() != want {
		t.Errorf("%v\n%s", err, out.String())
	}
}
