// SPDX-License-Identifier: Apache-2.0

package otelsync

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/leadsync/leadsync/salesforce"
)

// OnCall makes a client span and metrics of an API call. It is for salesforce.Config.OnCall, of any
// number of clients, and for fleet.Config.Client. A host that has another one calls both.
//
// The span begins before the request asks for a connection and ends with its reply, and is a child of
// the span in ctx, which is that of the stage or what the host passed. A request that
// reached no server is no call: only its stage has the error.
func (t *Telemetry) OnCall(ctx context.Context, call salesforce.Call) {
	end := time.Now()
	route, method := routeOf(call.Path), methodOf(call.Method)
	about := append(serverOf(call.Host), method)
	var result []attribute.KeyValue
	if call.Status > 0 {
		result = append(result, semconv.HTTPResponseStatusCode(call.Status))
	}
	failed := callError(call)
	if failed.Valid() {
		result = append(result, failed)
	}
	name := method.Value.AsString()
	if method == semconv.HTTPRequestMethodOther {
		name = "HTTP"
	}
	ctx, span := t.tracer.Start(ctx, name+" "+route, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithTimestamp(end.Add(-call.Elapsed)), trace.WithAttributes(slices.Concat(about, ofConnection(ctx))...))
	if span.IsRecording() {
		span.SetAttributes(semconv.URLTemplate(route), subrequestsKey.Int(call.Subrequests))
		span.SetAttributes(result...)
		if call.Attempt > 1 {
			span.SetAttributes(semconv.HTTPRequestResendCount(call.Attempt - 1))
		}
		if failed.Valid() {
			span.SetStatus(codes.Error, "") // the reason is in the attributes
		}
	}
	span.End(trace.WithTimestamp(end))

	repeat := []attribute.KeyValue{repeatKey.Bool(call.Attempt > 1)}
	t.metrics.calls.Add(ctx, 1, t.attributes(ctx, slices.Concat(result, repeat)...))
	if t.merges {
		about = []attribute.KeyValue{method}
	}
	t.metrics.request.Record(ctx, call.Elapsed.Seconds(), t.attributes(ctx, slices.Concat(about, result)...))
}

// serverOf returns the address and the port of a host, which is 443 where it has none.
func serverOf(host string) []attribute.KeyValue {
	address, port := host, 443
	if name, text, err := net.SplitHostPort(host); err == nil {
		if n, err := strconv.Atoi(text); err == nil {
			address, port = name, n
		}
	}
	return []attribute.KeyValue{semconv.ServerAddress(address), semconv.ServerPort(port)}
}

// callError returns error.type of a call that failed: its status, or why it has none.
func callError(call salesforce.Call) attribute.KeyValue {
	switch {
	case call.Status >= http.StatusBadRequest:
		return semconv.ErrorTypeKey.String(strconv.Itoa(call.Status))
	case call.Status > 0:
		return attribute.KeyValue{}
	case errors.Is(call.Err, context.Canceled):
		return semconv.ErrorTypeKey.String("canceled")
	case isTimeout(call.Err):
		return semconv.ErrorTypeKey.String("timeout")
	}
	return semconv.ErrorTypeKey.String("no_reply")
}

func methodOf(method string) attribute.KeyValue {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead:
		return semconv.HTTPRequestMethodKey.String(method)
	}
	return semconv.HTTPRequestMethodOther
}

// words are the parts of paths of the REST API that name no object, field or record.
var words = []string{"services", "data", "composite", "graph", "tree", "batch", "sobjects", "query", "queryAll",
	"tooling", "limits", "jobs", "ingest", "batches", "results", "describe", "successfulResults", "failedResults",
	"unprocessedrecords", "parameterizedSearch", "search", "async"}

// routeOf returns the path of a salesforce.Call as a template, such as
// /services/data/v62.0/composite/sobjects/{object}. What it does not know is {id}, so that it has no
// value, whatever the path.
func routeOf(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		switch {
		case i == 0 && part == "":
		case i > 0 && parts[i-1] == "sobjects":
			parts[i] = "{object}"
		case i > 0 && parts[i-1] == "{object}" && part != "describe":
			parts[i] = "{key}"
		case slices.Contains(words, part), isVersion(part):
		default:
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

// isVersion reports whether part is a version of the API, such as v62.0.
func isVersion(part string) bool {
	number, ok := strings.CutSuffix(strings.TrimPrefix(part, "v"), ".0")
	if !ok || len(number) > 3 || part[0] != 'v' {
		return false
	}
	_, err := strconv.ParseUint(number, 10, 16)
	return err == nil
}
