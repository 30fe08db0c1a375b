// SPDX-License-Identifier: Apache-2.0

package otelsync_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/otelsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestSpansOfABatchFormATree(t *testing.T) {
	t.Parallel()
	r, org := newRig(t, otelsync.Config{}), sftest.NewOrg(t)
	syncer := r.syncer(t, org, nil)
	_, err := syncer.Sync(t.Context(), leads(3)...)
	require.NoError(t, err)
	spans := r.spans()
	require.Equal(t, "sync(POST match(POST) plan write(POST) settle)", tree(spans))

	batch := spans[len(spans)-1]
	require.Equal(t, "leadsync.sync", batch.Name)
	require.Equal(t, otelsync.ScopeName, batch.InstrumentationScope.Name)
	require.NotEmpty(t, batch.InstrumentationScope.SchemaURL)
	require.ElementsMatch(t, []attribute.KeyValue{
		attribute.String("leadsync.connection", "acme"), attribute.Int("leadsync.batch.leads", 3),
		attribute.Int("leadsync.batch.calls", 3), attribute.Int("leadsync.batch.cleared", 3),
		attribute.Int("leadsync.batch.failed", 0), attribute.Int("leadsync.batch.pre_sync", 0),
	}, batch.Attributes)

	call := spans[1]
	require.Equal(t, "POST /services/data/v62.0/composite", call.Name)
	require.Equal(t, trace.SpanKindClient, call.SpanKind)
	require.ElementsMatch(t, []attribute.KeyValue{
		attribute.String("http.request.method", "POST"), attribute.String("url.template", "/services/data/v62.0/composite"),
		attribute.String("server.address", "acme.my.salesforce.com"), attribute.Int("server.port", 443),
		attribute.Int("http.response.status_code", 200), attribute.String("leadsync.connection", "acme"),
		attribute.Int("leadsync.api.subrequests", len(org.Requests()[1].Subrequests)),
	}, call.Attributes)
	require.Equal(t, codes.Unset, call.Status.Code)
	require.Equal(t, "match", attributeOf(spans[2], "leadsync.pipeline.stage"))
	require.False(t, call.StartTime.Before(spans[2].StartTime), "the call lies within its stage")
	require.False(t, call.EndTime.After(spans[2].EndTime), "the call lies within its stage")
}

func TestSpansOfAPlanAndItsApplicationHaveNoBatch(t *testing.T) {
	t.Parallel()
	r, org := newRig(t, otelsync.Config{}), sftest.NewOrg(t)
	syncer := r.syncer(t, org, nil)
	ctx, host := r.tracers.Tracer("host").Start(t.Context(), "page")
	planned, err := syncer.Plan(ctx, leads(1)...)
	require.NoError(t, err)
	_, err = syncer.Apply(ctx, planned)
	require.NoError(t, err)
	_, err = syncer.Preflight(ctx)
	require.NoError(t, err)
	host.End()
	spans := r.spans()
	require.Equal(t, "page(match(POST POST) plan match(POST) write(POST) settle POST)", tree(spans))
	for _, span := range spans[:len(spans)-1] {
		require.Equal(t, "acme", attributeOf(span, "leadsync.connection"), span.Name)
	}
}

func TestSpansOfARepeatedCallSayWhichTryItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		r := newRig(t, otelsync.Config{})
		syncer, err := leadsync.New(r.client(t, org, 2), &leadsync.Config{Trace: r.telemetry.Trace()})
		require.NoError(t, err)
		_, err = syncer.Sync(t.Context(), leads(1)...)
		require.NoError(t, err)
		r.spans()
		org.Fail(func(_ *http.Request, n int) *sftest.Fault {
			switch n {
			case 1:
				return &sftest.Fault{Status: http.StatusServiceUnavailable, Delay: time.Second}
			case 2:
				return &sftest.Fault{DropAfter: true}
			}
			return nil
		})
		_, err = syncer.Sync(t.Context(), leads(2)[1])
		require.NoError(t, err)
		spans := r.spans()
		require.Equal(t, "sync(match(POST!503 POST!no_reply POST) plan write(POST) settle)", tree(spans))
		var resends []string
		for _, span := range spans[:3] {
			resends = append(resends, attributeOf(span, "http.request.resend_count"))
		}
		require.Equal(t, []string{"", "1", "2"}, resends)
		require.Equal(t, "503", attributeOf(spans[0], "http.response.status_code"))
		require.Empty(t, attributeOf(spans[1], "http.response.status_code"))
		require.Equal(t, time.Second, spans[0].EndTime.Sub(spans[0].StartTime))
		require.Empty(t, spans[0].Status.Description, "the attributes say it")
		require.Equal(t, 2, total(r.collect(t), "leadsync.api.calls", "leadsync.api.repeat=true"))
	})
}

func TestSpansOfABatchThatIsStoppedSayWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		r := newRig(t, otelsync.Config{})
		syncer := r.syncer(t, org, nil)
		_, err := syncer.Sync(t.Context(), leads(1)...)
		require.NoError(t, err)
		r.spans()
		org.Fail(func(*http.Request, int) *sftest.Fault { return &sftest.Fault{Status: http.StatusServiceUnavailable} })
		_, err = syncer.Sync(t.Context(), leads(1)...)
		require.ErrorIs(t, err, leadsync.RemoteUnavailable)
		spans := r.spans()
		require.Equal(t, "sync!REMOTE_UNAVAILABLE(match!REMOTE_UNAVAILABLE(POST!503))", tree(spans))
		require.Equal(t, "REMOTE_UNAVAILABLE", spans[2].Status.Description)
		require.Empty(t, spans[2].Events, "no text of an error")

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		org.Fail(func(*http.Request, int) *sftest.Fault { return &sftest.Fault{Delay: time.Minute} })
		_, err = syncer.Sync(ctx, leads(1)...)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, "sync!timeout(match!timeout(POST!timeout))", tree(r.spans()))
		ended, end := context.WithCancel(t.Context())
		go func() {
			time.Sleep(time.Second)
			end()
		}()
		_, err = syncer.Sync(ended, leads(1)...)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, "sync!canceled(match!canceled(POST!canceled))", tree(r.spans()))
	})
}

// unreliable makes the org fail for a while, and then end the session.
func unreliable(t *testing.T, org *sftest.Org, syncer *leadsync.Syncer, ctx context.Context) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- syncer.Run(ctx) }()
	capture := func(lead *leadsync.Lead) {
		_, err := syncer.Capture(t.Context(), lead)
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
	}
	all := leads(3)
	capture(all[0])
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n > 1 {
			return nil
		}
		return &sftest.Fault{Status: http.StatusServiceUnavailable}
	})
	capture(all[1])
	org.ExpireToken()
	capture(all[2])
	require.ErrorIs(t, <-done, leadsync.Authentication)
}

func TestSpansOfARun(t *testing.T) {
	t.Parallel()
	const batches = "sync(POST match(POST) plan write(POST) settle) " +
		"sync!REMOTE_UNAVAILABLE(match!REMOTE_UNAVAILABLE(POST!503)) " +
		"sync(match(POST) plan write(POST) settle) sync!AUTHENTICATION(match!AUTHENTICATION(POST!401))"
	t.Run("within a span of the host", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			org := sftest.NewOrg(t)
			r := newRig(t, otelsync.Config{})
			ctx, host := r.tracers.Tracer("host").Start(t.Context(), "run")
			unreliable(t, org, r.syncer(t, org, nil), ctx)
			host.End()
			spans := r.spans()
			require.Equal(t, "run("+batches+")", tree(spans))
			events := spans[len(spans)-1].Events
			require.Len(t, events, 3)
			require.Equal(t, []string{"leadsync.waits", "leadsync.resumes", "leadsync.paused"},
				[]string{events[0].Name, events[1].Name, events[2].Name})
			require.Contains(t, events[0].Attributes, attribute.String("error.type", "REMOTE_UNAVAILABLE"))
			require.Contains(t, events[2].Attributes, attribute.String("error.type", "AUTHENTICATION"))
		})
	})
	t.Run("without one", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			org := sftest.NewOrg(t)
			r := newRig(t, otelsync.Config{})
			unreliable(t, org, r.syncer(t, org, nil), t.Context())
			spans := r.spans()
			require.Equal(t, batches, tree(spans))
			traces := make(map[trace.TraceID]bool)
			for _, span := range spans {
				traces[span.SpanContext.TraceID()] = true
			}
			require.Len(t, traces, 4, "each batch is a trace of its own")
			data := r.collect(t)
			for _, kind := range []string{"paused", "waits"} {
				require.Equal(t, 1, total(data, "leadsync.incidents", "leadsync.incident="+kind, "leadsync.connection=acme"))
			}
		})
	})
}

func TestHookThatPanicsLeavesTheSpansWhole(t *testing.T) {
	t.Parallel()
	fails := &leadsync.Trace{
		BatchStart: func(context.Context, int) context.Context { panic("no") },
		BatchDone:  func(context.Context, []*leadsync.Outcome, time.Duration, error) { panic("no") },
		StageStart: func(context.Context, leadtype.PipelineStage) context.Context { panic("no") },
		StageDone:  func(context.Context, leadtype.PipelineStage, time.Duration, error) { panic("no") },
		Recorded:   func(context.Context, []*leadsync.Outcome, []time.Duration) { panic("no") },
	}
	r, org := newRig(t, otelsync.Config{}), sftest.NewOrg(t)
	before := r.syncer(t, org, &leadsync.Config{Trace: fails})
	after, err := leadsync.New(r.client(t, org, -1), &leadsync.Config{Trace: leadsync.Join(r.telemetry.Trace(), fails)})
	require.NoError(t, err)
	for _, syncer := range []*leadsync.Syncer{before, after} {
		_, err := syncer.Sync(t.Context(), leads(1)...)
		require.NoError(t, err)
		require.Regexp(t, `^sync\(POST match\(POST\) plan write(\(POST\))? settle\)$`, tree(r.spans()))
	}
	require.Equal(t, 2, total(r.collect(t), "leadsync.leads"))
}

// A hook that loses the context loses the batch's span, and nothing else.
func TestHookThatReplacesTheContextIsEndured(t *testing.T) {
	t.Parallel()
	loses := &leadsync.Trace{
		BatchStart: func(context.Context, int) context.Context { return context.Background() },
		StageStart: func(context.Context, leadtype.PipelineStage) context.Context { return context.Background() },
	}
	r, org := newRig(t, otelsync.Config{}), sftest.NewOrg(t)
	syncer, err := leadsync.New(r.client(t, org, -1), &leadsync.Config{Trace: leadsync.Join(r.telemetry.Trace(), loses)})
	require.NoError(t, err)
	_, err = syncer.Sync(t.Context(), leads(1)...)
	require.NoError(t, err)
	require.Equal(t, "POST POST POST", tree(r.spans()))
	require.Equal(t, 3, total(r.collect(t), "leadsync.api.calls"))
}

func TestRoutesHaveNoIDs(t *testing.T) {
	t.Parallel()
	const of = "/services/data/v62.0/"
	for path, want := range map[string]string{
		of + "composite":                                          of + "composite",
		of + "composite/sobjects/Lead":                            of + "composite/sobjects/{object}",
		of + "composite/sobjects/Lead/Key__c":                     of + "composite/sobjects/{object}/{key}",
		of + "sobjects/Lead/00Q000000000001":                      of + "sobjects/{object}/{key}",
		of + "sobjects/query/describe":                            of + "sobjects/{object}/describe",
		of + "query/01g000000000001-2000":                         of + "query/{id}",
		of + "jobs/ingest/75000/failedResults":                    of + "jobs/ingest/{id}/failedResults",
		"/services/data/v62.0.1/ada@example.com/v9999.0/v.0/vx.0": "/services/data/{id}/{id}/{id}/{id}/{id}",
		"": "", "ada": "{id}", "//x": "/{id}/{id}",
	} {
		r := newRig(t, otelsync.Config{})
		r.telemetry.OnCall(t.Context(), salesforce.Call{Method: "GET", Path: path, Host: "localhost:8080", Status: 200})
		span := r.spans()[0]
		require.Equal(t, "GET "+want, span.Name)
		require.Equal(t, want, attributeOf(span, "url.template"))
		require.Equal(t, []string{"localhost", "8080"},
			[]string{attributeOf(span, "server.address"), attributeOf(span, "server.port")})
	}
	r := newRig(t, otelsync.Config{})
	r.telemetry.OnCall(t.Context(), salesforce.Call{Method: "ada", Path: "/services", Status: 302})
	require.Equal(t, "HTTP /services", r.spans()[0].Name)
}
