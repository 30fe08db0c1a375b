// SPDX-License-Identifier: Apache-2.0

package otelsync

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/store"
)

// A HealthFunc calls observe with the health of each of some connections. Its ctx is that of the
// collection and may have a deadline. It may be called concurrently.
type HealthFunc func(ctx context.Context, observe func(connection string, health leadsync.Health)) error

// HealthOf returns the HealthFunc of one Syncer; connection is its Config.Connection.
func HealthOf(connection string, syncer *leadsync.Syncer) HealthFunc {
	return func(ctx context.Context, observe func(string, leadsync.Health)) error {
		health, err := syncer.Health(ctx)
		if err == nil {
			observe(connection, health)
		}
		return err
	}
}

// A watch is one call of Watch.
type watch struct{ health HealthFunc }

// Watch lets the gauges show what health observes, until stop is called: the backlog, the lag, the
// failed leads, values that are left out, what is stopped, and the API calls used. Without it they show nothing.
//
// health is called at each collection, such as each scrape by Prometheus. Syncer.Health costs one query of
// the Store that counts the leads of the connection by group, and no API call; fleet.Health three. In a fleet of
// many connections collect seldom, or observe what a goroutine has read. A connection that several
// processes watch has the same backlog in each: take their maximum, or watch it in one. An error, or a
// panic, of health leaves out what it has not observed, and goes to the error handler of OpenTelemetry.
func (t *Telemetry) Watch(health HealthFunc) (stop func()) {
	one := &watch{health}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watched = append(slices.Clip(t.watched), one)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.watched = slices.DeleteFunc(slices.Clone(t.watched), func(w *watch) bool { return w == one })
	}
}

// seen is what was observed of a connection, or of all of them.
type seen struct {
	states map[store.State]int

	failed, leftOut, paused, waits int

	lag                    time.Duration
	used, remaining, limit int64
}

// states are those in which a lead in Pre-Sync may be.
var states = []store.State{store.StateQueued, store.StateWaiting, store.StateInFlight, store.StateFrozen}

// observe observes the health of all connections that are watched.
func (t *Telemetry) observe(ctx context.Context, o metric.Observer) error {
	t.mu.Lock()
	watched := t.watched
	t.mu.Unlock()
	all := make(map[string]*seen)
	var errs []error
	for _, w := range watched {
		errs = append(errs, w.observe(ctx, func(connection string, health leadsync.Health) {
			if t.merges {
				connection = ""
			}
			if all[connection] == nil {
				all[connection] = &seen{states: make(map[store.State]int)}
			}
			all[connection].add(&health)
		}))
	}
	for connection, s := range all {
		t.show(o, connection, s)
	}
	return errors.Join(errs...)
}

// observe calls health, and returns its panic as an error.
func (w *watch) observe(ctx context.Context, observe func(string, leadsync.Health)) (err error) {
	if p := hook.Call(nil, hook.Hook{Kind: "HealthFunc"}, func() { err = w.health(ctx, observe) }); p != nil {
		return errors.New(p.Reason())
	}
	return err
}

func (s *seen) add(h *leadsync.Health) {
	for state, leads := range h.States {
		s.states[state] += leads
	}
	s.failed, s.leftOut = s.failed+h.Failed, s.leftOut+len(h.Incidents)
	if h.Paused != nil {
		s.paused++
	}
	if h.Waiting != nil {
		s.waits++
	}
	s.lag = max(s.lag, h.Lag)
	s.used, s.limit, s.remaining = s.used+h.Used, s.limit+h.Limit, s.remaining+max(0, h.Limit-h.Used)
}

// show observes the gauges of a connection, "" for all together.
func (t *Telemetry) show(o metric.Observer, connection string, s *seen) {
	of := func(about ...attribute.KeyValue) metric.ObserveOption {
		if connection != "" {
			about = append(about, connectionKey.String(connection))
		}
		return metric.WithAttributeSet(attribute.NewSet(about...))
	}
	for _, state := range states {
		o.ObserveInt64(t.metrics.backlog, int64(s.states[state]), of(stateKey.String(string(state))))
	}
	o.ObserveInt64(t.metrics.failed, int64(s.failed), of())
	o.ObserveInt64(t.metrics.leftOut, int64(s.leftOut), of())
	o.ObserveFloat64(t.metrics.oldest, s.lag.Seconds(), of())
	o.ObserveInt64(t.metrics.stopped, int64(s.paused), of(incidentKey.String(incidentPaused)))
	o.ObserveInt64(t.metrics.stopped, int64(s.waits), of(incidentKey.String(incidentWaits)))
	if s.limit > 0 {
		o.ObserveInt64(t.metrics.used, s.used, of())
		o.ObserveInt64(t.metrics.remaining, s.remaining, of())
	}
}
