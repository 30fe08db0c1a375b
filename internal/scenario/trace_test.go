// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A stageLog writes down the hooks of a Trace and the API calls between them.
type stageLog struct {
	lines   []string
	strange []string // connections that hooks were called for and that are not "acme"
	waited  []time.Duration
}

type stageKey struct{}

func (l *stageLog) add(ctx context.Context, format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
	if connection := leadtype.ConnectionOf(ctx); connection != "acme" {
		l.strange = append(l.strange, connection+": "+l.lines[len(l.lines)-1])
	}
}

// trace has every hook, and what it starts it also puts into the context.
func (l *stageLog) trace() *leadsync.Trace {
	return &leadsync.Trace{
		BatchStart: func(ctx context.Context, leads int) context.Context {
			l.add(ctx, "batch of %d", leads)
			return context.WithValue(ctx, stageKey{}, "batch")
		},
		BatchDone: func(ctx context.Context, outcomes []*leadsync.Outcome, _ time.Duration, err error) {
			l.add(ctx, "%s done %d%s", ctx.Value(stageKey{}), len(outcomes), codeOf(err))
		},
		StageStart: func(ctx context.Context, stage leadtype.PipelineStage) context.Context {
			return context.WithValue(ctx, stageKey{}, string(stage))
		},
		StageDone: func(ctx context.Context, stage leadtype.PipelineStage, _ time.Duration, err error) {
			l.add(ctx, "%s", string(stage)+codeOf(err))
			if ctx.Value(stageKey{}) != string(stage) {
				l.add(ctx, "in the context of %v", ctx.Value(stageKey{}))
			}
		},
		Recorded: func(ctx context.Context, outcomes []*leadsync.Outcome, waited []time.Duration) {
			l.add(ctx, "recorded %d", len(outcomes))
			l.waited = append(l.waited, waited...)
		},
		Paused:  func(ctx context.Context, reason *leadsync.Error) { l.add(ctx, "paused %s", reason.Code) },
		Waits:   func(ctx context.Context, reason *leadsync.Error) { l.add(ctx, "waits %s", reason.Code) },
		Resumes: func(ctx context.Context) { l.add(ctx, "resumes") },
	}
}

func codeOf(err error) string {
	var own *leadsync.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &own):
		return " " + string(own.Code)
	}
	return " " + err.Error()
}

func (l *stageLog) syncer(t *testing.T, org *sftest.Org) *leadsync.Syncer {
	t.Helper()
	client, err := salesforce.New("https://acme.my.salesforce.com",
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{HTTPClient: &http.Client{Transport: org.Transport()}, MaxRetries: -1,
			OnCall: func(ctx context.Context, call salesforce.Call) {
				l.add(ctx, "call in %v", ctx.Value(stageKey{}))
				require.Equal(t, "acme.my.salesforce.com", call.Host)
			}})
	require.NoError(t, err)
	syncer, err := leadsync.New(client, &leadsync.Config{Connection: "acme", Trace: l.trace(), Gather: leadsync.NoGather})
	require.NoError(t, err)
	return syncer
}

// heard returns what was written down since it was asked last.
func (l *stageLog) heard(t *testing.T) string {
	t.Helper()
	require.Empty(t, l.strange)
	text := strings.Join(l.lines, ", ")
	l.lines = nil
	return text
}

func TestTraceSeesTheStagesOfABatch(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		log := new(stageLog)
		syncer := log.syncer(t, org)
		_, err := syncer.Sync(t.Context(), scenario.Ada())
		require.NoError(t, err)
		require.Equal(t, "batch of 1, call in batch, call in match, match, plan, "+
			"call in write, write, settle, batch done 1, recorded 1", log.heard(t))
		require.Empty(t, log.waited)

		planned, err := syncer.Plan(t.Context(), &leadsync.Lead{ID: "L2", LastName: "Babbage", Company: "Engines",
			Email: "cb@engines.example"})
		require.NoError(t, err)
		require.Equal(t, "call in match, match, plan", log.heard(t))
		_, err = syncer.Apply(t.Context(), planned)
		require.NoError(t, err)
		require.Equal(t, "call in match, match, call in write, write, settle, recorded 1", log.heard(t))

		_, err = syncer.Preflight(t.Context())
		require.NoError(t, err)
		require.Contains(t, log.heard(t), "call in <nil>")
	})
}

func TestTraceSeesStagesThatAreRepeated(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lastNameRule(org, true)
	scenario.InsertLead(org, "Lovelace", "old@analytical.example")
	synctest.Test(t, func(t *testing.T) {
		log := new(stageLog)
		scenario.SyncOne(t, log.syncer(t, org), scenario.Ada())
		require.Equal(t, "batch of 1, call in batch, call in match, match, plan, "+
			"call in write, call in write, write, settle, call in match, match, plan, "+
			"call in write, write, settle, batch done 1, recorded 1", log.heard(t))
	})
}

func TestTraceSeesTheStageThatStopsABatch(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		log := new(stageLog)
		syncer := log.syncer(t, org)
		scenario.SyncOne(t, syncer, scenario.Ada()) // reads the session
		log.heard(t)
		fail := true
		org.Fail(func(*http.Request, int) *sftest.Fault {
			if !fail {
				return nil
			}
			return &sftest.Fault{Status: http.StatusServiceUnavailable}
		})
		_, err := syncer.Capture(t.Context(), &leadsync.Lead{ID: "L2", LastName: "Babbage", Company: "Engines"})
		require.NoError(t, err)
		wait, err := syncer.DrainDue(t.Context(), 1)
		require.NoError(t, err)
		require.Positive(t, wait)
		require.Equal(t, "batch of 1, call in match, match REMOTE_UNAVAILABLE, batch done 0 REMOTE_UNAVAILABLE, "+
			"waits REMOTE_UNAVAILABLE", log.heard(t))

		fail = false
		start := time.Now()
		require.NoError(t, syncer.Drain(t.Context()))
		require.Equal(t, "batch of 1, call in match, match, plan, call in write, write, settle, batch done 1, "+
			"recorded 1, resumes", log.heard(t))
		require.Len(t, log.waited, 1)
		require.Equal(t, time.Since(start), log.waited[0], "since the capture")

		org.ExpireToken()
		_, err = syncer.Capture(t.Context(), &leadsync.Lead{ID: "L3", LastName: "Hopper", Company: "Navy"})
		require.NoError(t, err)
		require.ErrorIs(t, syncer.Drain(t.Context()), leadsync.Authentication)
		require.Contains(t, log.heard(t), "match AUTHENTICATION, batch done 0 AUTHENTICATION, paused AUTHENTICATION")
	})
}
