// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRunServesUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "requests.jsonl")
	for name, tc := range map[string]struct {
		args  []string
		leads int
	}{
		"demo":  {[]string{"-log", log, "-external-ids"}, 3},
		"empty": {[]string{"-empty"}, 0},
		"crowd": {[]string{"-n", "100"}, 30},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := parseFlags(tc.args)
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ready, stdout := io.Pipe()
			done := make(chan error, 1)
			go func() { done <- run(ctx, c, stdout, io.Discard) }()
			line, err := bufio.NewReader(ready).ReadBytes('\n')
			require.NoError(t, err)
			var org struct{ URL, Token string }
			require.NoError(t, json.Unmarshal(line, &org))

			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
				org.URL+"/services/data/v62.0/query?q=SELECT+Id+FROM+Lead", nil)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+org.Token)
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			defer res.Body.Close()
			var page struct{ TotalSize int }
			require.NoError(t, json.NewDecoder(res.Body).Decode(&page))
			require.Equal(t, tc.leads, page.TotalSize)

			cancel()
			require.NoError(t, <-done)
		})
	}
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), "\n"))
}

func TestRunReturnsWhatItCannotOpen(t *testing.T) {
	t.Parallel()
	for _, c := range []*config{
		{addr: "127.0.0.1:0", log: filepath.Join(t.TempDir(), "nowhere", "log"), empty: true},
		{addr: "127.0.0.1", empty: true},
	} {
		require.Error(t, run(t.Context(), c, io.Discard, io.Discard))
	}
}

func TestFlagsAreChecked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"8080"}, {"-n", "-1"}, {"-latency", "-1s"}, {"-empty", "-n", "5"}} {
		_, err := parseFlags(args)
		require.Error(t, err, args)
	}
}
