// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
)

// served runs -serve and returns its address, and what interrupts it and returns its exit code.
func served(t *testing.T) (address string, interrupt func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, printed := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"-serve", "127.0.0.1:0"}, noEnv, nil, printed, io.Discard)
		_ = printed.Close()
	}()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && address == "" {
		address = regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(lines.Text())
		if address != "" {
			break
		}
	}
	require.NotEmpty(t, address)
	return address, func() int {
		cancel()
		return <-ended
	}
}

func TestServeSyncsNothingWhereItsAddressIsTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"-n", "1", "-serve", taken.Addr().String()}, noEnv, nil, &stdout, &stderr)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr.String(), "quickstart: -serve: listen tcp")
	require.NotContains(t, stderr.String(), "captured")
	require.Empty(t, stdout.String())
}

func TestServeShowsThePagesUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	address, interrupt := served(t)
	front := getText(t, address)
	require.Contains(t, front, demoorg.MissingInterest)
	require.Contains(t, front, "1 of 250 leads", "the lead that only the terminal counts")
	require.Contains(t, getText(t, address+"salesforce/reconciliation"), "NO_TAG_MAPPING")

	resp, err := http.Post(address+"admin/option", "", nil)
	require.NoError(t, err)
	require.Contains(t, readText(t, resp), "Added.")
	require.Equal(t, exitDone, interrupt())
}

func TestServeLetsARowBeChangedACauseBeRetriedAndALeadBeUndone(t *testing.T) {
	t.Parallel()
	address, interrupt := served(t)
	b := &browser{t: t, site: address + "salesforce/"}
	var err error
	b.Jar, err = cookiejar.New(nil)
	require.NoError(t, err)
	page := b.press("mapping", b.open("mapping"), url.Values{"do": {"remove:0:3"}})
	page = b.press("mapping", page, url.Values{"do": {"save"}})
	require.Contains(t, page, "Saved.")
	require.Contains(t, page, "Revision 2")
	require.Contains(t, page, "by "+demoUser)

	resp, err := http.Post(address+"admin/option", "", nil)
	require.NoError(t, err)
	require.Contains(t, readText(t, resp), "Added.")
	failed := b.open("reconciliation")
	require.Contains(t, failed, demoorg.MissingInterest)
	_, group, _ := strings.Cut(failed, demoorg.MissingInterest)
	filter := regexp.MustCompile(`name="filter" value='?"?([^>]*?)"?'?>`).FindStringSubmatch(group)[1]
	require.Contains(t, b.press("retry", failed, url.Values{"filter": {filter}}), "3 leads will be synced again.")
	require.Eventually(t, func() bool { return !strings.Contains(b.open("reconciliation"), demoorg.MissingInterest) },
		30*time.Second, 20*time.Millisecond)

	lead := regexp.MustCompile(`leads/\d+`).FindString(b.press("search", failed, url.Values{"text": {demoorg.EditedLead}}))
	undone := b.press(lead+"/undo", b.open(lead+"/undo"), url.Values{})
	require.Contains(t, undone, "1 record has its earlier values back")
	require.Equal(t, exitDone, interrupt())
}

// A browser has cookies and no JavaScript.
type browser struct {
	http.Client
	t    *testing.T
	site string
}

func (b *browser) open(page string) string {
	b.t.Helper()
	resp, err := b.Get(b.site + page)
	require.NoError(b.t, err)
	return html.UnescapeString(readText(b.t, resp))
}

// press sends a form of a page.
func (b *browser) press(to, page string, form url.Values) string {
	b.t.Helper()
	for _, name := range []string{"token", "revision", "mapping"} {
		if m := regexp.MustCompile(`name="` + name + `" value="(.*?)">`).FindStringSubmatch(page); m != nil {
			form.Set(name, m[1])
		}
	}
	resp, err := b.PostForm(b.site+to, form)
	require.NoError(b.t, err)
	return html.UnescapeString(readText(b.t, resp))
}

func noEnv(string) string { return "" }

func getText(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	require.NoError(t, err)
	return readText(t, resp)
}

func readText(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}
