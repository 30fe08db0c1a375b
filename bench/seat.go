// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/leadsync/leadsync/internal/scenario"
)

// A seat is a contestant's session with the folder of its files.
type seat struct {
	session
	dir string
}

// takeSeat connects the contestant that an order names to the org of its job.
func takeSeat(ctx context.Context, o order) (*seat, error) {
	c, ok := contestantOf(o.Contestant)
	if !ok || o.Job == nil {
		return nil, fmt.Errorf("there is no contestant %q, or no job", o.Contestant)
	}
	dir, err := os.MkdirTemp("", "leadsync-bench")
	if err != nil {
		return nil, err
	}
	j := *o.Job
	j.Dir, j.Leads = dir, scenario.EventLeads(o.Leads)
	s, err := c.open(ctx, &j)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &seat{s, dir}, nil
}

// measured does the job and returns what it took, with a CPU profile in a file if that is named.
func (s *seat) measured(ctx context.Context, profile string) (used usage, err error) {
	if profile != "" {
		file, err := os.Create(profile)
		if err != nil {
			return usage{}, err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return usage{}, err
		}
		defer pprof.StopCPUProfile()
	}
	return measured(ctx, s.session)
}

// sizeOf returns the bytes of the files in a folder.
func sizeOf(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

// close ends the session, and returns how many bytes of files it leaves; then they are removed.
func (s *seat) close() (disk int64, err error) {
	err = s.session.close()
	disk, sizeErr := sizeOf(s.dir)
	return disk, errors.Join(err, sizeErr, os.RemoveAll(s.dir))
}
