package configs

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Print writes the settings in effect as YAML. Secrets are redacted, and a
// comment on each line says where its value came from.
func (c *Config) Print(w io.Writer) error {
	var out bytes.Buffer
	var open []string
	for _, f := range fields() {
		path := strings.Split(f.key, ".")
		groups := path[:len(path)-1]
		for depth, name := range groups {
			if depth >= len(open) || open[depth] != name {
				fmt.Fprintf(&out, "%s%s:\n", indent(depth), name)
			}
		}
		open = groups
		value, err := printed(f.in(c).Interface())
		if err != nil {
			return fmt.Errorf("print %s: %w", f.key, err)
		}
		fmt.Fprintf(&out, "%s%s: %s # %s\n", indent(len(groups)), path[len(groups)], value, c.Origin(f.key))
	}
	_, err := w.Write(out.Bytes())
	return err
}

func indent(depth int) string { return strings.Repeat("  ", depth) }

// printed returns a setting's value as YAML on one line.
func printed(value any) (string, error) {
	switch v := value.(type) {
	case OpsTokens:
		return flow(v)
	case Allow:
		return flow(v)
	case string:
		if strings.ContainsAny(v, "\r\n") {
			return strconv.Quote(v), nil
		}
	}
	text, err := yaml.Marshal(value)
	return strings.TrimSpace(string(text)), err
}

// flow returns a list in YAML's flow style.
func flow[T fmt.Stringer](list []T) (string, error) {
	node := yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, item := range list {
		node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: item.String()})
	}
	text, err := yaml.Marshal(&node)
	return strings.TrimSpace(string(text)), err
}
