// SPDX-License-Identifier: Apache-2.0

// Package hook calls code of the host, such as a transform, a strategy or a sink, which
// may panic: the panic ends the call and not the process.
package hook

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
)

// A Hook names code of the host, as logs and errors do.
type Hook struct {
	Kind string // such as "transform"
	Name string // of several of the kind, else empty
	For  string // what it is called for, such as the id of a lead, else empty
}

// String returns the kind and the name, such as transform "country".
func (h Hook) String() string {
	if h.Name == "" {
		return h.Kind
	}
	return h.Kind + " " + strconv.Quote(h.Name)
}

// A Panic is the error of a hook that panicked. It leaves out the value of the panic, which
// may hold personal data.
type Panic struct {
	Hook  Hook
	Type  string // of the value
	Stack string // functions, files and lines, without arguments
	// Result is what the other hooks that Several called returned.
	Result any
}

// ErrPanicked is what every *Panic wraps.
var ErrPanicked = errors.New("the stack is in the log")

// Error points to the stack. Reason says what panicked.
func (p *Panic) Error() string { return ErrPanicked.Error() }

// Unwrap returns ErrPanicked.
func (p *Panic) Unwrap() error { return ErrPanicked }

// Reason says which hook panicked.
func (p *Panic) Reason() string { return p.Hook.String() + " panicked" }

// Call calls f. When f panics, it logs the stack and returns a *Panic. log may be nil.
// runtime.Goexit in f ends the goroutine, as it does anywhere.
func Call(log *slog.Logger, h Hook, f func()) *Panic {
	p := try(f)
	if p == nil {
		return nil
	}
	p.Hook = h
	if log != nil {
		log.Error("leadsync: code of the host panicked", "hook", h.String(), "for", h.For,
			"type", p.Type, "stack", p.Stack)
	}
	return p
}

// Several calls hooks one after another, the later ones also when an earlier one has
// panicked.
type Several struct{ first *Panic }

// Call calls f, and catches and returns its panic.
func (s *Several) Call(f func()) *Panic {
	p := try(f)
	if s.first == nil {
		s.first = p
	}
	return p
}

// ResultOr returns the Result of p where that is a T, else otherwise.
func ResultOr[T any](p *Panic, otherwise T) T {
	if p != nil {
		if result, ok := p.Result.(T); ok {
			return result
		}
	}
	return otherwise
}

// End panics with the *Panic of the first that panicked, if one did, and with what the
// hooks have returned as its Result.
func (s *Several) End(result any) {
	if s.first != nil {
		s.first.Result = result
		panic(s.first)
	}
}

// try calls f and returns its panic, nil for none.
func try(f func()) (caught *Panic) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *Panic:
			caught = v
		default:
			caught = &Panic{Type: fmt.Sprintf("%T", v), Stack: stack()}
		}
	}()
	f()
	return nil
}

// deepest bounds how many functions of a stack are logged.
const deepest = 64

// stack returns the functions that were running. Unlike that of package debug it has no
// arguments, which may be data.
func stack() string {
	var counters [deepest]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(1, counters[:])])
	var b strings.Builder
	for {
		frame, more := frames.Next()
		fmt.Fprintf(&b, "%s\n\t%s:%d\n", frame.Function, frame.File, frame.Line)
		if !more {
			return b.String()
		}
	}
}
