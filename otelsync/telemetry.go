// SPDX-License-Identifier: Apache-2.0

package otelsync

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/leadsync/leadsync/leadtype"
)

// ScopeName is the instrumentation scope of all spans and metrics.
const ScopeName = "github.com/leadsync/leadsync/otelsync"

// Config configures a Telemetry. The zero Config works.
type Config struct {
	// TracerProvider makes the tracer. Nil is the global one, also when that is set later.
	TracerProvider trace.TracerProvider
	// MeterProvider makes the meter. Nil is the global one, also when that is set later.
	MeterProvider metric.MeterProvider
	// MergeConnections leaves leadsync.connection, server.address and server.port out of the metrics,
	// so that their number does not grow with that of the connections. What Watch observes is then the
	// sum over all connections, and of the lag the longest. Spans have the attributes all the same.
	MergeConnections bool
}

// A Telemetry makes spans and metrics of what Syncers do. One serves any number of Syncers and
// clients. It is safe for concurrent use.
type Telemetry struct {
	tracer  trace.Tracer
	metrics *instruments
	merges  bool

	mu      sync.Mutex
	watched []*watch
}

// New returns a Telemetry; nil is the zero Config. Make one for a MeterProvider: each has a
// callback there until the provider is shut down. The error is the provider's, which cannot make an
// instrument.
func New(cfg *Config) (*Telemetry, error) {
	if cfg == nil {
		cfg = new(Config)
	}
	tracers, meters := cfg.TracerProvider, cfg.MeterProvider
	if tracers == nil {
		tracers = otel.GetTracerProvider()
	}
	if meters == nil {
		meters = otel.GetMeterProvider()
	}
	made, err := newInstruments(meters.Meter(ScopeName, metric.WithSchemaURL(semconv.SchemaURL)))
	if err != nil {
		return nil, err
	}
	t := &Telemetry{tracer: tracers.Tracer(ScopeName, trace.WithSchemaURL(semconv.SchemaURL)), metrics: made,
		merges: cfg.MergeConnections}
	if err := made.observeBy(t.observe); err != nil {
		return nil, err
	}
	return t, nil
}

// The attributes besides those of the semantic conventions.
const (
	connectionKey  = attribute.Key("leadsync.connection")
	pipelineKey    = attribute.Key("leadsync.pipeline.stage")
	stageKey       = attribute.Key("leadsync.stage")
	actionKey      = attribute.Key("leadsync.action")
	stateKey       = attribute.Key("leadsync.state")
	incidentKey    = attribute.Key("leadsync.incident")
	batchLeadsKey  = attribute.Key("leadsync.batch.leads")
	batchCallsKey  = attribute.Key("leadsync.batch.calls")
	clearedKey     = attribute.Key("leadsync.batch.cleared")
	failedKey      = attribute.Key("leadsync.batch.failed")
	preSyncKey     = attribute.Key("leadsync.batch.pre_sync")
	repeatKey      = attribute.Key("leadsync.api.repeat")
	subrequestsKey = attribute.Key("leadsync.api.subrequests")
)

// The values of leadsync.incident.
const (
	incidentPaused = "paused"
	incidentWaits  = "waits"
)

// ofConnection returns the attribute of a span for the connection of ctx, none where it is not known.
func ofConnection(ctx context.Context) []attribute.KeyValue {
	if connection := leadtype.ConnectionOf(ctx); connection != "" {
		return []attribute.KeyValue{connectionKey.String(connection)}
	}
	return nil
}

// attributes returns those of a metric, with the connection of ctx.
func (t *Telemetry) attributes(ctx context.Context, others ...attribute.KeyValue) metric.MeasurementOption {
	if !t.merges {
		others = append(others, ofConnection(ctx)...)
	}
	return metric.WithAttributeSet(attribute.NewSet(others...))
}

// knownCodes are the values of error.type for failures of leads and of the connection.
var knownCodes = leadtype.Codes()

// codeType returns error.type for a code. One that is not of package leadtype, which only code of
// the host makes, may be anything.
func codeType(code leadtype.Code) attribute.KeyValue {
	if slices.Contains(knownCodes, code) {
		return semconv.ErrorTypeKey.String(string(code))
	}
	return semconv.ErrorTypeOther
}

// errorType returns error.type for what stopped a batch or a stage.
func errorType(err error) attribute.KeyValue {
	var own *leadtype.Error
	switch {
	case errors.As(err, &own):
		return codeType(own.Code)
	case errors.Is(err, context.Canceled):
		return semconv.ErrorTypeKey.String("canceled")
	case isTimeout(err):
		return semconv.ErrorTypeKey.String("timeout")
	}
	return semconv.ErrorTypeOther
}

func isTimeout(err error) bool {
	var failed net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &failed) && failed.Timeout()
}
