// SPDX-License-Identifier: Apache-2.0

package otelsync

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// instruments are those of a meter.
type instruments struct {
	meter metric.Meter

	leads, calls, incidents                            metric.Int64Counter
	batchLeads, batchCalls                             metric.Int64Histogram
	batch, stage, lag, request                         metric.Float64Histogram
	backlog, failed, leftOut, stopped, used, remaining metric.Int64ObservableGauge
	oldest                                             metric.Float64ObservableGauge
}

// The boundaries of histograms; times are in seconds.
var (
	requestTimes = []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 60, 120}
	batchTimes   = []float64{.1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600}
	stageTimes   = []float64{.001, .01, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300}
	lags         = []float64{1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 6 * 3600, 24 * 3600, 72 * 3600}
	leadNumbers  = []float64{1, 5, 10, 25, 50, 100, 200, 400, 600, 800, 1000, 1500, 2000}
	callNumbers  = []float64{1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200}
)

func newInstruments(meter metric.Meter) (*instruments, error) {
	m := &maker{meter: meter}
	made := &instruments{
		meter: meter,
		leads: m.counter("leadsync.leads", "{lead}",
			"Outcomes of leads, by what they are now: a lead that waits has one for each attempt."),
		calls: m.counter("leadsync.api.calls", "{call}", "API calls that the org counts, repeats included."),
		incidents: m.counter("leadsync.incidents", "{incident}",
			"Pauses until a person acts, and waits that end by themselves."),
		batchLeads: m.numbers("leadsync.batch.leads", "{lead}", "Leads of a batch.", leadNumbers),
		batchCalls: m.numbers("leadsync.batch.calls", "{call}", "API calls of a batch.", callNumbers),
		batch: m.times("leadsync.batch.duration", "Time from the claim of a batch to its outcomes, turns included.",
			batchTimes),
		stage: m.times("leadsync.stage.duration", "Time of a stage of the pipeline.", stageTimes),
		lag: m.times("leadsync.lead.lag", "Time from the capture or the push of a lead until it is cleared.",
			lags),
		request: m.times("http.client.request.duration", "Duration of HTTP client requests.", requestTimes),
		backlog: m.gauge("leadsync.backlog.leads", "{lead}", "Leads in Pre-Sync, by state."),
		failed:  m.gauge("leadsync.failed", "{lead}", "Leads that failed and need attention."),
		leftOut: m.gauge("leadsync.left_out", "{cause}",
			"Causes for which values of many leads of a batch are left out."),
		stopped: m.gauge("leadsync.stopped", "{connection}", "Connections that are paused, and those that wait."),
		used:    m.gauge("leadsync.api.used", "{call}", "API calls of the org in 24 hours, of all its tools."),
		remaining: m.gauge("leadsync.api.remaining", "{call}",
			"API calls that are left of the org's limit of 24 hours."),
	}
	var err error
	made.oldest, err = meter.Float64ObservableGauge("leadsync.backlog.lag", metric.WithUnit("s"),
		metric.WithDescription("How long the lead has waited that waits longest to be synced."))
	m.note(err)
	return made, errors.Join(m.errs...)
}

// observeBy lets observe observe the gauges at each collection.
func (i *instruments) observeBy(observe metric.Callback) error {
	_, err := i.meter.RegisterCallback(observe, i.backlog, i.failed, i.leftOut, i.stopped, i.used, i.remaining, i.oldest)
	return err
}

// A maker makes instruments and keeps what went wrong.
type maker struct {
	meter metric.Meter
	errs  []error
}

func (m *maker) note(err error) {
	if err != nil {
		m.errs = append(m.errs, err)
	}
}

func (m *maker) counter(name, unit, about string) metric.Int64Counter {
	made, err := m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(about))
	m.note(err)
	return made
}

func (m *maker) gauge(name, unit, about string) metric.Int64ObservableGauge {
	made, err := m.meter.Int64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(about))
	m.note(err)
	return made
}

func (m *maker) numbers(name, unit, about string, bounds []float64) metric.Int64Histogram {
	made, err := m.meter.Int64Histogram(name, metric.WithUnit(unit), metric.WithDescription(about),
		metric.WithExplicitBucketBoundaries(bounds...))
	m.note(err)
	return made
}

func (m *maker) times(name, about string, bounds []float64) metric.Float64Histogram {
	made, err := m.meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(about),
		metric.WithExplicitBucketBoundaries(bounds...))
	m.note(err)
	return made
}
