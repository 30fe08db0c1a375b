// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A fault is what goes wrong with the requests that match it.
type fault struct {
	Method string // empty for all
	Path   string // a regular expression for the path and the query; empty for all
	Skip   int    // so many matching requests succeed first
	Times  int    // then so many fail; 0 means all

	Status                         int
	Body                           string
	HTML                           bool
	Header                         map[string]string
	DropBefore, DropAfter, CutBody bool
	CommitLater, Delay             string // durations, such as 1.5s

	path *regexp.Regexp
	made sftest.Fault
}

// compile reads the texts of a fault.
func (f *fault) compile() (err error) {
	if f.path, err = regexp.Compile(f.Path); err != nil {
		return fmt.Errorf("path: %w", err)
	}
	f.Method = strings.ToUpper(f.Method)
	f.made = sftest.Fault{
		Status: f.Status, Body: f.Body, HTML: f.HTML, DropBefore: f.DropBefore, DropAfter: f.DropAfter,
		CutBody: f.CutBody, Header: http.Header{},
	}
	for _, name := range sorted(f.Header) {
		if !headerName().MatchString(name) {
			return fmt.Errorf("header: %q is no name of a header", name)
		}
		if strings.ContainsFunc(f.Header[name], isControl) {
			return fmt.Errorf("header: the value of %s has a control character", name)
		}
		f.made.Header.Set(name, f.Header[name])
	}
	for _, d := range []given{
		{"commitLater", &f.CommitLater, &f.made.CommitLater}, {"delay", &f.Delay, &f.made.Delay},
	} {
		if *d.text == "" {
			continue
		}
		if err := readDurations(d); err != nil {
			return err
		}
	}
	switch {
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status: %d is no status of an answer", f.Status)
	case f.Skip < 0 || f.Times < 0:
		return errors.New("skip and times must not be negative")
	case f.Status == 0 && !f.DropBefore && !f.DropAfter && !f.CutBody && f.made.CommitLater == 0 && f.made.Delay == 0:
		return errors.New("the fault does nothing")
	}
	return nil
}

// headerName matches a token (RFC 9110, 5.6.2).
func headerName() *regexp.Regexp { return regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$") }

// isControl reports whether a character may not be in the value of a header (RFC 9110, 5.5).
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }

// takes reports whether a request fails, and counts it.
func (f *fault) takes(r *http.Request) bool {
	if f.Method != "" && f.Method != r.Method || !f.path.MatchString(r.URL.RequestURI()) || f.Times < 0 {
		return false
	}
	if f.Skip > 0 {
		f.Skip--
		return false
	}
	if f.Times == 1 {
		f.Times = -1 // used up
	} else if f.Times > 0 {
		f.Times--
	}
	return true
}

// fault is the script of the org: the first fault that takes a request decides.
func (k *control) fault(r *http.Request, _ int) *sftest.Fault {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, f := range k.faults {
		if f.takes(r) {
			made := f.made
			return &made
		}
	}
	return nil
}

func (k *control) setFaults(_ *http.Request, body []byte) (any, error) {
	var faults []*fault
	if err := decode(body, &faults); err != nil {
		return nil, err
	}
	for i, f := range faults {
		if f == nil {
			return nil, fmt.Errorf("fault %d is null", i)
		}
		if err := f.compile(); err != nil {
			return nil, fmt.Errorf("fault %d: %w", i, err)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = faults
	return struct{}{}, nil
}

func (k *control) clearFaults(*http.Request, []byte) (any, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = nil
	return struct{}{}, nil
}
