// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// RunConnections checks the documented contract of store.Connections like Run does that of
// leadsync.Store. The stores that open opens must implement both.
func RunConnections(t *testing.T, open OpenFunc) {
	for name, check := range connectionTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer failOnPanic(t)
			clock := &clock{at: start}
			s := open(t, clock.now)
			kept, ok := s.(store.Connections)
			if !ok {
				t.Fatalf("%T is no store.Connections", s)
			}
			check(&connectionEnv{env: &env{t: t, store: s, clock: clock}, kept: kept})
		})
	}
}

var connectionTests = map[string]func(*connectionEnv){
	"ConnectionOfWhichNothingIsKept":               unknownConnection,
	"ConnectKeepsTheLinkAndTheToken":               connect,
	"DisconnectDropsTheTokenAlone":                 disconnect,
	"TokenIsSwappedByOneOfManyCallers":             swapToken,
	"TokenIsLockedForOneOwnerAtATime":              lockToken,
	"TokenVersionsAreNotGivenTwice":                tokenVersions,
	"ModeIsKept":                                   mode,
	"SettingsAreSetOverTheRevisionThatWasRead":     settings,
	"SettingsOfOneOfManyCallersAreKept":            settingsRace,
	"RevisionsArePagedTheLatestFirst":              revisions,
	"IncidentAndSchemaAreKept":                     incidentAndSchema,
	"OnceIsTakenByOneOfManyCallers":                once,
	"CallsAreCountedByTheHour":                     calls,
	"ConnectionsAreListedInOrder":                  listConnections,
	"DueConnectionsHaveLeadsThatCanBeClaimed":      dueConnections,
	"DueConnectionsHaveFrozenLeadsUnderAutomatic":  dueFrozen,
	"DueConnectionsLeaveOutThoseThatAreDrained":    dueUnderLease,
	"ConnectionsAreBounded":                        bounds,
	"ConnectionsChangeNothingWhenTheContextEnded":  endedContext,
	"ConnectionsKeepNoArgumentAndGiveNoneOfTheirs": aliasing,
	"PruneOfAConnectionLeavesItsSettings":          pruneSettings,
}

// A connectionEnv is the environment of one test of Connections.
type connectionEnv struct {
	*env
	kept store.Connections
}

func (e *connectionEnv) connection(name string) store.Connection {
	e.t.Helper()
	c, err := e.kept.Connection(e.ctx(), name)
	e.noError(err)
	return c
}

func (e *connectionEnv) names(after string, limit int) []string {
	e.t.Helper()
	listed, err := e.kept.ListConnections(e.ctx(), after, limit)
	e.noError(err)
	names := make([]string, len(listed))
	for i, c := range listed {
		names[i] = c.Name
		e.equal("listed "+c.Name, c, e.connection(c.Name))
	}
	return names
}

// decided returns the kinds of the steps of the connection's own history, with who decided.
func (e *connectionEnv) decided(name string) []string {
	e.t.Helper()
	steps, err := e.store.History(e.ctx(), name, "")
	e.noError(err)
	var decided []string
	for _, step := range steps {
		decided = append(decided, string(step.Kind)+string(step.Mode)+" by "+step.By)
	}
	return decided
}

var link = store.Link{InstanceURL: "https://acme.my.salesforce.com", Org: orgA, OrgName: "Acme \U0001F680 \"AG\"",
	UserID: "005000000000001AAA", User: "integration@acme.example", Sandbox: true}

func (e *connectionEnv) connect(sealed string) {
	e.t.Helper()
	e.noError(e.kept.Connect(e.ctx(), connection, link, []byte(sealed), "ada"))
}

func unknownConnection(e *connectionEnv) {
	e.equal("unknown", e.connection("nobody's"), store.Connection{Name: "nobody's"})
	e.equal("listed", e.names("", 10), []string{})
	schema, err := e.kept.Schema(e.ctx(), "nobody's")
	e.noError(err)
	e.equal("schema", schema, []byte(nil))
	used, err := e.kept.Calls(e.ctx(), "nobody's")
	e.noError(err)
	e.equal("calls", len(used), 0)
	e.noError(e.kept.Disconnect(e.ctx(), "nobody's", "ada"))
	e.noError(e.kept.UseToken(e.ctx(), "nobody's"))
	e.errorIs(e.kept.SwapToken(e.ctx(), "nobody's", 0, []byte("t")), store.ErrTokenSwapped)
	e.equal("still unknown", e.connection("nobody's"), store.Connection{Name: "nobody's"})
	e.equal("decided", len(e.decided("nobody's")), 0)
}

func connect(e *connectionEnv) {
	e.queue("L1") // captured before it is connected
	e.noError(e.kept.SetIncident(e.ctx(), connection, []byte("expired")))
	e.connect("first")
	want := store.Connection{Name: connection, Link: link, Token: store.Token{Version: 1, Sealed: []byte("first"),
		UsedAt: start}}
	want.Link.At = start
	e.equal("connected", e.connection(connection), want)
	e.clock.turn(time.Hour)
	e.bind(connection, orgA)
	e.connect("second")
	want.Org, want.Link.At = orgA, start.Add(time.Hour)
	want.Token = store.Token{Version: 2, Sealed: []byte("second"), UsedAt: start.Add(time.Hour)}
	e.equal("connected again", e.connection(connection), want)
	e.clock.turn(time.Hour)
	e.noError(e.kept.UseToken(e.ctx(), connection))
	e.equal("used", e.connection(connection).Token.UsedAt, start.Add(2*time.Hour))
	e.equal("decided", e.decided(connection), []string{"connected by ada", "connected by ada"})
	e.equal("another", e.connection("other"), store.Connection{Name: "other"})
	e.equal("leads", len(e.list(store.Filter{})), 1)
}

func disconnect(e *connectionEnv) {
	e.connect("t")
	e.noError(e.kept.SetSettings(e.ctx(), connection, 0, []byte("{}"), "ada"))
	before := e.connection(connection)
	e.noError(e.kept.Disconnect(e.ctx(), connection, "bo"))
	e.noError(e.kept.Disconnect(e.ctx(), connection, "bo")) // has none already
	before.Token = store.Token{}
	e.equal("disconnected", e.connection(connection), before)
	e.errorIs(e.kept.SwapToken(e.ctx(), connection, 1, []byte("t")), store.ErrTokenSwapped)
	e.equal("decided", e.decided(connection), []string{"connected by ada", "settings by ada", "disconnected by bo"})
}

func swapToken(e *connectionEnv) {
	e.connect("t")
	e.clock.turn(time.Minute)
	var swapped atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			err := e.kept.SwapToken(e.ctx(), connection, 1, fmt.Appendf(nil, "t%d", i))
			switch {
			case err == nil:
				swapped.Add(1)
			case !errors.Is(err, store.ErrTokenSwapped):
				e.t.Errorf("unexpected error: %v", err)
			}
		})
	}
	wg.Wait()
	e.equal("swapped", swapped.Load(), int64(1))
	token := e.connection(connection).Token
	e.equal("version", token.Version, int64(2))
	e.equal("used", token.UsedAt, start.Add(time.Minute))
	e.equal("swapped token", bytes.HasPrefix(token.Sealed, []byte("t")) && len(token.Sealed) == 2, true)
}

func lockToken(e *connectionEnv) {
	lock := func(owner string) error { return e.kept.LockToken(e.ctx(), connection, owner, time.Minute) }
	e.noError(lock("a"))
	e.errorIs(lock("b"), store.ErrTokenLocked)
	e.noError(e.kept.LockToken(e.ctx(), "other", "b", time.Minute))
	e.clock.turn(30 * time.Second)
	e.noError(lock("a")) // longer
	e.clock.turn(30 * time.Second)
	e.errorIs(lock("b"), store.ErrTokenLocked)
	e.noError(e.kept.UnlockToken(e.ctx(), connection, "b")) // is not its lock
	e.errorIs(lock("b"), store.ErrTokenLocked)
	e.noError(e.kept.UnlockToken(e.ctx(), connection, "a"))
	e.noError(lock("b"))
	e.clock.turn(time.Minute) // it died
	e.noError(lock("a"))
	e.errorIs(lock("b"), store.ErrTokenLocked)
	e.equal("known", e.connection(connection), store.Connection{Name: connection})
}

func tokenVersions(e *connectionEnv) {
	e.connect("1")
	e.noError(e.kept.Disconnect(e.ctx(), connection, "ada"))
	e.connect("2")
	e.equal("version", e.connection(connection).Token.Version, int64(2))
	e.errorIs(e.kept.SwapToken(e.ctx(), connection, 1, []byte("of a process that still has the first")),
		store.ErrTokenSwapped)
	e.noError(e.kept.SwapToken(e.ctx(), connection, 2, []byte("3")))
	e.equal("version", e.connection(connection).Token.Version, int64(3))
}

func mode(e *connectionEnv) {
	for _, m := range []leadtype.Mode{leadtype.Manual, leadtype.Manual, leadtype.Automatic} {
		e.noError(e.kept.SetMode(e.ctx(), connection, m, "ada"))
		e.equal("mode", e.connection(connection).Mode, m)
	}
	e.equal("decided", e.decided(connection), []string{"modemanual by ada", "modeautomatic by ada"})
	e.equal("of another", e.connection("other").Mode, leadtype.Mode(""))
}

func (e *connectionEnv) set(revision int64, settings string) error {
	return e.kept.SetSettings(e.ctx(), connection, revision, []byte(settings), "ada")
}

func settings(e *connectionEnv) {
	e.errorIs(e.set(1, "never read"), store.ErrRevision)
	e.equal("nothing kept", e.connection(connection).Settings, store.Revision{})
	e.noError(e.set(0, `{"mode":"manual"}`))
	e.errorIs(e.set(0, "late"), store.ErrRevision)
	e.clock.turn(time.Minute)
	e.noError(e.set(1, "\x00\xff")) // not text
	e.errorIs(e.set(1, "late"), store.ErrRevision)
	e.equal("current", e.connection(connection).Settings,
		store.Revision{Number: 2, Settings: []byte("\x00\xff"), At: start.Add(time.Minute), By: "ada"})
	e.equal("decided", e.decided(connection), []string{"settings by ada", "settings by ada"})
}

func settingsRace(e *connectionEnv) {
	var kept atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			switch err := e.set(0, "{}"); {
			case err == nil:
				kept.Add(1)
			case !errors.Is(err, store.ErrRevision):
				e.t.Errorf("unexpected error: %v", err)
			}
		})
	}
	wg.Wait()
	e.equal("kept", kept.Load(), int64(1))
	e.equal("revision", e.connection(connection).Settings.Number, int64(1))
}

func revisions(e *connectionEnv) {
	for i := range 5 {
		e.noError(e.set(int64(i), fmt.Sprint(i+1)))
	}
	numbers := func(before int64, limit int) (got []int64) {
		listed, err := e.kept.Revisions(e.ctx(), connection, before, limit)
		e.noError(err)
		for _, r := range listed {
			e.equal("settings", string(r.Settings), fmt.Sprint(r.Number))
			e.equal("by", r.By, "ada")
			got = append(got, r.Number)
		}
		return got
	}
	e.equal("latest", numbers(0, 2), []int64{5, 4})
	e.equal("before", numbers(4, 10), []int64{3, 2, 1})
	e.equal("before the first", len(numbers(1, 10)), 0)
	listed, err := e.kept.Revisions(e.ctx(), "other", 0, 10)
	e.noError(err)
	e.equal("of another", len(listed), 0)
}

func incidentAndSchema(e *connectionEnv) {
	for _, text := range []string{"first", "second", ""} {
		var bytes []byte
		if text != "" {
			bytes = []byte(text)
		}
		e.noError(e.kept.SetIncident(e.ctx(), connection, bytes))
		e.equal("incident", []byte(e.connection(connection).Incident), bytes)
		e.noError(e.kept.SetSchema(e.ctx(), connection, bytes))
		schema, err := e.kept.Schema(e.ctx(), connection)
		e.noError(err)
		e.equal("schema", schema, bytes)
	}
	e.equal("decided", len(e.decided(connection)), 0)
}

func once(e *connectionEnv) {
	keep := func(key, data string) { e.noError(e.kept.KeepOnce(e.ctx(), key, []byte(data), time.Minute)) }
	take := func(key string) string {
		data, err := e.kept.TakeOnce(e.ctx(), key)
		e.noError(err)
		return string(data)
	}
	keep("a", "first")
	keep("a", "second")
	keep("b", "late")
	e.equal("unknown", take("c"), "")
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			data, err := e.kept.TakeOnce(e.ctx(), "a")
			if err != nil {
				e.t.Errorf("unexpected error: %v", err)
			}
			if string(data) == "second" {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	e.equal("taken", taken.Load(), int64(1))
	e.clock.turn(time.Minute)
	e.equal("after its time", take("b"), "")
	keep("b", "again")
	e.equal("again", take("b"), "again")
}

func calls(e *connectionEnv) {
	e.clock.turn(30 * time.Minute)
	add := func(n int64) { e.noError(e.kept.AddCalls(e.ctx(), connection, n)) }
	add(3)
	add(4)
	e.clock.turn(time.Hour)
	add(5)
	e.clock.turn((store.CallHours - 2) * time.Hour)
	add(6)
	e.noError(e.kept.AddCalls(e.ctx(), "other", 100))
	counted := func() []store.CallHour {
		hours, err := e.kept.Calls(e.ctx(), connection)
		e.noError(err)
		return hours
	}
	last := start.Add((store.CallHours - 1) * time.Hour)
	e.equal("calls", counted(), []store.CallHour{{Hour: start, Calls: 7}, {Hour: start.Add(time.Hour), Calls: 5},
		{Hour: last, Calls: 6}})
	e.clock.turn(time.Hour)
	e.equal("an hour later", counted(), []store.CallHour{{Hour: start.Add(time.Hour), Calls: 5}, {Hour: last, Calls: 6}})
	e.clock.turn(store.CallHours * time.Hour)
	e.equal("two days later", len(counted()), 0)
	add(1)
	e.equal("calls", len(counted()), 1)
}

func listConnections(e *connectionEnv) {
	e.noError(e.kept.SetMode(e.ctx(), "Ärzte", leadtype.Manual, ""))
	e.noError(e.kept.SetSettings(e.ctx(), "b", 0, []byte("{}"), ""))
	e.noError(e.kept.Connect(e.ctx(), "B", link, []byte("t"), ""))
	e.bind("bound", orgA)
	for _, name := range []string{"captured", "a"} {
		_, err := e.store.Capture(e.ctx(), name, []store.Captured{{Lead: lead("L1"), State: store.StateFrozen}})
		e.noError(err)
	}
	e.connection("asked only")
	want := []string{"B", "a", "b", "bound", "captured", "Ärzte"}
	e.equal("all", e.names("", 10), want)
	e.equal("a page", e.names("", 2), want[:2])
	e.equal("the next", e.names("a", 2), want[2:4])
	e.equal("none", e.names("", 0), []string{})
	e.noError(e.kept.Disconnect(e.ctx(), "B", ""))
	e.equal("all", e.names("", 10), want)
}

func bounds(e *connectionEnv) {
	long := bytes.Repeat([]byte("x"), store.MaxSettingsBytes+1)
	refused := func(field string, err error) {
		e.t.Helper()
		var known *leadtype.Error
		if !errors.As(err, &known) || known.Code != leadtype.DataValueValidation || len(known.Fields) != 1 ||
			known.Fields[0] != field {
			e.t.Fatalf("got error %v, want DATA_VALUE_VALIDATION of %s", err, field)
		}
	}
	refused("settings", e.kept.SetSettings(e.ctx(), connection, 0, long, ""))
	refused("token", e.kept.Connect(e.ctx(), connection, link, long[:store.MaxTokenBytes+1], ""))
	refused("token", e.kept.SwapToken(e.ctx(), connection, 0, long[:store.MaxTokenBytes+1]))
	refused("incident", e.kept.SetIncident(e.ctx(), connection, long[:store.MaxIncidentBytes+1]))
	e.equal("nothing kept", e.connection(connection), store.Connection{Name: connection})
	e.noError(e.kept.SetSettings(e.ctx(), connection, 0, long[:store.MaxSettingsBytes], ""))
}

func endedContext(e *connectionEnv) {
	ctx, cancel := context.WithCancel(e.ctx())
	cancel()
	for name, call := range map[string]func() error{
		"Connection":      func() error { _, err := e.kept.Connection(ctx, connection); return err },
		"ListConnections": func() error { _, err := e.kept.ListConnections(ctx, "", 1); return err },
		"Connect":         func() error { return e.kept.Connect(ctx, connection, link, []byte("t"), "") },
		"Disconnect":      func() error { return e.kept.Disconnect(ctx, connection, "") },
		"SwapToken":       func() error { return e.kept.SwapToken(ctx, connection, 0, nil) },
		"LockToken":       func() error { return e.kept.LockToken(ctx, connection, "a", ttl) },
		"UnlockToken":     func() error { return e.kept.UnlockToken(ctx, connection, "a") },
		"UseToken":        func() error { return e.kept.UseToken(ctx, connection) },
		"SetMode":         func() error { return e.kept.SetMode(ctx, connection, leadtype.Manual, "") },
		"SetSettings":     func() error { return e.kept.SetSettings(ctx, connection, 0, nil, "") },
		"Revisions":       func() error { _, err := e.kept.Revisions(ctx, connection, 0, 1); return err },
		"SetIncident":     func() error { return e.kept.SetIncident(ctx, connection, []byte("x")) },
		"Schema":          func() error { _, err := e.kept.Schema(ctx, connection); return err },
		"SetSchema":       func() error { return e.kept.SetSchema(ctx, connection, []byte("x")) },
		"KeepOnce":        func() error { return e.kept.KeepOnce(ctx, "k", []byte("x"), ttl) },
		"TakeOnce":        func() error { _, err := e.kept.TakeOnce(ctx, "k"); return err },
		"AddCalls":        func() error { return e.kept.AddCalls(ctx, connection, 1) },
		"Calls":           func() error { _, err := e.kept.Calls(ctx, connection); return err },
		"DueConnections":  func() error { _, err := e.kept.DueConnections(ctx, "", 1); return err },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			e.t.Errorf("%s: got error %v, want context.Canceled", name, err)
		}
	}
	e.equal("nothing kept", e.connection(connection), store.Connection{Name: connection})
}

func aliasing(e *connectionEnv) {
	kept := []byte("kept")
	e.noError(e.kept.Connect(e.ctx(), connection, link, kept, ""))
	e.noError(e.kept.SetSettings(e.ctx(), connection, 0, kept, ""))
	e.noError(e.kept.SetIncident(e.ctx(), connection, kept))
	e.noError(e.kept.SetSchema(e.ctx(), connection, kept))
	copy(kept, "lost")
	for range 2 {
		c := e.connection(connection)
		schema, err := e.kept.Schema(e.ctx(), connection)
		e.noError(err)
		listed, err := e.kept.Revisions(e.ctx(), connection, 0, 1)
		e.noError(err)
		for _, bytes := range [][]byte{c.Token.Sealed, c.Settings.Settings, c.Incident, schema, listed[0].Settings} {
			e.equal("kept", string(bytes), "kept")
			copy(bytes, "lost")
		}
	}
}

func pruneSettings(e *connectionEnv) {
	for i := range 3 {
		e.noError(e.set(int64(i), fmt.Sprint(i)))
	}
	e.clock.turn(time.Hour)
	_, err := e.store.Prune(e.ctx(), connection, e.clock.now())
	e.noError(err)
	listed, err := e.kept.Revisions(e.ctx(), connection, 0, 10)
	e.noError(err)
	e.equal("revisions", len(listed), 3)
	e.equal("decided", e.decided(connection), []string{"settings by ada"})
}
