// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// skip skips a test for want of a tool, or fails it in CI.
func skip(t *testing.T, missing string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// chromium returns the path of the browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	skip(t, "chromium is not installed")
	return ""
}

// startBrowser starts a browser that reaches this machine alone, and stops it with the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("no-proxy-server", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx))
	return ctx
}

// A view is how a page is looked at.
type view struct {
	name   string
	width  int64
	height int64
	scheme string
	script bool
	lang   string // empty for English
}

// views are those in which each page is examined, and more of them for pictures. German texts are
// longer.
func views() []view {
	all := []view{
		{"phone-light", 360, 740, "light", true, ""}, {"phone-dark-de", 360, 740, "dark", true, "de"},
		{"desktop-light", 1440, 900, "light", true, ""}, {"desktop-dark-de", 1440, 900, "dark", true, "de"},
	}
	if os.Getenv(screenshots) == "" {
		return all
	}
	return append(all,
		view{"phone-light-de", 360, 740, "light", true, "de"}, view{"phone-dark", 360, 740, "dark", true, ""},
		view{"desktop-light-de", 1440, 900, "light", true, "de"}, view{"desktop-dark", 1440, 900, "dark", true, ""})
}

// flowViews are those in which the flows are clicked through.
func flowViews() []view {
	return []view{
		{"phone", 360, 740, "light", true, ""}, {"desktop", 1440, 900, "dark", true, ""},
		{"phone-noscript", 360, 740, "dark", false, ""}, {"desktop-noscript", 1440, 900, "light", false, ""},
	}
}

// A tab is a page of the browser, with its own cookies. It notes what it must not see: requests
// to elsewhere, breaches of the policy, and errors of scripts.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site string
	view view

	mu  sync.Mutex
	bad []string
}

func openTab(t *testing.T, browser context.Context, site string, v view) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx))
	ctx, cancel = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, site: site, view: v}
	require.NoError(t, chromedp.Listen(ctx, b.watch))
	ask(b, network.Enable, network.EnableParams{})
	ask(b, runtime.Enable, cdp.Empty{})
	ask(b, audits.Enable, cdp.Empty{})
	scheme := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}
	ask(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: scheme})
	ask(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !v.script})
	if v.lang != "" {
		headers := network.Headers{"Accept-Language": v.lang}
		ask(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers})
	}
	if v.width < 500 {
		b.do(chromedp.EmulateViewport(v.width, v.height, chromedp.EmulateMobile))
	} else {
		b.do(chromedp.EmulateViewport(v.width, v.height))
	}
	t.Cleanup(func() { require.Empty(t, b.seen()) })
	return b
}

// ask sends a command of the protocol.
func ask[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, command, params)
	require.NoError(b.t, err)
}

func (b *tab) watch(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, b.site) && !strings.HasPrefix(e.Request.URL, "data:") {
			b.bad = append(b.bad, "a request to "+e.Request.URL)
		}
	case *audits.EventIssueAdded:
		if e.Issue.Code == audits.InspectorIssueCodeContentSecurityPolicyIssue {
			b.bad = append(b.bad, "a breach of the policy: "+e.Issue.Details.ContentSecurityPolicyIssueDetails.ViolatedDirective)
		}
	case *runtime.EventExceptionThrown:
		b.bad = append(b.bad, "a script failed: "+e.ExceptionDetails.Text)
	}
}

func (b *tab) seen() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bad
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

// get runs an action that has a result.
func get[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	result, err := chromedp.Run(b.ctx, action)
	require.NoError(b.t, err)
	return result
}

// open shows a page and waits until it is there.
func (b *tab) open(page string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.site+page), chromedp.WaitReady(chromedp.CSS("main")))
}

// press clicks on what is on the page and leads to no other.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// enter types into a field.
func (b *tab) enter(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// fill replaces what is in a field or chosen in a select.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(selector), text))
}

// click follows a link or presses a button, and waits for the page that it leads to.
func (b *tab) click(selector string) {
	b.t.Helper()
	_, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector)))
	require.NoError(b.t, err, selector)
	b.do(chromedp.WaitReady(chromedp.CSS("main")))
}

func (b *tab) text() string {
	b.t.Helper()
	return get(b, chromedp.Text(chromedp.CSS("main")))
}

// screenshots names the variable with the folder that pictures are written to.
const screenshots = "LEADSYNC_TEST_SCREENSHOTS"

// shot writes a picture of the page where it is asked for them.
func (b *tab) shot(name string) {
	b.t.Helper()
	dir := os.Getenv(screenshots)
	if dir == "" {
		return
	}
	picture := get(b, chromedp.FullScreenshot(100))
	require.NoError(b.t, os.MkdirAll(dir, 0o755))
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+"-"+b.view.name+".png"), picture, 0o600))
}
