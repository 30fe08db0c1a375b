// SPDX-License-Identifier: Apache-2.0

package pgtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bouncerPort is what a private PgBouncer names its socket by.
const bouncerPort = "6432"

// Bouncer starts a PgBouncer in transaction mode in front of the private server, which ends with the test. It returns
// the connection string, and whether statements may be prepared. It skips the test where PgBouncer is not
// installed, and fails it in CI.
func (s *Server) Bouncer(t testing.TB) (dsn string, prepares bool) {
	t.Helper()
	s.PrivateDSN(t)
	program, err := bouncerProgram()
	switch {
	case err != nil && os.Getenv("CI") != "true":
		t.Skipf("%v; install it", err)
	case err != nil:
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "leadsync-bouncer")
	if err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		prepares, err = bouncerPrepares(program)
	}
	if err == nil {
		err = s.startBouncer(t, program, dir, prepares)
	}
	if err != nil {
		t.Fatalf("start PgBouncer: %v", err)
	}
	return "host=" + dir + " port=" + bouncerPort + " user=postgres database=postgres", prepares
}

// bouncerProgram returns the path of PgBouncer.
func bouncerProgram() (string, error) {
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no PgBouncer was found (pgbouncer, in PATH or /usr/sbin)")
}

// bouncerPrepares reports whether a PgBouncer keeps prepared statements of clients apart, which it does from 1.21 on.
func bouncerPrepares(program string) (bool, error) {
	out, err := exec.Command(program, "--version").Output() // PgBouncer 1.18.0
	if err != nil {
		return false, err
	}
	words := strings.Fields(string(out))
	if len(words) < 2 {
		return false, fmt.Errorf("%s has no version", program)
	}
	major, rest, _ := strings.Cut(words[1], ".")
	minor, _, _ := strings.Cut(rest, ".")
	first, err := strconv.Atoi(major)
	if err != nil {
		return false, err
	}
	second, err := strconv.Atoi(minor)
	return first > 1 || second >= 21, err
}

// startBouncer starts PgBouncer in a folder, and waits until it has its socket.
func (s *Server) startBouncer(t testing.TB, program, dir string, prepares bool) error {
	config := "[databases]\n* = host=" + s.dir + " user=postgres\n[pgbouncer]\nlisten_addr =\nunix_socket_dir = " + dir +
		"\nlisten_port = " + bouncerPort + "\nauth_type = any\npool_mode = transaction\nmax_client_conn = 500\n"
	if prepares {
		config += "max_prepared_statements = 200\n"
	}
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := errors.Join(os.WriteFile(file, []byte(config), 0o644), os.Chmod(dir, 0o755), give(dir)); err != nil {
		return err
	}
	cmd := exec.Command(program, "-q", file)
	var log strings.Builder
	cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = dir, unprivileged(), &log, &log
	exited, err := launch(cmd)
	if err != nil {
		return err
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-exited
	})
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if conn, err := net.Dial("unix", filepath.Join(dir, ".s.PGSQL."+bouncerPort)); err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-exited:
			return errors.New(log.String())
		}
	}
	return errors.New("it does not start")
}
