package configs

import (
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// maxFile bounds the settings file and each secret's file.
const maxFile = 1 << 20

// Origin says where a setting's value came from.
type Origin struct {
	// Source is "default", "file" or "env".
	Source string
	// Name is the file's path or the variable's name.
	Name string
}

func (o Origin) String() string { return strings.TrimSpace(o.Source + " " + o.Name) }

// Load reads the settings: defaults, then the YAML file at path (none where
// path is empty), then the variables in environ ("NAME=value"). It returns
// Problems with everything that is wrong, Validate's findings included.
func Load(path string, environ []string) (*Config, error) {
	var problems Problems
	layers := []layer{fileLayer(path, &problems), envLayer(environ, &problems)}
	c := Default()
	c.origins = map[string]Origin{}
	for _, f := range fields() {
		for _, l := range layers {
			l.apply(c, f, &problems)
		}
	}
	c.validate(&problems)
	if err := problems.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Origin returns where the value of the setting key came from.
func (c *Config) Origin(key string) Origin {
	if origin, ok := c.origins[key]; ok {
		return origin
	}
	return Origin{Source: "default"}
}

// layer is one source of settings.
type layer struct {
	values map[string]any
	origin func(key string) Origin
	// emptyResets: an empty value means the default, as it does for variables
	// that are passed on without one.
	emptyResets bool
}

// fileLayer reads the YAML file at path.
func fileLayer(path string, problems *Problems) layer {
	l := layer{origin: func(string) Origin { return Origin{"file", path} }}
	if path == "" {
		return l
	}
	data, err := readLimited(path)
	if err != nil {
		problems.add("", "the settings file cannot be read: %v", err)
		return l
	}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(data), yaml.Parser()); err != nil {
		problems.add("", "%s is not valid YAML: %v", path, err)
		return l
	}
	l.values = k.All()
	l.dropUnknown(path, problems)
	return l
}

// dropUnknown reports keys that are no settings. Groups without content stay
// silent: their settings are merely not given.
func (l layer) dropUnknown(path string, problems *Problems) {
	keys := known()
	for _, key := range slices.Sorted(maps.Keys(l.values)) {
		if _, ok := keys[key]; ok {
			continue
		}
		value := l.values[key]
		delete(l.values, key)
		switch {
		case isGroup(key) && isEmpty(value):
		case isGroup(key):
			problems.add("", "%s: %s is a group of settings, not a value", path, key)
		default:
			problems.add("", "%s: unknown key %s; did you mean %s?", path, key, nearest(key, slices.Collect(maps.Keys(keys))))
		}
	}
}

func isGroup(key string) bool {
	return slices.ContainsFunc(fields(), func(f field) bool { return strings.HasPrefix(f.key, key+".") })
}

func isEmpty(value any) bool {
	m, ok := value.(map[string]any)
	return value == nil || ok && len(m) == 0
}

// envLayer picks the variables that begin with WENBAO_.
func envLayer(environ []string, problems *Problems) layer {
	variables := map[string]string{}
	for key := range known() {
		variables[envName(key)] = key
	}
	provider := env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			key, ok := variables[name]
			if !ok && !fromKubernetes(name, value) {
				problems.add("", "unknown variable %s; did you mean %s?", name, nearest(name, slices.Collect(maps.Keys(variables))))
			}
			return key, value
		},
	})
	k := koanf.New(".")
	if err := k.Load(provider, nil); err != nil {
		problems.add("", "the environment cannot be read: %v", err)
	}
	return layer{
		values:      k.All(),
		origin:      func(key string) Origin { return Origin{"env", envName(key)} },
		emptyResets: true,
	}
}

// Kubernetes gives every container variables about each service of its
// namespace, named after the service: WENBAO_… where that is called wenbao.
var (
	serviceName = regexp.MustCompile(`_SERVICE_(HOST|PORT(_.+)?)$|_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)
	serviceLink = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

func fromKubernetes(name, value string) bool {
	return serviceName.MatchString(name) || strings.HasSuffix(name, "_PORT") && serviceLink.MatchString(value)
}

// apply sets the field in c where the layer has a value for it.
func (l layer) apply(c *Config, f field, problems *Problems) {
	value, given := l.lookup(f.key)
	path, fromFile := l.lookup(f.key + fileSuffix)
	origin := l.origin(f.key)
	switch {
	case given && fromFile && f.secret():
		problems.add(f.key, "is given twice, as itself and as the file %s; keep one", envName(f.key+fileSuffix))
		return
	case fromFile && f.secret():
		origin = l.origin(f.key + fileSuffix)
		content, err := secretFile(path)
		if err != nil {
			problems.add(f.key, "%s: %v", origin.Name, err)
			return
		}
		value = content
	case !given:
		return
	}
	if err := l.set(c, f, value); err != nil {
		problems.add(f.key, "%v", err)
		return
	}
	c.origins[f.key] = origin
}

// set sets the field in c to value.
func (l layer) set(c *Config, f field, value any) error {
	if value == "" && l.emptyResets {
		f.in(c).Set(f.in(Default()))
		return nil
	}
	return decode(f.in(c), value)
}

// lookup returns the layer's value for key. A variable without content names
// no file.
func (l layer) lookup(key string) (any, bool) {
	value, ok := l.values[key]
	if text, isText := value.(string); isText {
		value = strings.TrimSpace(text)
	}
	if value == nil || value == "" && strings.HasSuffix(key, fileSuffix) {
		return nil, false
	}
	return value, ok
}

// secretFile returns the trimmed content of the file that path names.
func secretFile(path any) (string, error) {
	name, ok := path.(string)
	if !ok {
		return "", fmt.Errorf("needs the path of a file")
	}
	data, err := readLimited(name)
	if err != nil {
		return "", err
	}
	content := strings.TrimSpace(string(data))
	if content == "" {
		return "", fmt.Errorf("the file %s is empty", name)
	}
	return content, nil
}

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return data, nil
}
