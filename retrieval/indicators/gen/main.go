// Gen writes the YAML files of indicators in the compact form that the program
// embeds: gen FOLDER COMPACT.
package main

import (
	"fmt"
	"os"

	"wenbao/retrieval/indicators"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen FOLDER COMPACT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(3)
	}
}

func run(folder, compact string) error {
	l, err := indicators.Load(os.DirFS(folder))
	if err != nil {
		return err
	}
	return os.WriteFile(compact, []byte(l.Encode()), 0o644)
}
