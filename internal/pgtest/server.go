// SPDX-License-Identifier: Apache-2.0

package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Variable is the environment variable with the connection string of a server to be used in
// place of a private one. Tests make schemas of their own in its database, and drop them.
const Variable = "LEADSYNC_TEST_POSTGRES"

// oldest is the oldest version of PostgreSQL whose programs are used.
const oldest = 15

// A Server is a private server, started when it is first asked for. The zero value is one
// that has not been started. TestMain has to call Stop after the tests.
type Server struct {
	once    sync.Once
	err     error
	dir     string
	program string // postgres
	process *exec.Cmd
	exited  chan struct{}
}

// errNoServer says that there are no programs to start a server with.
var errNoServer = errors.New("no PostgreSQL " + strconv.Itoa(oldest) +
	" or newer was found (initdb and postgres, in PATH or /usr/lib/postgresql)")

// DSN returns the connection string of a server that runs: that of Variable if it is set. It
// skips the test where there is no server to start, and fails it in CI.
func (s *Server) DSN(t testing.TB) string {
	t.Helper()
	if dsn := os.Getenv(Variable); dsn != "" {
		return dsn
	}
	return s.PrivateDSN(t)
}

// PrivateDSN is DSN without Variable, for tests that stop the server.
func (s *Server) PrivateDSN(t testing.TB) string {
	t.Helper()
	dsn, err := s.private()
	switch {
	case errors.Is(err, errNoServer) && os.Getenv("CI") != "true":
		t.Skipf("%v; install it, or set %s", err, Variable)
	case err != nil:
		t.Fatalf("start a PostgreSQL server: %v", err)
	}
	return dsn
}

// Open is DSN for programs that are not tests. The error says why there is no server.
func (s *Server) Open() (dsn string, err error) {
	if dsn := os.Getenv(Variable); dsn != "" {
		return dsn, nil
	}
	return s.private()
}

// private starts the private server, if it has not been started.
func (s *Server) private() (dsn string, err error) {
	s.once.Do(func() { s.err = s.create() })
	return "host=" + s.dir + " user=postgres database=postgres", s.err
}

// create makes the cluster and starts its server.
func (s *Server) create() error {
	initdb, err := programs()
	if err != nil {
		return err
	}
	s.program = filepath.Join(filepath.Dir(initdb), "postgres")
	if s.dir, err = os.MkdirTemp("", "leadsync-pg"); err != nil {
		return err
	}
	if err := give(s.dir); err != nil {
		return err
	}
	cmd := exec.Command(initdb, "-D", s.data(), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale",
		"--no-sync")
	cmd.Dir, cmd.SysProcAttr = s.dir, unprivileged()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return s.Start()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// programs returns the path of the newest initdb with a postgres beside it.
func programs() (initdb string, err error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	newest := 0
	for _, path := range found {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		if err == nil && version >= max(oldest, newest) {
			initdb, newest = path, version
		}
	}
	if initdb != "" {
		return initdb, nil
	}
	if initdb, err = exec.LookPath("initdb"); err != nil {
		return "", errNoServer
	}
	out, err := exec.Command(initdb, "--version").Output() // initdb (PostgreSQL) 16.4
	words := strings.Fields(string(out))
	if err != nil || len(words) < 3 {
		return "", errNoServer
	}
	major, _, _ := strings.Cut(words[2], ".")
	if version, err := strconv.Atoi(major); err != nil || version < oldest {
		return "", errNoServer
	}
	return initdb, nil
}

// Start starts the server after Stop or Kill, and waits until it takes connections.
func (s *Server) Start() error {
	// What is committed survives the end of the server without fsync, though not that of the
	// machine.
	cmd := exec.Command(s.program, "-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "full_page_writes=off", "-c", "max_connections=200")
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = s.dir, unprivileged(), log, log
	exited, err := launch(cmd)
	if err != nil {
		return err
	}
	s.process, s.exited = cmd, exited
	return s.await()
}

// launch starts a server, and returns what is closed when it has ended.
func launch(cmd *exec.Cmd) (exited chan struct{}, err error) {
	started, exited := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the server ends with the thread that started it
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(exited)
		}
	}()
	return exited, <-started
}

// await waits until the server has written that it is ready.
func (s *Server) await() error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1500 {
		text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
		if err == nil && strings.Contains(string(text), "\nready") &&
			strings.HasPrefix(string(text), strconv.Itoa(s.process.Process.Pid)+"\n") {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.exited:
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("the server has ended: %s", text)
		}
	}
	return errors.New("the server does not start")
}

// Restart ends the server, cutting its connections, and starts it again. It is the server of
// PrivateDSN.
func (s *Server) Restart() error {
	if err := s.end(syscall.SIGINT); err != nil {
		return err
	}
	return s.Start()
}

// Crash kills the server like a machine that fails, and starts it again.
func (s *Server) Crash() error {
	if err := s.end(syscall.SIGQUIT); err != nil {
		return err
	}
	return s.Start()
}

func (s *Server) end(how os.Signal) error {
	if err := s.process.Process.Signal(how); err != nil {
		return err
	}
	<-s.exited
	return nil
}

// Stop ends the server, if it was started, and removes its files.
func (s *Server) Stop() {
	if s.process != nil {
		_ = s.end(syscall.SIGQUIT)
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
