// SPDX-License-Identifier: Apache-2.0

//go:build !windows

package sqlite

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// lockFile takes the lock without waiting for it.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrInUse
	}
	return err
}

// unlockFile gives the lock back. To close the file is not enough: a process
// that is being forked at this moment has it open too.
func unlockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }

// nameLock is a byte of the file, behind those that SQLite locks. It need not exist.
const nameLock = 1<<30 + 1024

// lockName locks the file itself, without waiting. It is a lock that all systems keep
// apart from SQLite's, which flock's are not everywhere. It is the process's: it ends
// when this process closes any handle of the file.
func lockName(f *os.File) error {
	err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK,
		&syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: nameLock, Len: 1})
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		return ErrInUse
	}
	return err
}

// makePrivate takes the files, those that exist, away from all users but their owner.
// A file that SQLite makes beside another gets its mode.
func makePrivate(paths ...string) error {
	for _, path := range paths {
		info, err := os.Lstat(path)
		if errors.Is(err, os.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); mode&^0o600 != 0 {
			if err := os.Chmod(path, mode&0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// syncDir makes the names in a directory survive a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
