// SPDX-License-Identifier: Apache-2.0

//go:build !windows

package sqlite_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/sqlite"
)

// A process that the host is forking has a copy of every file until it execs.
func TestCloseReleasesTheLockWhileAForkHasTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	store, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	fork, err := syscall.Dup(store.LockFD())
	require.NoError(t, err)
	defer syscall.Close(fork)
	require.NoError(t, store.Close())
	open(t, path, nil)
}
