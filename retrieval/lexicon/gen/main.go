// Gen writes the lexicon's YAML files in the compact form that the program
// embeds, and their digest: gen FOLDER COMPACT DIGEST.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"

	"wenbao/retrieval/lexicon"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: gen FOLDER COMPACT DIGEST")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(3)
	}
}

func run(folder, compactFile, digestFile string) error {
	compact, digest, err := generate(os.DirFS(folder))
	if err != nil {
		return err
	}
	if err := os.WriteFile(compactFile, []byte(compact), 0o644); err != nil {
		return err
	}
	return os.WriteFile(digestFile, []byte(digest+"\n"), 0o644)
}

// generate returns the compact form of the *.yaml files, and the digest of
// their names and content.
func generate(fsys fs.FS) (compact, digest string, err error) {
	l, err := lexicon.Load(fsys)
	if err != nil {
		return "", "", err
	}
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return "", "", err
	}
	h := sha256.New()
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return "", "", err
		}
		fmt.Fprintf(h, "%q %d\n", name, len(raw))
		h.Write(raw)
	}
	return l.Encode(), hex.EncodeToString(h.Sum(nil)), nil
}
