// Gen compacts CC-CEDICT into the table that package cedict embeds.
//
//	npm pack chinese-lexicon@1.0.43
//	go run ./retrieval/cedict/gen [-o dict.bin] chinese-lexicon-1.0.43.tgz
//
// The npm package holds CC-CEDICT (CC BY-SA 4.0) and lists of word frequencies,
// which serve to order the translations of a word. Without -o the table is
// written where package cedict expects it, from the module's root.
package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path"
	"path/filepath"
	"slices"

	"wenbao/retrieval/cedict/internal/table"
)

func main() {
	log.SetFlags(0)
	out := flag.String("o", filepath.Join("retrieval", "cedict", "dict.bin"), "the table to write")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: gen [-o dict.bin] chinese-lexicon-VERSION.tgz")
	}
	if err := run(flag.Arg(0), *out); err != nil {
		log.Fatal(err)
	}
}

func run(in, out string) error {
	files, err := unpack(in, "cedict.js", "bookWordFrequency.js", "movieWordFrequency.js")
	if err != nil {
		return err
	}
	entries := parseEntries(files["cedict.js"])
	// Two lists, as either lacks everyday words that the other has.
	const words = 16e9
	counts := parseCounts(files["bookWordFrequency.js"], words)
	for w, c := range parseCounts(files["movieWordFrequency.js"], words) {
		counts[w] = max(counts[w], c)
	}
	if len(entries) < 100_000 || len(counts) < 10_000 {
		return fmt.Errorf("%s: only %d entries and %d frequencies: has its form changed?", in, len(entries), len(counts))
	}
	m := invert(entries, counts)
	data, err := table.Encode(m)
	if err != nil {
		return err
	}
	if err := table.Table(data).Check(); err != nil {
		return err
	}
	values := 0
	for _, vs := range m {
		values += len(vs)
	}
	fmt.Printf("%d entries → %d keys, %d values, %d bytes\n", len(entries), len(m), values, len(data))
	if err := os.WriteFile(filepath.Join(filepath.Dir(out), "pairs.bin"), pairs(entries), 0o644); err != nil {
		return err
	}
	return os.WriteFile(out, data, 0o644)
}

// pairs lists the neighbouring characters within words, sorted: four bytes a
// pair, two a character.
func pairs(entries []entry) []byte {
	var all []uint32
	for _, e := range entries {
		rs := []rune(e.word)
		for i := 0; i+1 < len(rs) && len(rs) <= 4; i++ {
			if a, b := rs[i], rs[i+1]; a >= 0x4e00 && a <= 0x9fff && b >= 0x4e00 && b <= 0x9fff {
				all = append(all, uint32(a)<<16|uint32(b))
			}
		}
	}
	slices.Sort(all)
	var out []byte
	for _, p := range slices.Compact(all) {
		out = binary.BigEndian.AppendUint32(out, p)
	}
	return out
}

// unpack gives the text of the named files of a gzipped tar, by base name.
func unpack(archive string, names ...string) (map[string]string, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	want := map[string]bool{}
	for _, n := range names {
		want[n] = true
	}
	found := map[string]string{}
	for r := tar.NewReader(gz); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", archive, err)
		}
		if base := path.Base(h.Name); want[base] {
			b, err := io.ReadAll(r)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", archive, err)
			}
			found[base] = string(b)
		}
	}
	for _, n := range names {
		if found[n] == "" {
			return nil, fmt.Errorf("%s holds no %s", archive, n)
		}
	}
	return found, nil
}
