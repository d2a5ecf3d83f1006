package questions

import (
	"encoding/csv"
	"net/http"
	"strings"
	"time"

	"wenbao/bot/admin"
)

// send answers with the first rows as they are wanted.
func send[T any](w http.ResponseWriter, q query, name string, rows []T, header []string, cells func(T) []string) {
	more := max(0, len(rows)-q.limit)
	rows = rows[:len(rows)-more]
	if !q.csv {
		admin.JSON(w, http.StatusOK, map[string]any{name: rows, "left_out": more})
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	// Spreadsheets take text for Chinese only after a byte order mark.
	_, _ = w.Write([]byte("\ufeff"))
	table := csv.NewWriter(w)
	_ = table.Write(header)
	for _, r := range rows {
		line := cells(r)
		for i := range line {
			line[i] = inert(line[i])
		}
		_ = table.Write(line)
	}
	table.Flush()
}

// inert keeps a spreadsheet from taking what somebody wrote for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func joined(list []string) string { return strings.Join(list, " ") }
