// SPDX-License-Identifier: Apache-2.0

package otelsync_test

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/otelsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// prometheusMetrics returns a Telemetry and what serves its metrics to Prometheus.
func prometheusMetrics() (*otelsync.Telemetry, http.Handler, error) {
	registry := prometheus.NewRegistry()
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, nil, err
	}
	telemetry, err := otelsync.New(&otelsync.Config{
		MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter)),
	})
	return telemetry, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), err
}

// A host serves the metrics of its Syncer to Prometheus. docs/grafana has a dashboard for them.
func Example_prometheus() {
	org := sftest.NewOrg(nil) // your org
	defer org.Close()
	telemetry, metrics, err := prometheusMetrics()
	if err != nil {
		log.Fatal(err)
	}
	client, err := salesforce.New(org.URL(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}, OnCall: telemetry.OnCall})
	if err != nil {
		log.Fatal(err)
	}
	syncer, err := leadsync.New(client, &leadsync.Config{Trace: telemetry.Trace()})
	if err != nil {
		log.Fatal(err)
	}
	defer telemetry.Watch(otelsync.HealthOf("default", syncer))()
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)

	ctx := context.Background()
	_, err = syncer.Capture(ctx,
		&leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", Company: "Engines"},
		&leadsync.Lead{ID: "L2", LastName: "Menabrea", Email: "luigi(at)example.com", Company: "Turin"})
	if err != nil {
		log.Fatal(err)
	}
	if err := syncer.Drain(ctx); err != nil { // Run in production
		log.Fatal(err)
	}
	for _, line := range scrape(mux) {
		if strings.HasPrefix(line, "leadsync_leads_total") || strings.HasPrefix(line, "leadsync_backlog_lag") ||
			strings.HasPrefix(line, "leadsync_batch_calls_sum") {
			fmt.Println(line)
		}
	}
	// Output:
	// leadsync_backlog_lag_seconds{leadsync_connection="default"} 0
	// leadsync_batch_calls_sum{leadsync_connection="default"} 3
	// leadsync_leads_total{error_type="DATA_VALUE_VALIDATION",leadsync_connection="default",leadsync_stage="failed"} 1
	// leadsync_leads_total{leadsync_action="created",leadsync_connection="default",leadsync_stage="cleared"} 1
}

// A fleet has one Telemetry for all connections. It watches them all: that costs a query a connection for
// each collection.
func ExampleTelemetry_Watch() {
	var host *fleet.Fleet // fleet.New with Base.Trace: telemetry.Trace() and Client.OnCall: telemetry.OnCall
	telemetry, err := otelsync.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer telemetry.Watch(host.EachHealth)()
}

// scrape returns the lines of the metrics, sorted.
func scrape(metrics http.Handler) (lines []string) {
	recorder := httptest.NewRecorder()
	metrics.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	scanner := bufio.NewScanner(recorder.Body)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	slices.Sort(lines)
	return lines
}
