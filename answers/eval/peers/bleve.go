package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	blevesearch "github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	"github.com/blevesearch/bleve/v2/index/scorch"
)

// bleveDriver as the first argument makes this program bleve's driver, so
// that bleve too has a process of its own.
const bleveDriver = "bleve-driver"

// bleve runs stock bleve: its cjk analyzer and default scoring. The question
// becomes an OR of its tokens.
func bleve(ctx context.Context, s *set) (*result, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return runDriver(ctx, s, self, bleveDriver)
}

// runBleveDriver takes a driver's arguments and writes its output.
func runBleveDriver(args []string, stdout io.Writer) error {
	if len(args) != 3 {
		return fmt.Errorf("%w: %s PASSAGES QUESTIONS TOP", errUsage, bleveDriver)
	}
	wanted, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	out := bufio.NewWriter(stdout)
	start := time.Now()
	index, err := bleveIndex(args[0])
	if err != nil {
		return err
	}
	defer index.Close()
	fmt.Fprintf(out, "indexed\t%d\n", time.Since(start).Microseconds())
	err = eachRecord(args[1], func(id, text string) error {
		start := time.Now()
		request := blevesearch.NewSearchRequestOptions(blevesearch.NewMatchQuery(text), wanted, 0, false)
		found, err := index.Search(request)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\t%d", id, time.Since(start).Microseconds())
		for _, hit := range found.Hits {
			fmt.Fprintf(out, "\t%s", hit.ID)
		}
		fmt.Fprintln(out)
		return nil
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// bleveIndex indexes the records at path in memory.
func bleveIndex(path string) (blevesearch.Index, error) {
	mapping := blevesearch.NewIndexMapping()
	mapping.DefaultAnalyzer = cjk.AnalyzerName
	index, err := blevesearch.NewUsing("", mapping, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, err
	}
	batch := index.NewBatch()
	err = eachRecord(path, func(id, text string) error {
		return batch.Index(id, map[string]string{"text": text})
	})
	if err != nil {
		return nil, err
	}
	return index, index.Batch(batch)
}

// eachRecord calls do with the id and the text of every line.
func eachRecord(path string, do func(id, text string) error) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		id, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if err := do(id, text); err != nil {
			return fmt.Errorf("record %s: %w", id, err)
		}
	}
	return nil
}
