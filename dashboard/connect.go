// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

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
	// Strategies are those that can be chosen, none where it is not known which one is in force.
	Strategies []strategyRow
	Strategy   string
	Revision   int64 // of the settings
	Editable   bool  // a Fleet keeps the settings
	Refused    *refusal
}

// A strategyRow is a strategy that can be chosen.
type strategyRow struct {
	Name string
	Own  bool // of the host, which the pages know by name alone
}

// An hourBar is the API calls of an hour, as a bar of a chart that is 100 high.
type hourBar struct {
	X      int
	Height int
	Y      int
	Calls  int
	Hour   string
}

func showConnect(v *visit) { v.showConnection(nil) }

// showConnection shows the page, and why settings were not saved where they were refused.
func (v *visit) showConnection(refused *refusal) {
	o := v.org
	b := &connectView{
		Link: o.known.Connection.Link, Connected: o.fleet == nil || o.known.Connected, CanOAuth: o.fleet != nil,
		Modes: modes(), Frozen: o.health.States[store.StateFrozen], Queued: o.health.States[store.StateQueued],
	}
	b.chart(o.known.Calls)
	for i := range o.health.Incidents {
		b.Incidents = append(b.Incidents, o.health.Incidents[i].String())
	}
	b.Refused = refused
	if !v.failed(b.listStrategies(v)) {
		v.show("connect", "connect", "Connection", b)
	}
}

// listStrategies lists the strategies, and which one new leads get.
func (b *connectView) listStrategies(v *visit) error {
	s, err := v.settings()
	if err != nil {
		return err
	}
	b.Revision, b.Editable, b.Strategy = s.Revision, s.Editable, s.Settings.Strategy
	names := v.strategies()
	if b.Editable {
		b.Strategy = cmp.Or(b.Strategy, v.hostStrategy())
	}
	if b.Strategy == "" { // the host's Config has it
		return nil
	}
	if !slices.Contains(names, b.Strategy) {
		names = append(names, b.Strategy)
	}
	for i, name := range names {
		b.Strategies = append(b.Strategies, strategyRow{name, i >= len(builtinStrategies())})
	}
	return nil
}

func builtinStrategies() []string {
	return []string{
		leadsync.LeadsAndContacts.Name(), leadsync.LeadsOnly.Name(), leadsync.AccountsAndContacts.Name(),
	}
}

// strategies are those that settings can name.
func (v *visit) strategies() []string {
	names := builtinStrategies()
	if v.org.fleet == nil {
		return names
	}
	for _, own := range v.org.fleet.Base().Strategies {
		if own != nil && !slices.Contains(names, own.Name()) {
			names = append(names, own.Name())
		}
	}
	return names
}

// hostStrategy is the one in force where the settings of a Fleet's connection name none.
func (v *visit) hostStrategy() string {
	if own := v.org.fleet.Base().Strategy; own != nil {
		return own.Name()
	}
	return leadsync.LeadsAndContacts.Name()
}

// Waiting is how many captured leads are still to be synced, with the strategy that they have.
func (b *connectView) Waiting() int { return b.Frozen + b.Queued }

// saveStrategy saves which strategy leads get that are captured from now on.
func saveStrategy(v *visit) {
	revision, err := strconv.ParseInt(v.r.PostFormValue("revision"), 10, 64)
	name := v.r.PostFormValue("strategy")
	if err != nil || v.org.fleet == nil || !slices.Contains(append(v.strategies(), v.hostStrategy()), name) {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	b, err := v.settings()
	if v.failed(err) {
		return
	}
	edited := *b.Settings
	edited.Strategy = name
	if !slices.Contains(v.strategies(), name) { // the host's own, which settings cannot name
		edited.Strategy = ""
	}
	v.saveSettings(&edited, revision, "connect", v.showConnection)
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
