// SPDX-License-Identifier: Apache-2.0

//go:build unix

package login_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

// A fileStore keeps a token in a folder, with a lock that ends with its process.
type fileStore struct{ folder string }

type fileToken struct {
	Version         int
	Access, Refresh string
}

func (s fileStore) path() string { return filepath.Join(s.folder, "token") }

func (s fileStore) read() (kept fileToken, err error) {
	text, err := os.ReadFile(s.path())
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	return kept, err
}

func (s fileStore) write(kept fileToken) error {
	text, err := json.Marshal(kept)
	if err == nil {
		err = os.WriteFile(s.path()+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(s.path()+".new", s.path())
	}
	return err
}

func (s fileStore) Load(context.Context) (*oauth2.Token, string, error) {
	kept, err := s.read()
	return &oauth2.Token{AccessToken: kept.Access, RefreshToken: kept.Refresh}, strconv.Itoa(kept.Version), err
}

func (s fileStore) Lock(context.Context) (func(), error) {
	file, err := os.OpenFile(filepath.Join(s.folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	return func() { _ = file.Close() }, err
}

func (s fileStore) CompareAndSwap(_ context.Context, version string, token *oauth2.Token) (bool, error) {
	kept, err := s.read()
	if err != nil || strconv.Itoa(kept.Version) != version {
		return false, err
	}
	return true, s.write(fileToken{kept.Version + 1, token.AccessToken, token.RefreshToken})
}

const (
	childFolder  = "LEADSYNC_TOKEN_FOLDER"
	childAddress = "LEADSYNC_TOKEN_ADDRESS"
)

// TestSharedTokenChild is a process of the next test: it makes a call for each line that
// it reads, and answers with a line.
func TestSharedTokenChild(t *testing.T) {
	folder, address := os.Getenv(childFolder), os.Getenv(childAddress)
	if folder == "" {
		t.Skip("is started by another test")
	}
	tokens, err := sharedTokens(address, fileStore{folder})
	require.NoError(t, err)
	client := newClient(t, address, tokens, salesforce.Config{Hosts: []string{strings.TrimPrefix(address, "http://")}})
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		_, err := client.UserInfo(t.Context())
		fmt.Printf("answer: %v\n", err)
	}
}

// A child is a process that shares the token.
type child struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

func startChild(t *testing.T, folder, address string) *child {
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSharedTokenChild$")
	command.Env = append(os.Environ(), childFolder+"="+folder, childAddress+"="+address)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	require.NoError(t, err)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = command.Wait()
	})
	return &child{in, bufio.NewScanner(out)}
}

func (c *child) answer() string {
	for c.out.Scan() {
		if answer, ok := strings.CutPrefix(c.out.Text(), "answer: "); ok {
			return answer
		}
	}
	return "the process has ended"
}

// expiries is how many there are: the full number where LEADSYNC_TEST_FULL is set.
func expiries() int {
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		return 1_000
	}
	return 20
}

func TestSharedTokenInProcesses(t *testing.T) {
	t.Parallel()
	desk := newTokenDesk(t)
	store := fileStore{t.TempDir()}
	require.NoError(t, store.write(fileToken{1, desk.org.Token(), desk.org.RefreshToken()}))
	children := make([]*child, sharers)
	for i := range children {
		children[i] = startChild(t, store.folder, desk.URL)
	}
	for round := range expiries() + 1 {
		for _, c := range children {
			_, err := io.WriteString(c.in, "call\n")
			require.NoError(t, err)
		}
		for i, c := range children {
			require.Equal(t, "<nil>", c.answer(), "round %d, process %d", round, i)
		}
		all, twice := desk.refreshes()
		require.Equal(t, [2]int{round, 0}, [2]int{all, twice}, "round %d", round)
		desk.org.ExpireToken()
	}
}
