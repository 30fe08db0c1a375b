// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// role is the environment variable that makes the program a child: of the role that it names.
const role = "LEADSYNC_BENCH_ROLE"

const (
	roleOrg    = "org"
	roleClient = "client"
)

// An order is what the program asks of a child, one line of JSON. A child answers each with
// a reply, and ends with its standard input.
type order struct {
	Do string `json:"do"`
	// Of an org: how many leads it has its share of, and how late it answers.
	Leads int           `json:"leads,omitempty"`
	Delay time.Duration `json:"delay,omitempty"`
	// Of a client.
	Contestant string `json:"contestant,omitempty"`
	Job        *job   `json:"job,omitempty"`
	Profile    string `json:"profile,omitempty"` // a file for a CPU profile of the job
}

// What orders say in Do.
const (
	doNew   = "new"   // of an org: end the last one, serve another; the reply has its job
	doTally = "tally" // of an org; the reply has the tally
	doCheck = "check" // of an org: fail if the job was not done
	doOpen  = "open"  // of a client: connect
	doSync  = "sync"  // of a client: do the job; the reply has the usage
	doClose = "close" // of both: end what was opened; a client's reply has the size of its files
)

// A reply is a child's answer.
type reply struct {
	Err   string `json:"err,omitempty"`
	Job   *job   `json:"job,omitempty"`
	Tally tally  `json:"tally"`
	Usage usage  `json:"usage"`
	Disk  int64  `json:"disk"` // bytes of the files that a client leaves
}

// A child is a process with a role.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
	in    *json.Encoder
	out   *json.Decoder
}

// startChild starts a build of this program, this one if it has no name, in a role. It ends
// with ctx, with this process, or with stop.
func startChild(ctx context.Context, program, as string) (c *child, err error) {
	if program == "" {
		if program, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), role+"="+as)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &child{cmd, stdin, json.NewEncoder(stdin), json.NewDecoder(stdout)}, nil
}

func (c *child) stop() {
	_ = c.stdin.Close()
	_ = c.cmd.Wait()
}

// ask gives an order and waits for the reply.
func (c *child) ask(o order) (reply, error) {
	var r reply
	if err := c.in.Encode(o); err != nil {
		return r, err
	}
	if err := c.out.Decode(&r); err != nil {
		return r, fmt.Errorf("a process has ended: %w", err)
	}
	if r.Err != "" {
		return r, errors.New(r.Err)
	}
	return r, nil
}

// serveChild carries out orders until there are no more.
func serveChild(as string, in io.Reader, out io.Writer) error {
	ctx := context.Background()
	carryOut, end := orgRole()
	if as == roleClient {
		carryOut, end = clientRole()
	}
	defer end()
	orders, replies := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		r, err := carryOut(ctx, o)
		if err != nil {
			r.Err = err.Error()
		}
		if err := replies.Encode(r); err != nil {
			return err
		}
	}
}

// orgRole carries out the orders of an org.
func orgRole() (carryOut func(context.Context, order) (reply, error), end func()) {
	var current *org
	end = func() {
		if current != nil {
			current.close()
			current = nil
		}
	}
	return func(_ context.Context, o order) (r reply, err error) {
		switch {
		case o.Do == doNew:
			end()
			if current, err = newOrg(o.Leads, o.Delay); err == nil {
				r.Job = &current.address
			}
		case current == nil:
			err = errors.New("there is no org")
		case o.Do == doTally:
			r.Tally = current.tally()
		case o.Do == doCheck:
			err = current.check(objectContact, objectLead)
		case o.Do == doClose:
			end()
		default:
			err = fmt.Errorf("an org does not %q", o.Do)
		}
		return r, err
	}, end
}

// clientRole carries out the orders of a contestant.
func clientRole() (carryOut func(context.Context, order) (reply, error), end func()) {
	var current *seat
	end = func() {
		if current != nil {
			_, _ = current.close()
			current = nil
		}
	}
	return func(ctx context.Context, o order) (r reply, err error) {
		switch {
		case o.Do == doOpen:
			end()
			current, err = takeSeat(ctx, o)
		case current == nil:
			err = errors.New("no session is open")
		case o.Do == doSync:
			r.Usage, err = current.measured(ctx, o.Profile)
		case o.Do == doClose:
			r.Disk, err = current.close()
			current = nil
		default:
			err = fmt.Errorf("a client does not %q", o.Do)
		}
		return r, err
	}, end
}
