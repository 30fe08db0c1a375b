// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
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
	stderr := &lockedBuffer{}
	org, stop := running(t, stderr, "-empty")
	const first, second = "/services/apexrest/a", "/services/apexrest/b"
	for _, path := range []string{first, second, first, "/services/data"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, org.URL+path, nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
	}
	stop()
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
