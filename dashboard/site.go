// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
)

// A site is what all pages share.
type site struct {
	fleet   *fleet.Fleet     // nil for a Syncer
	syncer  *leadsync.Syncer // nil for a Fleet
	opts    Options
	texts   *texts
	views   views
	files   map[string]file
	shelf   *shelf
	schemas *schemas
	now     func() time.Time
}

func newSite(f *fleet.Fleet, syncer *leadsync.Syncer, opts *Options) *site {
	s := &site{fleet: f, syncer: syncer, now: time.Now}
	if opts != nil {
		s.opts = *opts
	}
	s.opts.Title = cmp.Or(s.opts.Title, "Salesforce sync")
	if s.opts.Logger == nil {
		s.opts.Logger = slog.New(slog.DiscardHandler)
	}
	s.texts = newTexts(s.opts.Texts)
	s.files = newFiles(s.opts.CSS)
	s.views = newViews()
	s.shelf = newShelf(s.now)
	s.schemas = newSchemas(s.now)
	return s
}

// many says whether the path names the connection.
func (s *site) many() bool { return s.fleet != nil && s.opts.Connection == nil }

// open returns the org that a request is about, whose calls give people texts in the language of the
// page. What they change is noted as decided by the request's user.
func (s *site) open(r *http.Request) (*org, error) {
	o, err := s.find(r)
	if advisor := s.advisorFor(r); err == nil && advisor != s.opts.Advisor {
		o.syncer = o.syncer.WithAdvisor(advisor)
	}
	return o, err
}

func (s *site) find(r *http.Request) (*org, error) {
	who := s.opts.user(r)
	if s.fleet == nil {
		o := &org{syncer: s.syncer.By(who), instance: s.opts.InstanceURL, reader: s.opts.Client}
		var err error
		o.health, err = o.syncer.Health(r.Context())
		return o, err
	}
	name := r.PathValue("connection")
	if s.opts.Connection != nil {
		var err error
		if name, err = s.opts.Connection(r); err != nil {
			return nil, err
		}
	}
	return openFleet(r.Context(), s.fleet.By(who), name)
}

func (s *site) showFile(w http.ResponseWriter, r *http.Request) {
	if !serveFile(w, r, s.files) {
		s.fail(w, r, http.StatusNotFound)
	}
}
