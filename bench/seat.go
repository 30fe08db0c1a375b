// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"

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

func (s *seat) close() error {
	return errors.Join(s.session.close(), os.RemoveAll(s.dir))
}
