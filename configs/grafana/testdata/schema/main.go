// Schema reads a dashboard as Grafana's own types have it, and says what they
// do not know, or miss.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: schema FILE")
		os.Exit(2)
	}
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(file string) error {
	plugins.RegisterDefaultPlugins()
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var d dashboard.Dashboard
	err = d.UnmarshalJSONStrict(raw)
	var found cog.BuildErrors
	if err != nil && (!errors.As(err, &found) || len(found) > 0) { // it returns an empty list too
		return err
	}
	if err := d.Validate(); err != nil {
		return err
	}
	fmt.Printf("%s: %d panels\n", file, len(d.Panels))
	return nil
}
