// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"log/slog"
	"net/http"

	"golang.org/x/text/language"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
)

// An Action is something that a user of the pages may do: see Options.Can.
type Action string

// The actions. ActionView is every page, the others are what changes something or takes data
// away.
const (
	ActionView      Action = "view"
	ActionExport    Action = "export"    // leads as a CSV file
	ActionRetry     Action = "retry"     // sync leads again, release frozen ones
	ActionDismiss   Action = "dismiss"   // clear failed leads without syncing them
	ActionChoose    Action = "choose"    // decide which record a lead is
	ActionUndo      Action = "undo"      // take back in Salesforce what was written for a lead
	ActionForget    Action = "forget"    // remove a lead from the store
	ActionSetMode   Action = "set-mode"  // change the mode of the connection
	ActionConnect   Action = "connect"   // connect and disconnect an org
	ActionPreflight Action = "preflight" // check the org, which spends API calls
	ActionSettings  Action = "settings"  // change the settings of a connection
	ActionResume    Action = "resume"    // try a connection with an incident again
)

// Options configure the pages. The zero Options allow everything to everybody who reaches the
// handler, in English and German.
type Options struct {
	// ReadOnly allows ActionView and ActionExport alone.
	ReadOnly bool
	// Redact hides what leads say: names, addresses, values, before-images. Codes, fields, counts
	// and ids of records stay. Export and search are not offered then.
	Redact bool
	// Title is the name of the site in the head of each page. Empty means "Salesforce sync".
	Title string
	// Home is the address of a page of the host's own, to which the title in the head of each page leads,
	// such as /. Empty means none.
	Home string
	// CSS is appended to the style sheet: custom properties such as --accent may be set there.
	CSS string
	// Nonce returns the nonce of the host's own Content-Security-Policy. With it the pages set no
	// such header themselves, and their link and script elements have the nonce. Nil means a
	// policy of their own, which allows this handler's files alone.
	Nonce func(*http.Request) string
	// User returns who makes the request: it stands in the history of what they change. See
	// leadsync.Syncer.By. Nil names nobody, and then leads cannot be dismissed.
	User func(*http.Request) string
	// Can says whether the request may do something. Nil allows all. It is called several times
	// for a page, so it should not ask elsewhere each time.
	Can func(*http.Request, Action) bool
	// Connection returns the connection that a request is about, for a host that knows it by its
	// sign-in: then the pages are that connection's, and there is no list of all. Nil means that
	// the path says it: c/<name>/. NewSyncer ignores it.
	Connection func(*http.Request) (string, error)
	// InstanceURL is the address of the org, such as https://acme.my.salesforce.com, for links into
	// Salesforce. A Fleet knows it; NewSyncer without it makes no such links.
	InstanceURL string
	// Settings are what NewSyncer shows as the mapping, the qualifiers and the campaigns: those that
	// the Syncer was made with. They cannot be edited there. A Fleet keeps its own.
	Settings *leadsync.Settings
	// Client reads from the org for NewSyncer: what candidates say, and what the org's fields are like.
	// Give it the Syncer's. Nil leaves that out. A Fleet has its own.
	Client leadsync.Client
	// Advisor words what failures and warnings say. Give it that of leadsync.Config. Where it has no
	// words, or is nil, German pages have German ones, and all others English ones.
	Advisor *leadtype.Advisor
	// Texts are the pages' texts in further languages, or instead of the German ones, by the
	// English text. What is missing is English. See Catalogue.
	Texts map[language.Tag]map[string]string
	// Logger gets messages for operators, without personal data. Nil logs nothing.
	Logger *slog.Logger
}

// can says whether the request may do something.
func (o *Options) can(r *http.Request, action Action) bool {
	if o.ReadOnly && action != ActionView && action != ActionExport {
		return false
	}
	if o.Redact && action == ActionExport {
		return false
	}
	return o.Can == nil || o.Can(r, action)
}

// user returns who makes the request, empty where that is not known.
func (o *Options) user(r *http.Request) string {
	if o.User == nil {
		return ""
	}
	return o.User(r)
}
