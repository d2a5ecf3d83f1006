package update

import (
	"encoding/json"
	"strconv"
	"strings"
)

// object is a JSON object whose fields are looked at one by one, so that one
// of the wrong type costs only itself. A field that is missing or of another
// type has the zero value.
type object map[string]json.RawMessage

func parse(raw json.RawMessage) object {
	var o object
	if json.Unmarshal(raw, &o) != nil {
		return nil
	}
	return o
}

func (o object) has(name string) bool {
	raw, ok := o[name]
	return ok && string(raw) != "null"
}

func (o object) object(name string) object { return parse(o[name]) }

func (o object) string(name string) string {
	var s string
	if json.Unmarshal(o[name], &s) != nil {
		return ""
	}
	return s
}

func (o object) bool(name string) bool {
	var b bool
	return json.Unmarshal(o[name], &b) == nil && b
}

// int reads a whole number, also one written as 12.0, 1.2e1 or "12".
func (o object) int(name string) int64 {
	s := strings.Trim(string(o[name]), `"`)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != float64(int64(f)) || f > 1<<53 || f < -1<<53 {
		return 0
	}
	return int64(f)
}

// list returns the objects of an array, at most the first most.
func (o object) list(name string, most int) []object {
	var raws []json.RawMessage
	if json.Unmarshal(o[name], &raws) != nil {
		return nil
	}
	var out []object
	for _, raw := range raws[:min(len(raws), most)] {
		out = append(out, parse(raw))
	}
	return out
}
