// SPDX-License-Identifier: Apache-2.0

// Package dashboard has the pages of leadsync for a host's own web site: what became of the
// leads, why some failed and what mends them, each lead with its records field by field, and
// the connection to Salesforce with its settings.
//
// New makes an http.Handler over a fleet, NewSyncer one over a single Syncer. Mount it under
// any prefix:
//
//	mux.Handle("/salesforce/", http.StripPrefix("/salesforce", dashboard.New(f, nil)))
//
// All its links are relative. It needs nothing from elsewhere: no build step, no font or script
// of another host. It works without JavaScript; with it, counts follow a running sync.
//
// The host brings sign-in: put the handler behind it, and tell the pages who is there by
// Options.User and what they may do by Options.Can. A change is a POST with a token of the
// browser's own, and is refused from another site. No value of a lead gets into a URL, a log
// or the title of a page: a lead's page is addressed by its store.Entry.Sequence, and a search
// by a random token that this process keeps for 30 minutes.
package dashboard
