// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A lockedBuffer may be written to by several goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestUnknownRequestsAreReportedOnceEach(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ready, stdout := io.Pipe()
	stderr := &lockedBuffer{}
	done := make(chan error, 1)
	go func() { done <- run(ctx, &config{addr: "127.0.0.1:0", empty: true}, stdout, stderr) }()
	line, err := bufio.NewReader(ready).ReadBytes('\n')
	require.NoError(t, err)
	var org struct{ URL, Token string }
	require.NoError(t, json.Unmarshal(line, &org))
	const first, second = "/services/apexrest/a", "/services/apexrest/b"
	for _, path := range []string{first, second, first, "/services/data"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, org.URL+path, nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
	}
	cancel()
	require.NoError(t, <-done)
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	require.Len(t, lines, 2, stderr.String())
	require.Contains(t, lines[0], "GET /services/apexrest/a")
	require.Contains(t, lines[1], "GET /services/apexrest/b")
}

func TestComplaintsAreBounded(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	c := &complaints{to: &text}
	for i := range maxComplaints + 10 {
		c.Errorf("%d", i)
	}
	require.Equal(t, maxComplaints, strings.Count(text.String(), "\n"))
}
