package telegram_test

import (
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wenbao/bot/telegram/telegramfake"
)

// Set to a file: an answer is shown there as a chat shows it.
const pictureEnv = "WENBAO_PICTURE"

// bubble is a message in a chat; it shows what Telegram's own clients show of
// the message's HTML and keyboard, in colours like theirs.
const bubble = `<!doctype html><meta charset="utf-8"><style>
body{margin:0;background:#b9cfa6;font:15px/1.45 "Noto Sans CJK SC","WenQuanYi Zen Hei",sans-serif;width:560px}
.chat{padding:18px 20px}.m{border-radius:14px;padding:8px 12px;box-shadow:0 1px 1px #0003;white-space:pre-wrap}
.q{background:#e1ffc7;margin:0 0 10px auto;width:fit-content}.a{background:#fff;width:486px}
blockquote{margin:2px 0 0;padding:4px 10px;border-left:3px solid #3390ec;background:#3390ec14;border-radius:4px}
a{color:#3390ec;text-decoration:none}.r{display:flex;gap:4px;margin-top:4px;width:510px}
.k{flex:1;background:#0000003d;color:#fff;text-align:center;border-radius:8px;padding:7px 2px;font-size:14px}
</style><div class="chat"><div class="m q">%s</div><div class="m a">%s</div>%s</div>`

// TestPicture draws an answer that went through the whole bot.
func TestPicture(t *testing.T) {
	path := os.Getenv(pictureEnv)
	if path == "" {
		t.Skip("set " + pictureEnv + " to a file to draw an answer there")
	}
	answerer, _ := realEngine(t)
	w := newWorld(t, options{answerer: answerer})
	defer w.stop()
	const asked = "2021年新建绿色矿山多少座？"
	w.Say(telegramfake.Said{Chat: private, User: ann, ID: 1, Text: asked})
	eventually(t, "an answer", func() bool { return len(w.Sent()) == 1 })
	m := w.Sent()[0]
	var keys strings.Builder
	for _, row := range m.Keyboard {
		keys.WriteString(`<div class="r">`)
		for _, k := range row {
			fmt.Fprintf(&keys, `<div class="k">%s</div>`, html.EscapeString(k["text"]))
		}
		keys.WriteString("</div>")
	}
	// A block in itself, a quote is not followed by an empty line.
	shown := strings.ReplaceAll(m.Params["text"], "</blockquote>\n", "</blockquote>")
	page := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(page, fmt.Appendf(nil, bubble, html.EscapeString(asked), shown, keys.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
		"--force-device-scale-factor=2", "--window-size=560,760", "--user-data-dir="+t.TempDir(), "--screenshot="+path, "file://"+page).CombinedOutput()
	if err != nil {
		t.Fatalf("chromium: %v\n%s", err, out)
	}
}
