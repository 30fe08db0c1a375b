// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func newListener() *listener { return &listener{failed: make(map[leadsync.Code]int)} }

// panicOver panics for the lead "bad" with a value that nothing may print.
func panicOver(lead *leadsync.Lead) {
	if lead.ID == "bad" {
		panic(secretWord + " " + lead.Email)
	}
}

// A fragileStrategy panics for the lead "bad" in the method that it names.
type fragileStrategy struct{ where string }

func (s fragileStrategy) Name() string {
	if s.where == "Name" {
		panic(secretWord)
	}
	return "fragile"
}

func (s fragileStrategy) Probes(lead *leadsync.Lead) []leadtype.Probe {
	if s.where == "Probes" {
		panicOver(lead)
	}
	return leadsync.LeadsAndContacts.Probes(lead)
}

func (s fragileStrategy) NoHit(lead *leadsync.Lead) leadtype.NoHit {
	if s.where == "NoHit" {
		panicOver(lead)
	}
	return leadsync.LeadsAndContacts.NoHit(lead)
}

// A fragileMapper panics for the lead "bad" in the method that it names, and in Objects
// and Fields always.
type fragileMapper struct {
	*leadsync.Mapping
	where string
}

func (m fragileMapper) Objects() []salesforce.Object {
	if m.where == "Objects" {
		panic(secretWord)
	}
	return []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact}
}

func (m fragileMapper) Fields(object salesforce.Object) []string {
	if m.where == "Fields" {
		panic(secretWord)
	}
	return m.Mapping.Fields(object)
}

func (m fragileMapper) Users(lead *leadsync.Lead, _ salesforce.Object) []string {
	if m.where == "Users" {
		panicOver(lead)
	}
	return nil
}

func (m fragileMapper) Map(lead *leadsync.Lead,
	target mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	if m.where == "Map" {
		panicOver(lead)
	}
	return m.Mapping.Map(lead, target)
}

// fragileTransform panics over the last name of the lead "bad".
func fragileTransform(v any) (any, error) {
	if text, _ := v.(string); strings.HasPrefix(text, "Bad") {
		panic(secretWord + text)
	}
	return v, nil
}

// transformed returns a configuration whose rule for a source uses fragileTransform.
func transformed() *leadsync.Config {
	m := leadsync.DefaultMapping()
	for i := range m.Sections {
		for k := range m.Sections[i].Rules {
			if rule := &m.Sections[i].Rules[k]; rule.Source == "lastName" {
				rule.Transforms = []string{"fragile"}
			}
		}
	}
	return &leadsync.Config{Mapper: m, Transforms: map[string]mapping.TransformFunc{"fragile": fragileTransform}}
}

// leadHooks are the hooks that are called for a lead, by name.
func leadHooks() map[string]func() *leadsync.Config {
	strategy := func(where string) func() *leadsync.Config {
		return func() *leadsync.Config { return &leadsync.Config{Strategy: fragileStrategy{where}} }
	}
	mapper := func(where string) func() *leadsync.Config {
		return func() *leadsync.Config {
			return &leadsync.Config{Mapper: fragileMapper{leadsync.DefaultMapping(), where}}
		}
	}
	return map[string]func() *leadsync.Config{
		"Strategy.Probes": strategy("Probes"), "Strategy.NoHit": strategy("NoHit"),
		"Mapper.Map": mapper("Map"), "Mapper.Users": mapper("Users"), "transform": transformed,
	}
}

// crowd are leads of which one makes a hook panic. It has no e-mail address, so that
// looking it up maps it too.
func crowd() []*leadsync.Lead {
	lead := func(id leadsync.LeadID, last, email string) *leadsync.Lead {
		return &leadsync.Lead{ID: id, LastName: last, Email: email, Company: "Navy", FirstName: secretWord}
	}
	return []*leadsync.Lead{lead("L1", "Hopper", "l1@navy.example"), lead("bad", "Bad", ""),
		lead("bad2", "Good", "bad@navy.example"), lead("L2", "Ada", "")}
}

// Each panic ended the process before there was a guard.
func TestHookThatPanicsFailsItsLead(t *testing.T) {
	t.Parallel()
	for name, config := range leadHooks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, heard, cfg := sftest.NewOrg(t), newListener(), config()
			cfg.Logger = heard.logger()
			syncer := scenario.SyncerOf(t, org, cfg)
			planned, err := syncer.Plan(t.Context(), crowd()...)
			require.NoError(t, err)
			for i, lead := range planned.Leads {
				require.Equal(t, i == 1, lead.Err != nil)
				if lead.Err != nil {
					heard.see(lead.Err)
				}
			}
			outcomes, err := syncer.Sync(t.Context(), crowd()...)
			require.ErrorIs(t, err, leadsync.Unknown)
			heard.see(err)
			heard.seeAll(t, outcomes)
			for i, o := range outcomes {
				if i != 1 {
					require.Equal(t, leadsync.Cleared, o.Stage)
					continue
				}
				require.Equal(t, leadsync.Failed, o.Stage)
				require.Equal(t, leadsync.LeadID("bad"), o.Err.LeadID)
				require.Contains(t, o.Err.Reason, "panicked")
				data, err := json.Marshal(o)
				require.NoError(t, err)
				require.NotContains(t, string(data), secretWord)
				var kept leadsync.Outcome
				require.NoError(t, json.Unmarshal(data, &kept))
				require.ErrorIs(t, kept.Err, leadtype.ErrPanicked)
				require.Contains(t, kept.Err.Fix(), "Repair the code of the host")
			}
			require.Equal(t, 3, org.Count("Lead"))
			text := heard.text.String()
			require.NotContains(t, text, secretWord)
			require.Contains(t, text, "code of the host panicked")
			require.Contains(t, text, "panic_test.go:")
		})
	}
}

func TestHookThatPanicsFailsItsLeadInDrain(t *testing.T) {
	t.Parallel()
	for name, config := range leadHooks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			synctest.Test(t, func(t *testing.T) {
				syncer := timelessSyncer(t, org, config())
				_, err := syncer.Capture(t.Context(), crowd()...)
				require.NoError(t, err)
				start := time.Now()
				require.NoError(t, syncer.Drain(t.Context()))
				require.Less(t, time.Since(start), time.Minute, "it is not retried")
				for _, e := range scenario.StoredIn(t, syncer) {
					require.Equal(t, e.Lead.ID == "bad", e.Stage == leadsync.Failed, e.Lead.ID)
				}
				require.Equal(t, 3, org.Count("Lead"))
			})
		})
	}
}

// A Sink or hook that gets outcomes changes nothing, whatever it does.
func TestListenerThatPanicsChangesNothing(t *testing.T) {
	t.Parallel()
	other := 0 // calls of the hooks beside those that panic
	type key struct{}
	for name, cfg := range map[string]*leadsync.Config{
		"Sink": {Sink: leadsync.SinkFunc(func(context.Context, []*leadsync.Outcome) error { panic(secretWord) })},
		"Sink ends its goroutine": {Sink: leadsync.SinkFunc(func(context.Context, []*leadsync.Outcome) error {
			runtime.Goexit()
			return nil
		})},
		"Tee": {Sink: leadsync.Tee(
			leadsync.SinkFunc(func(context.Context, []*leadsync.Outcome) error { panic(secretWord) }),
			leadsync.SinkFunc(func(context.Context, []*leadsync.Outcome) error { other++; return nil }))},
		"Trace": {Trace: &leadsync.Trace{
			BatchStart: func(context.Context, int) context.Context { panic(secretWord) },
			BatchDone:  func(context.Context, []*leadsync.Outcome, time.Duration, error) { panic(secretWord) },
			StageStart: func(context.Context, leadtype.PipelineStage) context.Context { panic(secretWord) },
			StageDone:  func(context.Context, leadtype.PipelineStage, time.Duration, error) { panic(secretWord) },
			Recorded:   func(context.Context, []*leadsync.Outcome, []time.Duration) { panic(secretWord) },
		}},
		"Join": {Trace: leadsync.Join(
			&leadsync.Trace{
				BatchStart: func(context.Context, int) context.Context { panic(secretWord) },
				BatchDone:  func(context.Context, []*leadsync.Outcome, time.Duration, error) { panic(secretWord) },
			},
			&leadsync.Trace{
				BatchStart: func(ctx context.Context, _ int) context.Context { return context.WithValue(ctx, key{}, 1) },
				BatchDone: func(ctx context.Context, _ []*leadsync.Outcome, _ time.Duration, _ error) {
					other += ctx.Value(key{}).(int)
				},
			})},
	} {
		t.Run(name, func(t *testing.T) {
			org, heard := sftest.NewOrg(t), newListener()
			synctest.Test(t, func(t *testing.T) {
				cfg.Logger = heard.logger()
				syncer := timelessSyncer(t, org, cfg)
				_, err := syncer.Sync(t.Context(), crowd()[:2]...)
				require.NoError(t, err)
				_, err = syncer.Capture(t.Context(), crowd()[2:]...)
				require.NoError(t, err)
				start := time.Now()
				require.NoError(t, syncer.Drain(t.Context()))
				require.Less(t, time.Since(start), 10*time.Second)
				require.Equal(t, 4, org.Count("Lead"))
			})
			require.NotContains(t, heard.text.String(), secretWord)
			require.NotEmpty(t, heard.text.String())
		})
	}
	require.Equal(t, 4, other, "of two calls each")
}

// Run waits, resumes and pauses although the hooks that report it panic.
func TestTraceOfPausesMayPanic(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		called := make(map[string]int)
		fails := func(name string) { called[name]++; panic(secretWord) }
		syncer := timelessSyncer(t, org, &leadsync.Config{Trace: &leadsync.Trace{
			Waits:   func(context.Context, *leadsync.Error) { fails("waits") },
			Resumes: func(context.Context) { fails("resumes") },
			Paused:  func(context.Context, *leadsync.Error) { fails("paused") },
		}})
		org.Fail(func(_ *http.Request, n int) *sftest.Fault {
			if n > 12 {
				return nil
			}
			return &sftest.Fault{Status: http.StatusServiceUnavailable}
		})
		_, err := syncer.Capture(t.Context(), scenario.Ada())
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
		require.Equal(t, map[string]int{"waits": 1, "resumes": 1}, called)
		require.Equal(t, 1, org.Count("Lead"))
	})
}

// A tokenSource is a function that is a token source.
type tokenSource func() (*oauth2.Token, error)

func (f tokenSource) Token() (*oauth2.Token, error) { return f() }

func TestClientSurvivesItsHooks(t *testing.T) {
	t.Parallel()
	org, heard := sftest.NewOrg(t), newListener()
	token := func() (*oauth2.Token, error) { return &oauth2.Token{AccessToken: org.Token()}, nil }
	syncer := func(source tokenSource) *leadsync.Syncer {
		client, err := salesforce.New(org.URL(), source, &salesforce.Config{
			Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}, Logger: slog.New(slog.NewTextHandler(heard, nil)),
			OnCall: func(context.Context, salesforce.Call) { panic(secretWord) }})
		require.NoError(t, err)
		s, err := leadsync.New(client, nil)
		require.NoError(t, err)
		return s
	}
	_, err := syncer(token).Sync(t.Context(), scenario.Ada())
	require.NoError(t, err)
	for _, source := range []tokenSource{
		func() (*oauth2.Token, error) { panic(secretWord) },
		func() (*oauth2.Token, error) { runtime.Goexit(); return nil, nil },
	} {
		_, err = syncer(source).Sync(t.Context(), scenario.Ada())
		require.ErrorIs(t, err, leadsync.RemoteUnavailable)
		require.NotContains(t, err.Error()+heard.text.String(), secretWord)
	}
	require.Contains(t, heard.text.String(), "hook=OnCall")
	require.Contains(t, heard.text.String(), `hook="token source"`)
}

// brittle panics for every lead.
type brittle struct{ leadsync.Strategy }

func (brittle) Name() string                           { return "brittle" }
func (brittle) Probes(*leadsync.Lead) []leadtype.Probe { panic(secretWord) }

func TestPreflightFindsAStrategyThatPanics(t *testing.T) {
	t.Parallel()
	heard := newListener()
	syncer := scenario.SyncerOf(t, sftest.NewOrg(t), &leadsync.Config{Logger: heard.logger(),
		Strategies: []leadsync.Strategy{brittle{leadsync.LeadsOnly}}})
	report, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	found := report.Findings[0]
	require.Equal(t, preflight.SeverityError, found.Severity)
	require.Equal(t, leadsync.Unknown, found.Code)
	require.Contains(t, found.Reason, `strategy "brittle" panicked`)
	require.Contains(t, heard.text.String(), "brittle")
	require.NotContains(t, heard.text.String(), secretWord)
}

func TestNewRefusesWhatPanics(t *testing.T) {
	t.Parallel()
	client := scenario.ClientOf(t, sftest.NewOrg(t))
	for field, cfg := range map[string]*leadsync.Config{
		"Config.Strategy":      {Strategy: fragileStrategy{"Name"}},
		"Config.Strategies[0]": {Strategies: []leadsync.Strategy{fragileStrategy{"Name"}}},
		"Config.Mapper":        {Mapper: fragileMapper{leadsync.DefaultMapping(), "Objects"}},
	} {
		_, err := leadsync.New(client, cfg)
		var refused *leadsync.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, []string{field}, refused.Fields)
		require.NotContains(t, err.Error(), secretWord)
	}
	_, err := leadsync.New(client, &leadsync.Config{Mapper: fragileMapper{leadsync.DefaultMapping(), "Fields"}})
	require.ErrorIs(t, err, leadsync.DataValueValidation)
}

// Without the Syncer in between the same hooks panic.
func TestHooksPanicWithoutTheGuard(t *testing.T) {
	t.Parallel()
	bad := crowd()[1]
	require.Panics(t, func() { fragileStrategy{"Probes"}.Probes(bad) })
	require.Panics(t, func() {
		cfg := transformed()
		m := cfg.Mapper.(*leadsync.Mapping).With(cfg.Transforms)
		_, _, _ = m.Map(bad, mapping.Target{Object: "Lead", Describe: &salesforce.Describe{}})
	})
}

// runtime.Goexit cannot be caught: it ends the goroutine of the call, and nothing else.
func TestHookThatEndsItsGoroutineHoldsNothingUp(t *testing.T) {
	t.Parallel()
	org, other := sftest.NewOrg(t), scenario.Ada()
	other.ID = "other"
	cfg := transformed()
	ends := true
	cfg.Transforms["fragile"] = func(v any) (any, error) {
		if ends {
			runtime.Goexit()
		}
		return v, nil
	}
	syncer := scenario.SyncerOf(t, org, cfg)
	_, err := syncer.Capture(t.Context(), crowd()...)
	require.NoError(t, err)
	for _, call := range []func(){
		func() { _, _ = syncer.Sync(t.Context(), other) },
		func() { _, _ = syncer.Plan(t.Context(), other) },
		func() { _ = syncer.Drain(t.Context()) },
	} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			call()
		}()
		<-done
	}
	ends = false
	scenario.SyncOne(t, syncer, other)
	require.NoError(t, syncer.Drain(t.Context()))
	require.Equal(t, 5, org.Count("Lead"))
}

// What keeps the lease for a batch ends with the goroutine of a hook that ends it. Time
// stands still in the bubble once the test returns, so whatever is left fails it.
func TestHookThatEndsItsGoroutineLeavesNoneBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := transformed()
		cfg.Transforms["fragile"] = func(any) (any, error) { runtime.Goexit(); return nil, nil }
		syncer := timelessSyncer(t, sftest.NewOrg(t), cfg)
		_, err := syncer.Capture(t.Context(), crowd()...)
		require.NoError(t, err)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = syncer.Drain(t.Context())
		}()
		<-done
	})
}

// A panickyClient is a host's client that panics when it is to read.
type panickyClient struct{ leadsync.Client }

func (panickyClient) Read(context.Context, ...salesforce.Read) ([]salesforce.ReadResult, error) {
	panic(secretWord)
}

// The session is read in a goroutine that serves all who wait for it, so that no host could catch the panic.
func TestClientThatPanicsDoesNotEndTheProcess(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	syncer, err := leadsync.New(panickyClient{}, &leadsync.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, err)

	outcomes, err := syncer.Sync(t.Context(), &leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com"})

	require.ErrorIs(t, err, leadsync.Unknown)
	require.ErrorContains(t, err, "Client")
	require.Equal(t, leadsync.PreSync, outcomes[0].Stage)
	require.Contains(t, log.String(), "panickyClient")
	require.NotContains(t, err.Error()+log.String(), secretWord)
}
