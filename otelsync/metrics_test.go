// SPDX-License-Identifier: Apache-2.0

package otelsync_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/otelsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

// A ledger counts outcomes apart from the metrics.
type ledger struct {
	mu     sync.Mutex
	counts map[string]int // by stage, action and code
}

func (l *ledger) Record(_ context.Context, outcomes []*leadsync.Outcome) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, out := range outcomes {
		l.counts[fmt.Sprint(out.Stage, "/", out.Action, "/", out.Code())]++
	}
	return nil
}

// counted returns what the metric says in the form of a ledger.
func counted(data metricdata.ResourceMetrics) map[string]int {
	all := make(map[string]int)
	for _, p := range points(data, "leadsync.leads") {
		var key []string
		for _, name := range []string{"leadsync.stage", "leadsync.action", "error.type"} {
			value, _ := p.of.Value(attribute.Key(name))
			key = append(key, value.AsString())
		}
		all[strings.Join(key, "/")] += int(p.value)
	}
	return all
}

// A host's day: leads that are created, updated and refused, wait and are retried, in batches of
// Sync and Drain, with requests that fail. The metrics are those of the org's log and of the Sink.
func TestMetricsAreWhatTheOrgAndTheSinkSaw(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, book := sftest.NewOrg(t), &ledger{counts: make(map[string]int)}
		r := newRig(t, otelsync.Config{})
		syncer := r.syncer(t, org, &leadsync.Config{Sink: book, BatchSize: 40})
		all := leads(150)
		all[7].Email, all[9].LastName = "not an address", ""
		_, err := syncer.Sync(t.Context(), all[:50]...)
		require.Error(t, err)
		org.Fail(func(_ *http.Request, n int) *sftest.Fault {
			switch n {
			case 2:
				return &sftest.Fault{Status: http.StatusServiceUnavailable}
			case 5:
				return &sftest.Fault{DropAfter: true}
			}
			return nil
		})
		all[20].Company = "Other Engines"
		_, err = syncer.Capture(t.Context(), all...)
		require.NoError(t, err)
		start := time.Now()
		require.NoError(t, syncer.Drain(t.Context()))

		data := r.collect(t)
		require.NotEmpty(t, book.counts)
		require.Equal(t, book.counts, counted(data))
		calls, byStatus, refused := 0, map[int]int{}, 0
		for _, request := range org.Requests() {
			if strings.HasPrefix(request.Path, "/services/data/") {
				calls++
				byStatus[request.Status]++
			}
		}
		require.Equal(t, calls, total(data, "leadsync.api.calls"))
		lost := total(data, "leadsync.api.calls", "error.type=no_reply")
		require.Equal(t, 1, lost, "the fake org notes the status of a reply that was lost")
		for status, n := range byStatus {
			if status == http.StatusOK {
				n -= lost
			}
			require.Equal(t, n, total(data, "leadsync.api.calls", fmt.Sprint("http.response.status_code=", status)), status)
			if status >= 400 {
				refused += n
			}
		}
		require.Equal(t, 1, refused)
		_, requests := sum(data, "http.client.request.duration")
		require.Equal(t, calls, int(requests))
		require.Equal(t, calls, total(data, "leadsync.batch.calls"), "all calls are of batches")

		cleared := 0
		for kind, n := range book.counts {
			if strings.HasPrefix(kind, "cleared") {
				cleared += n
			}
		}
		lag, lags := sum(data, "leadsync.lead.lag")
		require.Equal(t, cleared-48, int(lags), "48 of them were synced without a capture")
		require.LessOrEqual(t, lag, float64(lags)*time.Since(start).Seconds())
		require.Positive(t, lag)
		stopped, batches := sum(data, "leadsync.batch.duration", "error.type=REMOTE_UNAVAILABLE")
		require.Equal(t, 1, int(batches), "%v s", stopped)
		require.Equal(t, 1, total(data, "leadsync.incidents"))
		_, batches = sum(data, "leadsync.batch.leads")
		_, calledFor := sum(data, "leadsync.batch.calls")
		require.Equal(t, batches, calledFor)
		for _, stage := range []string{"match", "plan", "write", "settle"} {
			_, n := sum(data, "leadsync.stage.duration", "leadsync.pipeline.stage="+stage)
			require.NotZero(t, n, stage)
		}
	})
}

func TestWatchedConnectionsShowTheirHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, org := newRig(t, otelsync.Config{}), sftest.NewOrg(t)
		syncer := r.syncer(t, org, &leadsync.Config{Mode: leadsync.Manual})
		require.Empty(t, points(r.collect(t), "leadsync.backlog.leads"), "nothing is watched")
		stop := r.telemetry.Watch(otelsync.HealthOf("acme", syncer))

		all := leads(5)
		all[0].LastName = ""
		_, err := syncer.Capture(t.Context(), all...)
		require.NoError(t, err)
		_, err = syncer.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"L0", "L1", "L2"}})
		require.NoError(t, err)
		time.Sleep(90 * time.Second)
		states := func() map[string]int {
			data, got := r.collect(t), make(map[string]int)
			for _, state := range []string{"queued", "waiting", "in-flight", "frozen"} {
				got[state] = total(data, "leadsync.backlog.leads", "leadsync.state="+state, "leadsync.connection=acme")
			}
			got["failed"] = total(data, "leadsync.failed", "leadsync.connection=acme")
			got["lag"] = total(data, "leadsync.backlog.lag", "leadsync.connection=acme")
			return got
		}
		want := map[string]int{"queued": 3, "waiting": 0, "in-flight": 0, "frozen": 2, "failed": 0, "lag": 90}
		require.Equal(t, want, states())
		require.NoError(t, syncer.Drain(t.Context()))
		want = map[string]int{"queued": 0, "waiting": 0, "in-flight": 0, "frozen": 2, "failed": 1, "lag": 0}
		require.Equal(t, want, states())
		data := r.collect(t)
		health, err := syncer.Health(t.Context())
		require.NoError(t, err)
		require.Positive(t, health.Used)
		require.Equal(t, int(health.Used), total(data, "leadsync.api.used"))
		require.Equal(t, int(health.Limit-health.Used), total(data, "leadsync.api.remaining"))
		require.Len(t, points(data, "leadsync.stopped"), 2)
		require.Zero(t, total(data, "leadsync.stopped"))

		org.ExpireToken()
		_, err = syncer.Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"L3"}})
		require.NoError(t, err)
		require.ErrorIs(t, syncer.Drain(t.Context()), leadsync.Authentication)
		require.Equal(t, 1, total(r.collect(t), "leadsync.stopped", "leadsync.incident=paused"))
		stop()
		stop()
		require.Empty(t, points(r.collect(t), "leadsync.backlog.leads"))
	})
}

// A Health that fails or panics leaves out its connection and no other.
func TestWatchEnduresAHealthThatFails(t *testing.T) {
	t.Parallel()
	r := newRig(t, otelsync.Config{})
	of := func(connection string, leads int) otelsync.HealthFunc {
		return func(_ context.Context, observe func(string, leadsync.Health)) error {
			observe(connection, leadsync.Health{States: map[store.State]int{store.StateQueued: leads}, Lag: time.Minute,
				Incidents: make([]leadtype.Incident, leads)})
			return nil
		}
	}
	down := errors.New("the store is down")
	r.telemetry.Watch(func(context.Context, func(string, leadsync.Health)) error { return down })
	r.telemetry.Watch(func(context.Context, func(string, leadsync.Health)) error { panic("ada@example.com") })
	r.telemetry.Watch(of("acme", 3))
	r.telemetry.Watch(of("globex", 4))
	var data metricdata.ResourceMetrics
	err := r.reader.Collect(t.Context(), &data)
	require.ErrorIs(t, err, down)
	require.ErrorContains(t, err, "HealthFunc panicked")
	require.NotContains(t, err.Error(), "ada")
	require.Equal(t, 3, total(data, "leadsync.backlog.leads", "leadsync.connection=acme"))
	require.Equal(t, 4, total(data, "leadsync.backlog.leads", "leadsync.connection=globex"))
	require.Equal(t, 3, total(data, "leadsync.left_out", "leadsync.connection=acme"))
	require.Empty(t, points(data, "leadsync.api.used"), "no org has said")
}

func TestMergedConnectionsAddUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, otelsync.Config{MergeConnections: true})
	orgs := []*sftest.Org{sftest.NewOrg(t), sftest.NewOrg(t, sftest.WithNumber(2))}
	for i, org := range orgs {
		syncer := r.syncer(t, org, &leadsync.Config{Connection: fmt.Sprint("customer ", i), Mode: leadsync.Manual})
		_, err := syncer.Sync(t.Context(), leads(2)...)
		require.NoError(t, err)
		_, err = syncer.Capture(t.Context(), leads(3)...)
		require.NoError(t, err)
		r.telemetry.Watch(otelsync.HealthOf(fmt.Sprint("customer ", i), syncer))
	}
	data := r.collect(t)
	require.Equal(t, 6, total(data, "leadsync.backlog.leads", "leadsync.state=frozen"))
	require.Equal(t, 4, total(data, "leadsync.leads"))
	series := 0
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			for _, p := range pointsOf(m.Data) {
				series++
				for _, key := range []string{"leadsync.connection", "server.address", "server.port"} {
					require.False(t, p.of.HasValue(attribute.Key(key)), m.Name)
				}
			}
		}
	}
	require.Less(t, series, 30, "however many connections there are")
	require.Equal(t, "customer 0", attributeOf(r.spans()[0], "leadsync.connection"), "spans say which")
}

// Concurrent Syncers of several orgs share a Telemetry.
func TestSyncersShareATelemetry(t *testing.T) {
	t.Parallel()
	const orgs, rounds = 4, 5
	r := newRig(t, otelsync.Config{})
	var group sync.WaitGroup
	all := make([]*sftest.Org, orgs)
	for i := range orgs {
		all[i] = sftest.NewOrg(t, sftest.WithNumber(uint8(i+1)))
		syncer := r.syncer(t, all[i], &leadsync.Config{Connection: fmt.Sprint("c", i)})
		defer r.telemetry.Watch(otelsync.HealthOf(fmt.Sprint("c", i), syncer))()
		for range 2 {
			group.Go(func() {
				for range rounds {
					if _, err := syncer.Sync(t.Context(), leads(i+1)...); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Go(func() {
			var data metricdata.ResourceMetrics
			if err := r.reader.Collect(t.Context(), &data); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	data := r.collect(t)
	for i, org := range all {
		of := fmt.Sprint("leadsync.connection=c", i)
		require.Equal(t, len(org.Requests()), total(data, "leadsync.api.calls", of))
		require.Equal(t, 2*rounds*(i+1), total(data, "leadsync.leads", of))
		_, batches := sum(data, "leadsync.batch.duration", of)
		require.Equal(t, 2*rounds, int(batches))
	}
	for _, span := range r.spans() {
		require.NotEmpty(t, attributeOf(span, "leadsync.connection"), span.Name)
	}
}

// Not parallel: it sets the global providers, also after New.
func TestNilProvidersAreTheGlobalOnes(t *testing.T) {
	before, err := otelsync.New(nil)
	require.NoError(t, err)
	exported, reader := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(exported)))
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	after, err := otelsync.New(new(otelsync.Config))
	require.NoError(t, err)
	for i, telemetry := range []*otelsync.Telemetry{before, after} {
		r := &rig{telemetry: telemetry, exported: exported, reader: reader}
		_, err = r.syncer(t, sftest.NewOrg(t), nil).Sync(t.Context(), leads(1)...)
		require.NoError(t, err)
		require.Equal(t, "sync(POST match(POST) plan write(POST) settle)", tree(r.spans()))
		require.Equal(t, i+1, total(r.collect(t), "leadsync.leads"))
	}
}

// Codes that only a host's own code has made are not passed on: they may be anything.
func TestUnknownCodesAreOther(t *testing.T) {
	t.Parallel()
	r := newRig(t, otelsync.Config{})
	trace := r.telemetry.Trace()
	odd := &leadsync.Error{Code: "ADA@EXAMPLE.COM"}
	trace.Recorded(t.Context(), []*leadsync.Outcome{nil, {Stage: leadsync.Failed, Err: odd}}, nil)
	trace.Waits(t.Context(), odd)
	trace.StageDone(trace.StageStart(t.Context(), leadtype.PlanStage), leadtype.PlanStage, time.Second, odd)
	trace.StageDone(trace.StageStart(t.Context(), leadtype.PlanStage), leadtype.PlanStage, time.Second, errors.New("x"))
	data := r.collect(t)
	require.Equal(t, 1, total(data, "leadsync.leads", "error.type=_OTHER"))
	require.Equal(t, 1, total(data, "leadsync.incidents", "error.type=_OTHER"))
	require.Equal(t, "plan!_OTHER plan!_OTHER", tree(r.spans()))
	for _, code := range leadtype.Codes() {
		trace.Recorded(t.Context(), []*leadsync.Outcome{{Stage: leadsync.Failed, Err: &leadsync.Error{Code: code}}}, nil)
		require.Equal(t, 1, total(r.collect(t), "leadsync.leads", "error.type="+string(code)))
	}
}
