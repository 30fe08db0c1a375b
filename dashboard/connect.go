// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/store"
)

// A connectView is the page of the connection.
type connectView struct {
	Link      store.Link
	Connected bool
	CanOAuth  bool
	Modes     []leadsync.Mode
	Frozen    int
	Queued    int
	Calls     []hourBar
	CallsSum  int
	Most      int
	Incidents []string
}

// An hourBar is the API calls of an hour, as a bar of a chart that is 100 high.
type hourBar struct {
	X      int
	Height int
	Y      int
	Calls  int
	Hour   string
}

func showConnect(v *visit) {
	o := v.org
	b := &connectView{
		Link: o.known.Connection.Link, Connected: o.fleet == nil || o.known.Connected, CanOAuth: o.fleet != nil,
		Modes: modes(), Frozen: o.health.States[store.StateFrozen], Queued: o.health.States[store.StateQueued],
	}
	b.chart(o.known.Calls)
	for i := range o.health.Incidents {
		b.Incidents = append(b.Incidents, o.health.Incidents[i].String())
	}
	v.show("connect", "connect", "Connection", b)
}

// chart draws the calls of the last 24 hours that had some.
func (b *connectView) chart(hours []store.CallHour) {
	hours = hours[max(len(hours)-24, 0):]
	for _, h := range hours {
		b.Most = max(b.Most, int(h.Calls))
		b.CallsSum += int(h.Calls)
	}
	for i, h := range hours {
		height := max(int(h.Calls)*100/max(b.Most, 1), 1)
		b.Calls = append(b.Calls, hourBar{i * 10, height, 100 - height, int(h.Calls), h.Hour.UTC().Format("15:04")})
	}
}

func connect(v *visit) {
	if v.org.fleet == nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	opts := &fleet.ConnectOptions{LoginURL: v.r.PostFormValue("login")}
	if v.r.PostFormValue("sandbox") != "" {
		opts.LoginURL = fleet.SandboxLogin
	}
	signIn, err := v.org.fleet.BeginConnect(v.ctx(), v.org.name, opts)
	if v.failed(err) {
		return
	}
	// A form may not be redirected to another site under the page's policy; a page may.
	http.SetCookie(v.w, signIn.Cookie)
	v.w.Header().Set("Refresh", "0; url="+signIn.URL)
	v.show("signin", "connect", "Sign in to Salesforce", signIn.URL)
}

func disconnect(v *visit) {
	if v.org.fleet == nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	if !v.failed(v.org.fleet.Disconnect(v.ctx(), v.org.name)) {
		v.backTo("connect", note{key: "disconnected"})
	}
}

func setMode(v *visit) {
	mode := leadsync.Mode(v.r.PostFormValue("mode"))
	if !slices.Contains(modes(), mode) {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	if !v.failed(v.org.setMode(v.ctx(), mode)) {
		v.backTo("connect", note{key: "mode"})
	}
}

func resume(v *visit) {
	if v.org.fleet == nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	if !v.failed(v.org.fleet.Resume(v.ctx(), v.org.name)) {
		v.backTo("connect", note{key: "resumed"})
	}
}

// A preflightView is what a preflight found, by object.
type preflightView struct {
	Report *preflight.Report
	Groups []findingGroup
	OK     bool
}

type findingGroup struct {
	Object   string
	Findings []preflight.Finding
}

func runPreflight(v *visit) {
	report, err := v.org.syncer.Preflight(v.ctx())
	if v.failed(err) {
		return
	}
	b := &preflightView{Report: report, OK: report.OK()}
	for _, f := range report.Findings {
		i := slices.IndexFunc(b.Groups, func(g findingGroup) bool { return g.Object == string(f.Object) })
		if i < 0 {
			i = len(b.Groups)
			b.Groups = append(b.Groups, findingGroup{Object: string(f.Object)})
		}
		b.Groups[i].Findings = append(b.Groups[i].Findings, f)
	}
	v.show("preflight", "connect", "Check of the org", b)
}

// A connectionRow is a connection in the list of all.
type connectionRow struct {
	Name      string
	Page      string
	Org       string
	Connected bool
	Mode      leadsync.Mode
	Incident  bool
}

// connectionsAPage is how many connections a page lists.
const connectionsAPage = 100

// A connectionsView is the list of connections.
type connectionsView struct {
	Rows []connectionRow
	Next string
}

func (s *site) showConnections(w http.ResponseWriter, r *http.Request) {
	if !s.opts.can(r, ActionView) {
		s.fail(w, r, http.StatusForbidden)
		return
	}
	all, err := s.fleet.Connections(r.Context(), r.URL.Query().Get("after"), connectionsAPage)
	if err != nil {
		s.failFor(w, r, err)
		return
	}
	b := &connectionsView{}
	for _, c := range all {
		b.Rows = append(b.Rows, connectionRow{
			Name: c.Name, Page: "c/" + url.PathEscape(c.Name) + "/reconciliation", Org: c.Link.OrgName,
			Connected: c.Link.Org != "", Mode: c.Mode, Incident: c.Incident != nil,
		})
	}
	if len(all) == connectionsAPage {
		b.Next = "?after=" + url.QueryEscape(all[len(all)-1].Name)
	}
	p := s.newPage(w, r, nil, "")
	p.Heading, p.Body = p.T("Connections"), b
	s.render(w, http.StatusOK, "connections", p)
}
