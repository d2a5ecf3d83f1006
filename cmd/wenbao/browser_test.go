//go:build browser

package main_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// serving starts the program on free ports and returns the page's address.
func serving(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(buildProgram(t), "serve")
	cmd.Env = append(os.Environ(), "WENBAO_HTTP_ADDR=127.0.0.1:0", "WENBAO_OPS_ADDR=127.0.0.1:0", "WENBAO_LANG=zh")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	ready := regexp.MustCompile(`msg=ready http=(\S+)`)
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if m := ready.FindStringSubmatch(lines.Text()); m != nil {
			go func() { // the program must not wait for its log to be read
				for lines.Scan() {
				}
			}()
			return "http://" + m[1]
		}
	}
	t.Fatal("the program did not become ready")
	return ""
}

// browser opens Chromium, with further flags. Ours keep it from the network.
func browser(t *testing.T, further ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(cmp.Or(os.Getenv("CHROMIUM"), "chromium")), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "zh-CN"),
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("hide-scrollbars", true))
	flags = append(flags, further...)
	allocated, end := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(end)
	ctx, end := chromedp.NewContext(allocated, chromedp.WithErrorf(t.Logf))
	t.Cleanup(end)
	return ctx
}

// picture keeps what the browser shows, where SHOTS names a folder.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), see(t, ctx, chromedp.CaptureScreenshot()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// see runs one action, within a bounded time, and returns what it finds.
func see[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	bounded, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	v, err := chromedp.Run(bounded, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// scrolled is how long scrolling may take.
const scrolled = 300 * time.Millisecond

// TestBrowser asks on the page, follows the citation, and looks at what a
// reader sees: the sentence cited, marked, in view.
func TestBrowser(t *testing.T) {
	site, ctx := serving(t), browser(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(900, 900)); err != nil {
		t.Fatal(err)
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) { t.Helper(); see(t, ctx, chromedp.Steps(steps...)) }
	do(chromedp.Navigate(site+"/?lang=zh"), chromedp.WaitVisible("#q"))
	picture(t, ctx, "home")
	do(chromedp.SendKeys("#q", "2021年新建绿色矿山多少座"), chromedp.Submit("#q"), chromedp.WaitVisible(".quote.answers"))
	picture(t, ctx, "answer")
	heading, figure := see(t, ctx, chromedp.Text(".asked")), see(t, ctx, chromedp.Text(".figure strong"))
	quote := see(t, ctx, chromedp.Text(".quote.answers blockquote"))
	if heading != "2021年新建绿色矿山多少座" || figure != "133座" || !strings.Contains(quote, "新建绿色矿山133座") {
		t.Errorf("asked %q: %q, %q", heading, figure, quote)
	}
	do(chromedp.Click(".quote.answers figcaption a"), chromedp.WaitVisible(".cited mark"), chromedp.Sleep(scrolled))
	picture(t, ctx, "reader")
	marked := see(t, ctx, chromedp.Text(".cited mark"))
	inView := see(t, ctx, chromedp.Evaluate[bool](`(() => { const b = document.querySelector(".cited mark").getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight; })()`))
	if marked != quote || !inView {
		t.Errorf("marked %q, in view: %v; want %q", marked, inView, quote)
	}
	do(chromedp.Navigate(site+"/?lang=zh&q="+url.QueryEscape("北京2021年GDP是多少")), chromedp.WaitVisible(".reply.refusal"))
	picture(t, ctx, "refusal")
	votes(t, ctx, site)
	wide(t, ctx, site)
	dark(t, site)
	narrow(t, ctx, site)
}

// votes: the buttons below an answer, used as a reader does.
func votes(t *testing.T, ctx context.Context, site string) {
	t.Helper()
	do := func(steps ...chromedp.Action[chromedp.Void]) { t.Helper(); see(t, ctx, chromedp.Steps(steps...)) }
	do(chromedp.Navigate(site+"/?lang=zh&q="+url.QueryEscape("2021年新建绿色矿山多少座")), chromedp.WaitVisible(".votes"))
	do(chromedp.Click(".votes summary"), chromedp.SendKeys(".votes input[name=input]", "年份不对"))
	picture(t, ctx, "vote")
	do(chromedp.Click(".votes details button"), chromedp.WaitVisible(".reply.notice"))
	if said := see(t, ctx, chromedp.Text(".reply .say")); !strings.Contains(said, "谢谢") && !strings.Contains(said, "记下") {
		t.Errorf("after a vote the page says %q", said)
	}
	do(chromedp.Navigate(site+"/?lang=zh&q="+url.QueryEscape("2021年新建绿色矿山多少座")), chromedp.WaitVisible(".chips"), chromedp.Click(".quote.answers .chips a.plain"), chromedp.WaitVisible(".reply.passage"))
	picture(t, ctx, "paragraph")
}

// wide: the contents stand beside the text and stay in view.
func wide(t *testing.T, ctx context.Context, site string) {
	t.Helper()
	see(t, ctx, chromedp.EmulateViewport(1280, 900))
	see(t, ctx, chromedp.Steps(chromedp.Navigate(site+citation(t, site)), chromedp.WaitVisible(".cited mark"), chromedp.Sleep(scrolled)))
	picture(t, ctx, "wide-reader")
	if beside := see(t, ctx, chromedp.Evaluate[bool](`(() => { const c = document.querySelector(".outline").getBoundingClientRect(), p = document.querySelector(".text").getBoundingClientRect();
		return c.right < p.left && c.top >= 0 && c.top < innerHeight && document.documentElement.scrollWidth <= innerWidth; })()`)); !beside {
		t.Error("the contents are not beside the text")
	}
}

// dark: whoever asks for a dark page gets one.
func dark(t *testing.T, site string) {
	t.Helper()
	ctx := browser(t, chromedp.Flag("force-dark-mode", true))
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(900, 900)); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"dark": "/?lang=zh&q=" + url.QueryEscape("2021年新建绿色矿山多少座"), "dark-reader": citation(t, site)} {
		see(t, ctx, chromedp.Steps(chromedp.Navigate(site+path), chromedp.WaitVisible("main"), chromedp.Sleep(scrolled)))
		picture(t, ctx, name)
		if paper := see(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`)); paper != "rgb(25, 23, 21)" {
			t.Errorf("%s is on %s in the dark", path, paper)
		}
	}
}

// narrow: on a phone nothing is wider than the screen.
func narrow(t *testing.T, ctx context.Context, site string) {
	t.Helper()
	see(t, ctx, chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	for name, path := range map[string]string{"phone": "/?lang=zh&q=" + url.QueryEscape("2021年新建绿色矿山多少座"), "phone-reader": citation(t, site)} {
		see(t, ctx, chromedp.Steps(chromedp.Navigate(site+path), chromedp.WaitVisible("main"), chromedp.Sleep(scrolled)))
		picture(t, ctx, name)
		if over := see(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`)); over > 0 {
			t.Errorf("%s is %d pixels wider than the screen", path, over)
		}
	}
}

// citation returns the path that an answer cites.
func citation(t *testing.T, site string) string {
	t.Helper()
	resp, err := http.Get(site + "/api/v1/ask?q=" + url.QueryEscape("2021年新建绿色矿山多少座"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var a struct {
		Excerpts []struct{ Citation struct{ URL string } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || len(a.Excerpts) == 0 {
		t.Fatal(err, a)
	}
	return a.Excerpts[0].Citation.URL
}
