// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
)

// A Handler serves the pages. It is safe for concurrent use.
type Handler struct {
	site  *site
	serve http.Handler
}

// New returns the pages of all connections of a Fleet: a list of them, and for each those of
// NewSyncer, under c/<name>/. See Options.Connection for a host with one connection per user.
// opts may be nil.
func New(f *fleet.Fleet, opts *Options) *Handler {
	if f == nil {
		panic("dashboard: New needs a Fleet")
	}
	return newHandler(f, nil, opts)
}

// NewSyncer returns the pages of a single Syncer. opts may be nil.
func NewSyncer(s *leadsync.Syncer, opts *Options) *Handler {
	if s == nil {
		panic("dashboard: NewSyncer needs a Syncer")
	}
	return newHandler(nil, s, opts)
}

func newHandler(f *fleet.Fleet, s *leadsync.Syncer, opts *Options) *Handler {
	h := &Handler{site: newSite(f, s, opts)}
	h.serve = http.NewCrossOriginProtection().Handler(h.routes())
	return h
}

// ServeHTTP serves a page. The path is the one below where the handler is mounted, as
// http.StripPrefix leaves it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w, h.site.opts.Nonce == nil)
	u := *r.URL
	u.Path, u.RawPath = rooted(u.Path), rooted(u.RawPath)
	if u.RawPath == "/" {
		u.RawPath = ""
	}
	// The mux would redirect to the clean path, without the prefix.
	if clean := path.Clean(u.Path); clean != u.Path && clean+"/" != u.Path {
		h.site.fail(w, r, http.StatusNotFound)
		return
	}
	below := *r
	below.URL = &u
	h.serve.ServeHTTP(w, &below)
}

func rooted(p string) string {
	if strings.HasPrefix(p, "/") {
		return p
	}
	return "/" + p
}

func routesOfPages() []route {
	return []route{
		{"GET /reconciliation", ActionView, showReconciliation},
		{"GET /live", ActionView, showLive},
		{"POST /search", ActionView, search},
		{"POST /retry", ActionRetry, retry},
		{"POST /dismiss", ActionDismiss, dismiss},
		{"POST /export", ActionExport, export},
		{"GET /leads/{sequence}", ActionView, showLead},
		{"POST /leads/{sequence}/retry", ActionRetry, retryLead},
		{"POST /leads/{sequence}/dismiss", ActionDismiss, dismissLead},
		{"POST /leads/{sequence}/choose", ActionChoose, choose},
		{"GET /leads/{sequence}/undo", ActionUndo, askUndo},
		{"POST /leads/{sequence}/undo", ActionUndo, undo},
		{"GET /leads/{sequence}/forget", ActionForget, askForget},
		{"POST /leads/{sequence}/forget", ActionForget, forget},
		{"GET /connect", ActionView, showConnect},
		{"POST /connect", ActionConnect, connect},
		{"POST /disconnect", ActionConnect, disconnect},
		{"POST /mode", ActionSetMode, setMode},
		{"POST /strategy", ActionSettings, saveStrategy},
		{"POST /resume", ActionResume, resume},
		{"POST /preflight", ActionPreflight, runPreflight},
		{"GET /mapping", ActionView, showMapping},
		{"POST /mapping", ActionSettings, editMapping},
		{"GET /qualifiers", ActionView, showQualifiers},
		{"POST /qualifiers", ActionSettings, saveQuestion},
		{"POST /qualifiers/{question}", ActionSettings, saveQualifier},
		{"GET /campaigns", ActionView, showCampaigns},
		{"POST /campaigns/search", ActionView, searchCampaigns},
		{"POST /campaigns", ActionSettings, editCampaigns},
		{"POST /settings", ActionSettings, saveSettings},
		{"POST /settings/{revision}", ActionSettings, restoreSettings},
	}
}

func (h *Handler) routes() http.Handler {
	mux := http.NewServeMux()
	prefix := ""
	if h.site.many() {
		prefix = "/c/{connection}"
		mux.HandleFunc("GET /{$}", h.site.showConnections)
		mux.HandleFunc("GET /c/{connection}", toReconciliation)
	}
	mux.HandleFunc("GET "+prefix+"/{$}", toReconciliation)
	for _, p := range routesOfPages() {
		method, pattern, _ := strings.Cut(p.pattern, " ")
		mux.HandleFunc(method+" "+prefix+pattern, h.site.visitor(p))
	}
	mux.HandleFunc("GET /files/{name}", h.site.showFile)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { h.site.fail(w, r, http.StatusNotFound) })
	return mux
}

// toReconciliation redirects to the first page of a connection.
func toReconciliation(w http.ResponseWriter, r *http.Request) {
	to := "reconciliation"
	if !strings.HasSuffix(r.URL.Path, "/") {
		to = url.PathEscape(r.PathValue("connection")) + "/" + to
	}
	redirect(w, to)
}
