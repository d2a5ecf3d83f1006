package main

import (
	"fmt"
	"runtime"
	"strings"

	"wenbao/configs"
)

type versionCommand struct{}

func (versionCommand) Run(env *environment) error {
	_, err := fmt.Fprintf(env.Stdout, "wenbao %s (%s %s/%s, lexicon %.12s)\n", version,
		runtime.Version(), runtime.GOOS, runtime.GOARCH, strings.TrimSpace(configs.LexiconDigest))
	return err
}
