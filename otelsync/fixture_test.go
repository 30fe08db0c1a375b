// SPDX-License-Identifier: Apache-2.0

package otelsync_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/otelsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A rig has a Telemetry, and what it exported.
type rig struct {
	telemetry *otelsync.Telemetry
	tracers   *sdktrace.TracerProvider
	exported  *tracetest.InMemoryExporter
	reader    *sdkmetric.ManualReader
}

func newRig(t testing.TB, cfg otelsync.Config) *rig {
	t.Helper()
	r := &rig{exported: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	r.tracers = sdktrace.NewTracerProvider(sdktrace.WithSyncer(r.exported))
	cfg.TracerProvider, cfg.MeterProvider = r.tracers, sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader))
	var err error
	r.telemetry, err = otelsync.New(&cfg)
	require.NoError(t, err)
	return r
}

// client returns a client of org that needs no time, so that it works in a bubble.
func (r *rig) client(t testing.TB, org *sftest.Org, retries int) *salesforce.Client {
	t.Helper()
	return clientOf(t, org, salesforce.Config{OnCall: r.telemetry.OnCall, MaxRetries: retries,
		JitterFunc: func() float64 { return 0 }})
}

func clientOf(t testing.TB, org *sftest.Org, cfg salesforce.Config) *salesforce.Client {
	t.Helper()
	cfg.HTTPClient = &http.Client{Transport: org.Transport()}
	client, err := salesforce.New("https://acme.my.salesforce.com",
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}), &cfg)
	require.NoError(t, err)
	return client
}

// syncer returns a Syncer for org; cfg may be nil, and its Trace is called too.
func (r *rig) syncer(t testing.TB, org *sftest.Org, cfg *leadsync.Config) *leadsync.Syncer {
	t.Helper()
	full := leadsync.Config{}
	if cfg != nil {
		full = *cfg
	}
	full.Trace, full.Gather = leadsync.Join(full.Trace, r.telemetry.Trace()), leadsync.NoGather
	if full.Connection == "" {
		full.Connection = "acme"
	}
	syncer, err := leadsync.New(r.client(t, org, -1), &full)
	require.NoError(t, err)
	return syncer
}

// spans returns the spans since it was called last.
func (r *rig) spans() tracetest.SpanStubs {
	defer r.exported.Reset()
	return r.exported.GetSpans()
}

// tree prints spans, in the order in which they ended, as in "sync(match(POST!503))" with the error
// type after a "!".
func tree(spans tracetest.SpanStubs) string { return branches(spans, trace.SpanID{}) }

func branches(spans tracetest.SpanStubs, parent trace.SpanID) string {
	var list []string
	for _, span := range spans {
		if span.Parent.SpanID() != parent {
			continue
		}
		name := strings.TrimPrefix(span.Name, "leadsync.")
		if method, _, ok := strings.Cut(name, " /services/"); ok {
			name = method
		}
		if span.Status.Code == codes.Error {
			name += "!" + attributeOf(span, "error.type")
		}
		if within := branches(spans, span.SpanContext.SpanID()); within != "" {
			name += "(" + within + ")"
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

// attributeOf returns an attribute of a span as text, "" where it has none.
func attributeOf(span tracetest.SpanStub, key attribute.Key) string {
	for _, kv := range span.Attributes {
		if kv.Key == key {
			return kv.Value.String()
		}
	}
	return ""
}

// collect returns the metrics.
func (r *rig) collect(t testing.TB) metricdata.ResourceMetrics {
	t.Helper()
	var data metricdata.ResourceMetrics
	require.NoError(t, r.reader.Collect(t.Context(), &data))
	return data
}

// A point is one value of a metric: of a histogram the sum, and how many there were.
type point struct {
	of    attribute.Set
	value float64
	count uint64
}

// points returns the values of a metric, also none.
func points(data metricdata.ResourceMetrics, name string) (all []point) {
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name == name {
				all = append(all, pointsOf(m.Data)...)
			}
		}
	}
	return all
}

func pointsOf(data metricdata.Aggregation) (all []point) {
	switch d := data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range d.DataPoints {
			all = append(all, point{p.Attributes, float64(p.Value), 1})
		}
	case metricdata.Gauge[int64]:
		for _, p := range d.DataPoints {
			all = append(all, point{p.Attributes, float64(p.Value), 1})
		}
	case metricdata.Gauge[float64]:
		for _, p := range d.DataPoints {
			all = append(all, point{p.Attributes, p.Value, 1})
		}
	case metricdata.Histogram[int64]:
		for _, p := range d.DataPoints {
			all = append(all, point{p.Attributes, float64(p.Sum), p.Count})
		}
	case metricdata.Histogram[float64]:
		for _, p := range d.DataPoints {
			all = append(all, point{p.Attributes, p.Sum, p.Count})
		}
	default:
		panic(fmt.Sprintf("a %T", data))
	}
	return all
}

// sum returns the sum and the count of the values of a metric that have the attributes, given as
// "key=value".
func sum(data metricdata.ResourceMetrics, name string, with ...string) (value float64, count uint64) {
	for _, p := range points(data, name) {
		has := func(want string) bool {
			key, value, _ := strings.Cut(want, "=")
			got, ok := p.of.Value(attribute.Key(key))
			return ok && got.String() == value
		}
		if !slices.ContainsFunc(with, func(want string) bool { return !has(want) }) {
			value, count = value+p.value, count+p.count
		}
	}
	return value, count
}

func total(data metricdata.ResourceMetrics, name string, with ...string) int {
	value, _ := sum(data, name, with...)
	return int(value)
}

func leads(n int) []*leadsync.Lead {
	all := make([]*leadsync.Lead, n)
	for i := range all {
		all[i] = &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint("L", i)), LastName: fmt.Sprint("Person ", i),
			Email: fmt.Sprintf("p%d@engines.example", i), Company: "Engines"}
	}
	return all
}
