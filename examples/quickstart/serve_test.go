// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
)

func TestServeShowsThePagesUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	stdout, printed := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"-serve", "127.0.0.1:0"}, noEnv, nil, printed, io.Discard)
		_ = printed.Close()
	}()
	address := ""
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && address == "" {
		if m := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(lines.Text()); m != "" {
			address = m
			break
		}
	}
	require.NotEmpty(t, address)
	require.Contains(t, getText(t, address), demoorg.MissingInterest)
	require.Contains(t, getText(t, address+"salesforce/reconciliation"), "NO_TAG_MAPPING")

	resp, err := http.Post(address+"admin/option", "", nil)
	require.NoError(t, err)
	require.Contains(t, readText(t, resp), "Added.")
	interrupt()
	require.Equal(t, exitDone, <-ended)
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
