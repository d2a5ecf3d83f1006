package table

import (
	"fmt"
	"reflect"
	"testing"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"  The  High-Tech Zone ": "high tech zone",
		"to be":                  "be",
		"a":                      "a",
		"the":                    "the",
		"to":                     "to",
		"people’s":               "people's",
		"":                       "",
		"to the point":           "point",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEncodeThenGet(t *testing.T) {
	for _, size := range []int{0, 1, 15, 16, 17, 1000} {
		m := map[string][]Value{}
		for i := range size {
			m[fmt.Sprintf("key %d", i*7)] = []Value{{"能源", uint8(1 + i%255)}, {fmt.Sprint("词", i), 1}}
		}
		data, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		tab := Table(data)
		if err := tab.Check(); err != nil {
			t.Fatal(err)
		}
		for k, want := range m {
			if got := tab.Get(k); !reflect.DeepEqual(got, want) {
				t.Fatalf("size %d: Get(%q) = %v, want %v", size, k, got, want)
			}
		}
		for _, k := range []string{"", "a", "key", "key 1", "key 70000", "zzz"} {
			if got := tab.Get(k); got != nil && m[k] == nil {
				t.Errorf("size %d: Get(%q) = %v", size, k, got)
			}
		}
		walked := 0
		tab.Walk(func(k string, vs []Value) {
			walked++
			if !reflect.DeepEqual(vs, m[k]) {
				t.Errorf("Walk: %q = %v", k, vs)
			}
		})
		if walked != size {
			t.Errorf("walked %d of %d", walked, size)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	ok := []Value{{"词", 1}}
	for name, m := range map[string]map[string][]Value{
		"empty key":        {"": ok},
		"unfolded key":     {"The Key": ok},
		"no values":        {"key": nil},
		"no weight":        {"key": {{"词", 0}}},
		"empty word":       {"key": {{"", 1}}},
		"beyond two bytes": {"key": {{"𠮷", 1}}},
	} {
		if _, err := Encode(m); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCheckNoticesTruncation(t *testing.T) {
	data, err := Encode(map[string][]Value{"key": {{"词语", 1}}, "other": {{"词", 2}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := Table(data[:len(data)-1]).Check(); err == nil {
		t.Error("a truncated table passes")
	}
}
