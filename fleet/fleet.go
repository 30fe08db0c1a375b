// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet/digest"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store"
)

// A Store keeps leads and connections: those of packages store/memory, store/sqlite and store/postgres do.
type Store interface {
	store.Store
	store.Connections
}

// Config is the configuration of a Fleet. New refuses a value that cannot work, with a
// *leadsync.Error that names the field.
type Config struct {
	// App is the app by which customers sign in and tokens are refreshed: its ClientID is required. An
	// empty LoginURL means https://login.salesforce.com; ConnectOptions may say another.
	App login.AppConfig
	// Cipher seals the tokens in the Store. Required. With another key connections have an incident,
	// AUTHENTICATION, until the first is back or their customers connect again.
	Cipher *login.TokenCipher
	// RedirectURL is the address of Callback, exactly as it is registered in the app. Required for
	// BeginConnect. A browser keeps the sign-in in a cookie for this address alone.
	RedirectURL string
	// Scopes are those that BeginConnect asks for. Nil means api and refresh_token.
	Scopes []string
	// Connected, if set, writes what the browser sees at the end of a sign-in, in place of a
	// line of text.
	Connected ConnectedFunc

	// Base is the Config of every Syncer, such as its Sink, Strategies and Transforms. The Settings of
	// a connection are filled into it; its Store, Connection and Mode are the Fleet's, and so are
	// Logger, Now and NewID.
	Base leadsync.Config
	// Client configures the clients of all connections. Its OnCall is called beside the Fleet's
	// own, which counts the calls. leadtype.ConnectionOf says which connection a call, or a hook of
	// Base.Trace, is for.
	Client salesforce.Config

	// Workers is how many orgs Run syncs at once. Zero means 8; New refuses a negative value.
	Workers int
	// Poll is how often Run looks for due leads when nothing wakes it, with one query for all
	// connections. Zero means 1 second; New refuses a negative value.
	Poll time.Duration
	// Digests, if set, has Run send digests of the connections.
	Digests *digest.Config
	// Logger gets messages for operators, without personal data. Nil logs nothing.
	Logger *slog.Logger
	// Now is the clock, safe for concurrent use. Nil means time.Now.
	Now func() time.Time
	// NewID makes ids that are unique across processes. Nil: random ones. New refuses one that repeats itself.
	NewID func() string
}

// A Fleet serves the connections of a Store. It is safe for concurrent use.
type Fleet struct {
	*state
	by string
}

// A state is what the Fleets of one New share.
type state struct {
	store Store
	cfg   Config
	hints chan struct{} // there may be something to do

	mu      sync.Mutex
	members map[string]*member
	rests   map[string]time.Time // until when Run leaves a connection alone
	// unusable has the revisions of settings that were logged as unusable, by connection.
	unusable map[string]int64

	digestsOnce sync.Once
	digests     digest.Sender

	appsMu sync.Mutex
	apps   map[string]*login.App // by LoginURL
}

// New returns a Fleet. It makes no request.
func New(kept Store, cfg *Config) (*Fleet, error) {
	if kept == nil {
		return nil, refuse("new", "store", "is nil")
	}
	if cfg == nil {
		cfg = new(Config)
	}
	full := *cfg
	switch {
	case full.App.ClientID == "":
		return nil, refuse("new", "Config.App.ClientID", "is required")
	case full.Cipher == nil:
		return nil, refuse("new", "Config.Cipher", "is required")
	case full.RedirectURL != "" && !isAddress(full.RedirectURL):
		return nil, refuse("new", "Config.RedirectURL", badRedirect)
	case full.Workers < 0:
		return nil, refuse("new", "Config.Workers", "must not be negative")
	case full.Poll < 0:
		return nil, refuse("new", "Config.Poll", "must not be negative")
	}
	if field, reason := full.Digests.Check(); field != "" {
		return nil, refuse("new", "Config.Digests."+field, reason)
	}
	full.Workers, full.Poll = cmp.Or(full.Workers, 8), cmp.Or(full.Poll, time.Second)
	if full.Scopes == nil {
		full.Scopes = []string{"api", "refresh_token"}
	}
	if full.Logger == nil {
		full.Logger = slog.New(slog.DiscardHandler)
	}
	if full.Now == nil {
		full.Now = time.Now
	}
	if full.NewID == nil {
		full.NewID = rand.Text
	}
	if first := full.NewID(); first == full.NewID() {
		return nil, refuse("new", "Config.NewID", "must return another id each time")
	}
	full.App.LoginURL = cmp.Or(full.App.LoginURL, productionLogin)
	f := &Fleet{state: &state{store: kept, cfg: full, hints: make(chan struct{}, 1), members: make(map[string]*member),
		apps: make(map[string]*login.App), rests: make(map[string]time.Time),
		unusable: make(map[string]int64)}}
	if _, err := f.app(full.App.LoginURL); err != nil {
		return nil, refuse("new", "Config.App.LoginURL", "cannot be used: "+err.Error())
	}
	if _, err := f.newSyncer(offline{}, kept, "default", "", nil); err != nil {
		return nil, ofBase(err)
	}
	return f, nil
}

// Store returns the Store of New.
func (f *Fleet) Store() Store { return f.store }

// By returns f for someone who decides: what its Disconnect, SetSettings and SetMode change, what
// its BeginConnect leads to, and what the Syncers that it returns change, has a Step in the history with
// who as Step.By. All else is shared with f. See leadsync.Syncer.By.
func (f *Fleet) By(who string) *Fleet { return &Fleet{state: f.state, by: who} }

// ofBase names the fields of a refused Config.Base as those of the Fleet's Config.
func ofBase(err error) error {
	var refused *leadsync.Error
	if !errors.As(err, &refused) {
		return err
	}
	of := *refused
	of.Fields = slices.Clone(refused.Fields)
	for i, field := range of.Fields {
		of.Fields[i] = strings.Replace(field, "Config.", "Config.Base.", 1)
	}
	return &of
}

// refuse returns the error of a field that cannot work.
func refuse(op, field, reason string) error {
	return &leadsync.Error{Op: op, Code: leadsync.DataValueValidation, Fields: []string{field}, Reason: reason}
}

// maxName is the longest name of a connection, in bytes.
const maxName = 255

// CheckName returns why no connection can have a name: a *leadsync.Error with DATA_VALUE_VALIDATION.
func CheckName(name string) error { return checkName("check", name) }

// checkName refuses names that a connection cannot have.
func checkName(op, name string) error {
	switch {
	case name == "":
		return refuse(op, "connection", "is empty")
	case len(name) > maxName:
		return refuse(op, "connection", "has more than 255 bytes")
	case !utf8.ValidString(name):
		return refuse(op, "connection", "is not valid UTF-8")
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return refuse(op, "connection", "has control characters")
		}
	}
	return nil
}

// A hinter is a Store that tells the other processes of a connection to look after, as that of
// store/postgres does.
type hinter interface {
	Hint(ctx context.Context, name string) error
	Hints(ctx context.Context, hinted func(name string)) error
}

// attend lets Run look after a connection at once, in all processes where the Store can tell them.
func (s *state) attend(ctx context.Context, name string) {
	s.attendHere(name)
	if h, is := s.store.(hinter); is {
		_ = h.Hint(ctx, name) // they look anyway, a little later
	}
}

// attendHere is attend for this process.
func (s *state) attendHere(name string) {
	s.mu.Lock()
	delete(s.rests, name)
	s.mu.Unlock()
	s.wake()
}

// wake lets Run look for due leads.
func (s *state) wake() {
	select {
	case s.hints <- struct{}{}:
	default:
	}
}
