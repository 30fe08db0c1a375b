// SPDX-License-Identifier: Apache-2.0

// Package otelsync makes OpenTelemetry spans and metrics of what leadsync does:
//
//	telemetry, err := otelsync.New(nil)
//	client, err := salesforce.New(url, tokens, &salesforce.Config{OnCall: telemetry.OnCall})
//	syncer, err := leadsync.New(client, &leadsync.Config{Trace: telemetry.Trace()})
//	defer telemetry.Watch(otelsync.HealthOf("default", syncer))()
//
// One Telemetry serves any number of Syncers, and a fleet: its Trace is for fleet.Config.Base, its OnCall for
// fleet.Config.Client.
//
// # Spans
//
//	leadsync.sync                      a batch: leads, calls, and what became of the leads
//	  POST /services/data/v62.0/...    an API call outside of the stages: the session is read
//	  leadsync.match                   a stage; there may be several of each, see leadtype.Trace
//	    POST /services/data/v62.0/...  an API call, of kind client; a repeat is one of its own
//	  leadsync.plan
//	  leadsync.write
//	    POST /services/data/v62.0/...
//	  leadsync.settle
//
// API calls have the attributes of the HTTP semantic conventions (http.request.method, url.template,
// server.address, server.port, http.response.status_code, http.request.resend_count, error.type) but for
// url.full, which holds values. error.type of a batch and a stage is the leadtype.Code of what stopped it, or canceled,
// timeout or _OTHER. Why leads failed is in the metrics. When Run pauses or waits, the span around Run,
// if there is one, has an event: leadsync.paused, leadsync.waits, leadsync.resumes.
//
// # Metrics
//
// Of the process, each with leadsync.connection unless Config.MergeConnections is set:
//
//	leadsync.leads                counter    outcomes; leadsync.stage (cleared, failed, pre-sync),
//	                                         leadsync.action, error.type (the Code)
//	leadsync.lead.lag             histogram  s, from the capture or push of a lead until it is cleared
//	leadsync.batch.duration       histogram  s; error.type of a batch that was stopped
//	leadsync.batch.leads          histogram  leads of a batch
//	leadsync.batch.calls          histogram  API calls of a batch: its sum by that of the leads is
//	                                         the calls per lead
//	leadsync.stage.duration       histogram  s; leadsync.pipeline.stage, error.type
//	leadsync.api.calls            counter    http.response.status_code, error.type, leadsync.api.repeat
//	http.client.request.duration  histogram  s, by the semantic conventions
//	leadsync.incidents            counter    leadsync.incident (paused, waits), error.type
//
// Of the connections that Watch observes, at each collection:
//
//	leadsync.backlog.leads        gauge      leads in Pre-Sync; leadsync.state (queued, waiting, in-flight, frozen)
//	leadsync.backlog.lag          gauge      s that the lead has waited that waits longest
//	leadsync.failed               gauge      leads that need attention
//	leadsync.left_out             gauge      causes for which values of many leads are left out: Health.Incidents
//	leadsync.stopped              gauge      1 while stopped; leadsync.incident (paused, waits)
//	leadsync.api.used             gauge      the org's API calls of 24 hours, of all its tools
//	leadsync.api.remaining        gauge      what is left of its limit
//
// A connection has about 250 time series with the buckets of its histograms, and up to as many again
// where leads fail for many reasons. With thousands of connections set Config.MergeConnections, or
// drop the attribute by a view of the SDK.
//
// # Personal data
//
// Spans and metrics have names, codes, states and numbers that this module knows, the names of
// connections, and the hosts of orgs: no values or ids of leads and records, no messages of errors,
// and no addresses with either.
package otelsync
