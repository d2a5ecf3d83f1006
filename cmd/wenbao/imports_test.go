package main_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "wenbao/"

// layer is a group of packages. Imports go from a higher rank to a lower one,
// or stay within the layer.
type layer struct {
	// prefix is the folder whose packages belong to the layer, unless a
	// longer prefix claims them.
	prefix string
	rank   int
}

// layers is the one way data flows. A folder beyond them is an unknown room.
// The rooms of retrieval are ranked one by one, as a text becomes a report and
// a report is asked; those that are not named know any of these.
func layers() []layer {
	return []layer{
		{prefix: "cmd", rank: 13},
		{prefix: "bot/slack", rank: 12},
		{prefix: "bot/telegram", rank: 12},
		{prefix: "bot/web", rank: 12},
		{prefix: "bot/admin", rank: 12},
		{prefix: "bot/terminal", rank: 12},
		{prefix: "bot", rank: 11},
		{prefix: "answers", rank: 10},
		{prefix: "retrieval", rank: 9},
		{prefix: "retrieval/", rank: 8},
		{prefix: "retrieval/corpus", rank: 7},
		{prefix: "retrieval/figures", rank: 6},
		{prefix: "retrieval/indicators", rank: 6},
		{prefix: "retrieval/periods", rank: 5},
		{prefix: "retrieval/outline", rank: 4},
		{prefix: "retrieval/document", rank: 4},
		{prefix: "retrieval/quantities", rank: 3},
		{prefix: "retrieval/analysis", rank: 2},
		{prefix: "retrieval/report", rank: 1},
		{prefix: "retrieval/words", rank: 1},
		{prefix: "configs", rank: 1},
		{prefix: "seeds", rank: 1},
		{prefix: "bot/redact", rank: 0},
	}
}

// reserve says which folders alone may import a package, or any below it.
type reserve struct {
	target string
	only   []string
	// exceptTests: the reserve does not bind _test.go files.
	exceptTests bool
}

func reserves() []reserve {
	return []reserve{
		{target: "wenbao/configs", only: []string{"cmd"}, exceptTests: true},
		{target: "wenbao/seeds", only: []string{"cmd"}, exceptTests: true},
		{target: "wenbao/retrieval/index", only: []string{"retrieval"}},
		// The peers program measures stock bleve against the project.
		{target: "github.com/blevesearch/bleve", only: []string{"retrieval/index", "retrieval/analysis", "answers/eval/peers"}},
		{target: "github.com/slack-go/slack", only: []string{"bot/slack"}},
		{target: "github.com/go-telegram-bot-api/telegram-bot-api", only: []string{"bot/telegram"}},
		{target: "github.com/redis/go-redis", only: []string{"bot/redis"}},
		{target: "github.com/gabriel-vasile/mimetype", only: []string{"bot/uploads"}},
		{target: "github.com/knadh/koanf", only: []string{"configs"}},
		{target: "github.com/alecthomas/kong", only: []string{"cmd"}},
		{target: "go.opentelemetry.io", only: []string{"bot/telemetry"}, exceptTests: true},
	}
}

func TestImportsFollowTheDesign(t *testing.T) {
	root := os.DirFS("../..")
	if _, err := fs.Stat(root, "go.mod"); err != nil {
		t.Fatal("not the module's root:", err)
	}
	found, files, err := violations(root)
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Errorf("only %d files were read", files)
	}
	for _, v := range found {
		t.Error(v)
	}
}

// TestImportRulesBite gives each rule a file that breaks it, beside files that
// keep them all.
func TestImportRulesBite(t *testing.T) {
	good := map[string]string{
		"cmd/wenbao/main.go":            `"fmt" "wenbao/bot/slack" "wenbao/configs" "wenbao/seeds" "github.com/alecthomas/kong"`,
		"bot/slack/slack.go":            `"wenbao/bot" "wenbao/bot/redact" "github.com/slack-go/slack"`,
		"bot/slack/fake/fake.go":        `"wenbao/bot/slack/wire" "github.com/slack-go/slack/slackevents"`,
		"bot/bot.go":                    `"wenbao/answers" "wenbao/bot/session"`,
		"bot/redis/client.go":           `"wenbao/bot/redact" "github.com/redis/go-redis/v9"`,
		"bot/redact/redact.go":          `"log/slog"`,
		"answers/answers.go":            `"wenbao/retrieval" "wenbao/retrieval/corpus"`,
		"answers/eval/eval.go":          `"wenbao/answers"`,
		"retrieval/engine.go":           `"wenbao/retrieval/index"`,
		"retrieval/engine_test.go":      `"wenbao/seeds" "wenbao/configs"`,
		"retrieval/index/index.go":      `"wenbao/retrieval/analysis" "github.com/blevesearch/bleve/v2"`,
		"retrieval/corpus/corpus.go":    `"wenbao/retrieval/figures" "wenbao/retrieval/outline" "wenbao/retrieval/report"`,
		"retrieval/figures/figures.go":  `"wenbao/retrieval/periods" "wenbao/retrieval/quantities" "wenbao/retrieval/words"`,
		"configs/load.go":               `"wenbao/bot/redact" "github.com/knadh/koanf/v2"`,
		"docs/testdata/bad.go":          `"wenbao/cmd/wenbao"`,
		".cache/bad.go":                 `"wenbao/cmd/wenbao"`,
		"bot/telemetry/telemetry.go":    `"wenbao/retrieval/stage" "go.opentelemetry.io/otel/sdk/trace"`,
		"cmd/wenbao/trace_test.go":      `"go.opentelemetry.io/proto/otlp/trace/v1"`,
		"retrieval/index/testdata/x.go": `"github.com/slack-go/slack"`,
	}
	if found := check(t, good); len(found) != 0 {
		t.Fatalf("the good tree is refused: %q", found)
	}
	bad := []struct{ file, imports, want string }{
		{"pkg/util/util.go", `"fmt"`, "unknown room pkg"},
		{"main.go", `"fmt"`, "unknown room main.go"},
		{"docs/example.go", `"fmt"`, "unknown room docs"},
		{"bot/x.go", `"wenbao/cmd/wenbao"`, "may not import wenbao/cmd/wenbao"},
		{"cmd/other/x.go", `"wenbao/cmd/wenbao"`, "may not import wenbao/cmd/wenbao"},
		{"bot/x.go", `"wenbao/bot/slack"`, "may not import wenbao/bot/slack"},
		{"bot/web/x.go", `"wenbao/bot/slack"`, "may not import wenbao/bot/slack"},
		{"answers/x.go", `"wenbao/bot"`, "may not import wenbao/bot"},
		{"answers/x.go", `"wenbao/pkg/util"`, "may not import wenbao/pkg/util"},
		{"retrieval/x.go", `"wenbao/answers"`, "may not import wenbao/answers"},
		{"retrieval/corpus/x.go", `"wenbao/retrieval"`, "may not import wenbao/retrieval"},
		{"retrieval/corpus/x.go", `"wenbao/retrieval/question"`, "may not import wenbao/retrieval/question"},
		{"retrieval/figures/x.go", `"wenbao/retrieval/corpus"`, "may not import wenbao/retrieval/corpus"},
		{"retrieval/periods/x.go", `"wenbao/retrieval/figures"`, "may not import wenbao/retrieval/figures"},
		{"retrieval/outline/x.go", `"wenbao/retrieval/document"`, "may not import wenbao/retrieval/document"},
		{"retrieval/quantities/x.go", `"wenbao/retrieval/outline"`, "may not import wenbao/retrieval/outline"},
		{"retrieval/analysis/x.go", `"wenbao/retrieval/quantities"`, "may not import wenbao/retrieval/quantities"},
		{"retrieval/report/x.go", `"wenbao/retrieval/analysis"`, "may not import wenbao/retrieval/analysis"},
		{"retrieval/words/x.go", `"wenbao/retrieval/report"`, "may not import wenbao/retrieval/report"},
		{"seeds/x.go", `"wenbao/configs"`, "may not import wenbao/configs"},
		{"bot/redact/x.go", `"wenbao/bot"`, "may not import wenbao/bot"},
		{"bot/x_test.go", `"wenbao/cmd/wenbao"`, "may not import wenbao/cmd/wenbao"},
		{"bot/x.go", `"wenbao/configs"`, "only cmd imports wenbao/configs"},
		{"answers/x.go", `"wenbao/seeds"`, "only cmd imports wenbao/seeds"},
		{"answers/x.go", `"wenbao/retrieval/index"`, "only retrieval imports"},
		{"retrieval/x.go", `"github.com/blevesearch/bleve/v2/search"`, "only retrieval/index, retrieval/analysis"},
		{"bot/x.go", `"github.com/slack-go/slack"`, "only bot/slack imports"},
		{"bot/slacker/x.go", `"github.com/slack-go/slack"`, "only bot/slack imports"},
		{"bot/x_test.go", `"github.com/go-telegram-bot-api/telegram-bot-api/v5"`, "only bot/telegram imports"},
		{"bot/x.go", `"github.com/redis/go-redis/v9"`, "only bot/redis"},
		{"bot/admin/x.go", `"github.com/gabriel-vasile/mimetype"`, "only bot/uploads imports"},
		{"bot/x.go", `"github.com/knadh/koanf/v2"`, "only configs imports"},
		{"bot/x.go", `"github.com/alecthomas/kong"`, "only cmd imports"},
		{"retrieval/x.go", `"go.opentelemetry.io/otel/trace"`, "only bot/telemetry imports"},
		{"answers/x.go", `"wenbao/bot/telemetry"`, "may not import wenbao/bot/telemetry"},
	}
	for _, tt := range bad {
		found := check(t, map[string]string{tt.file: tt.imports})
		if len(found) != 1 || !strings.Contains(found[0], tt.want) {
			t.Errorf("%s importing %s: got %q, want one with %q", tt.file, tt.imports, found, tt.want)
		}
	}
}

func TestUnparsableSourceIsAnError(t *testing.T) {
	if _, _, err := violations(fstest.MapFS{"bot/x.go": {Data: []byte("package")}}); err == nil {
		t.Error("no error")
	}
}

// check returns the violations of a tree of files that import what is listed.
func check(t *testing.T, imports map[string]string) []string {
	t.Helper()
	tree := fstest.MapFS{}
	for name, list := range imports {
		source := "package p\n"
		for _, imported := range strings.Fields(list) {
			source += "import " + imported + "\n"
		}
		tree[name] = &fstest.MapFile{Data: []byte(source)}
	}
	found, _, err := violations(tree)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// violations parses the imports of every Go file in the tree, and returns the
// broken rules and the number of files.
func violations(tree fs.FS) (found []string, files int, err error) {
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && ignored(name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		files++
		broken, err := fileViolations(tree, name)
		found = append(found, broken...)
		return err
	})
	return found, files, err
}

// ignored reports whether the go command ignores a folder too.
func ignored(name string) bool {
	base := path.Base(name)
	return name != "." && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_"))
}

func fileViolations(tree fs.FS, name string) ([]string, error) {
	folder := path.Dir(name)
	from, ok := layerOf(folder)
	if !ok {
		room, _, _ := strings.Cut(name, "/")
		return []string{fmt.Sprintf("%s: unknown room %s", name, room)}, nil
	}
	imports, err := importsOf(tree, name)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, imported := range imports {
		if reason := broken(from, name, imported); reason != "" {
			found = append(found, name+": "+reason)
		}
	}
	return found, nil
}

func importsOf(tree fs.FS, name string) ([]string, error) {
	source, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		imports = append(imports, imported)
	}
	return imports, nil
}

// broken returns the rule that an import breaks, "" where it breaks none.
func broken(from layer, file, imported string) string {
	folder := path.Dir(file)
	if target, ours := strings.CutPrefix(imported, module); ours && !mayImport(from, folder, target) {
		return fmt.Sprintf("%s may not import %s", folder, imported)
	}
	for _, r := range reserves() {
		if !within(imported, r.target) || r.exceptTests && strings.HasSuffix(file, "_test.go") {
			continue
		}
		if !withinAny(folder, r.only) {
			return fmt.Sprintf("only %s imports %s", strings.Join(r.only, ", "), r.target)
		}
	}
	return ""
}

// mayImport reports whether the direction allows folder to import target.
// Nothing imports a command, but for its own external tests.
func mayImport(from layer, folder, target string) bool {
	to, known := layerOf(target)
	if !known || within(target, "cmd") {
		return folder == target
	}
	return from == to || to.rank < from.rank
}

// layerOf returns the layer with the longest prefix of folder.
func layerOf(folder string) (layer, bool) {
	var best layer
	for _, l := range layers() {
		below, subtree := strings.CutSuffix(l.prefix, "/")
		matches := within(folder, below) && (!subtree || folder != below)
		if matches && len(l.prefix) > len(best.prefix) {
			best = l
		}
	}
	return best, best.prefix != ""
}

// within reports whether name is root or below it. A library's name goes on
// with / before its version.
func within(name, root string) bool {
	return name == root || strings.HasPrefix(name, root+"/")
}

func withinAny(name string, roots []string) bool {
	for _, root := range roots {
		if within(name, root) {
			return true
		}
	}
	return false
}
