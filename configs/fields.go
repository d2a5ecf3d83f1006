package configs

import (
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

const (
	envPrefix  = "WENBAO_"
	fileSuffix = "_file"
)

// field is one setting: its key and its place in Config.
type field struct {
	key   string
	index []int
}

// fields returns every setting, in the order of Config.
func fields() []field { return fieldsOf(reflect.TypeFor[Config](), "", nil) }

func fieldsOf(group reflect.Type, prefix string, index []int) []field {
	var found []field
	for i := range group.NumField() {
		sf := group.Field(i)
		key, ok := sf.Tag.Lookup("key")
		if !ok {
			continue
		}
		at := append(slices.Clone(index), i)
		if sf.Type.Kind() == reflect.Struct && sf.Type != reflect.TypeFor[Secret]() {
			found = append(found, fieldsOf(sf.Type, prefix+key+".", at)...)
			continue
		}
		found = append(found, field{key: prefix + key, index: at})
	}
	return found
}

// in returns the setting's place in c.
func (f field) in(c *Config) reflect.Value { return reflect.ValueOf(c).Elem().FieldByIndex(f.index) }

// secret reports whether the setting may also be given as a file's content.
func (f field) secret() bool {
	switch f.in(&Config{}).Interface().(type) {
	case Secret, OpsTokens:
		return true
	}
	return false
}

// envName returns the variable that sets key.
func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// known maps every key that a file may hold to its field: the settings', and
// of each secret the one that names a file.
func known() map[string]field {
	keys := map[string]field{}
	for _, f := range fields() {
		keys[f.key] = f
		if f.secret() {
			keys[f.key+fileSuffix] = f
		}
	}
	return keys
}

// nearest returns the candidate with the smallest edit distance to name.
func nearest(name string, candidates []string) string {
	slices.Sort(candidates)
	best, least := "", -1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(name, c); least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}

// Changed returns the settings in which other differs from c.
func (c *Config) Changed(other *Config) []string {
	var keys []string
	for _, f := range fields() {
		if !reflect.DeepEqual(f.in(c).Interface(), f.in(other).Interface()) {
			keys = append(keys, f.key)
		}
	}
	return keys
}
