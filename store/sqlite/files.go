// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// files are the files of a store. They stay open until it is closed, so that other
// files under their names are noticed.
type files struct {
	path string
	lock *os.File    // the path with ".lock" after it, locked
	id   os.FileInfo // of the file at path, in the list of those in use
	main *os.File    // that file, with a lock of its own for other names of it
	log  *os.File

	mainInfo, logInfo os.FileInfo
}

// inUse are the files that Stores of this process have open. A file that has two
// names, by a hard link, is one. An operating system's locks do not see this: they are
// the process's.
var inUse struct {
	sync.Mutex
	files []os.FileInfo
}

// acquire creates the file unless it exists. It locks out other Stores by the path, and
// those of this process by any name. Nothing may open the file before it
// returns: closing any handle of a file drops the POSIX locks that a Store in this
// process has on it.
func (f *files) acquire(path string) error {
	lock, err := acquireLock(path + ".lock")
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	f.path, f.lock = path, lock
	if err := create(path); err != nil {
		return err
	}
	id, err := os.Stat(path)
	if err != nil {
		return err
	}
	inUse.Lock()
	defer inUse.Unlock()
	for _, other := range inUse.files {
		if os.SameFile(id, other) {
			return fmt.Errorf("another name of it: %w", ErrInUse)
		}
	}
	f.id = id
	inUse.files = append(inUse.files, id)
	return nil
}

// hold opens the files that SQLite has open, and locks out other processes by any name
// of the file.
func (f *files) hold(path string) (err error) {
	if f.main, f.mainInfo, err = openInfo(path, os.O_RDWR); err != nil {
		if errors.Is(err, os.ErrPermission) {
			err = fmt.Errorf("the file is readonly: %w", err)
		}
		return err
	}
	if !os.SameFile(f.id, f.mainInfo) {
		return ErrMoved
	}
	if err := lockName(f.main); err != nil {
		return fmt.Errorf("another name of it: %w", err)
	}
	f.log, f.logInfo, err = openInfo(path+"-wal", os.O_RDONLY)
	return err
}

func openInfo(path string, flag int) (*os.File, os.FileInfo, error) {
	file, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	return file, info, err
}

// inPlace checks that the file and its log are those that were opened. The third one,
// the log's index, is rebuilt from the log when it is missing.
func (f *files) inPlace() error {
	for _, file := range []struct {
		path string
		info os.FileInfo
	}{{f.path, f.mainInfo}, {f.path + "-wal", f.logInfo}} {
		info, err := os.Stat(file.path)
		if err == nil && os.SameFile(info, file.info) {
			continue
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%w: %w", ErrMoved, err)
		}
		return fmt.Errorf("%w: %q", ErrMoved, file.path)
	}
	return nil
}

// close releases the file, after SQLite has closed it.
func (f *files) close() error {
	var errs []error
	if f.main != nil {
		errs = append(errs, f.main.Close())
	}
	if f.id != nil {
		inUse.Lock()
		inUse.files = slices.DeleteFunc(inUse.files, func(id os.FileInfo) bool { return id == f.id })
		inUse.Unlock()
	}
	if f.lock != nil {
		errs = append(errs, unlockFile(f.lock), f.lock.Close())
	}
	return errors.Join(errs...)
}

// acquireLock returns the file at path, locked.
func acquireLock(path string) (*os.File, error) {
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// create creates an empty file that only this user can read, unless it exists.
func create(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), syncDir(filepath.Dir(path)))
}
