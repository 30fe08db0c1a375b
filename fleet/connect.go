// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store"
)

// signInFor is how long a browser has to come back.
const signInFor = 15 * time.Minute

const (
	productionLogin = "https://login.salesforce.com"
	// SandboxLogin is the ConnectOptions.LoginURL of sandboxes.
	SandboxLogin = "https://test.salesforce.com"
)

// ConnectOptions say what is to be connected. The zero ConnectOptions mean a production org.
type ConnectOptions struct {
	// LoginURL is where the user signs in: SandboxLogin, or the My Domain of an org that takes no
	// other. Empty means that of Config.App.
	LoginURL string
	// AnotherOrg lets the connection belong to another org than before, as after a sandbox was refreshed:
	// leadsync.Syncer.Rebind says what becomes of its leads. The browser is told ROW_CONTENTION
	// while they are being synced; Disconnect first.
	AnotherOrg bool
}

// A SignIn is where to send the browser of a person who connects an org.
type SignIn struct {
	URL string
	// Cookie binds the answer to the browser. It holds a secret.
	Cookie *http.Cookie
}

// Redirect sends the browser to Salesforce.
func (s *SignIn) Redirect(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, s.Cookie)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, s.URL, http.StatusSeeOther)
}

// A ConnectedFunc writes what the browser sees at the end of a sign-in: err says why the connection was not made.
// name is empty where it is not known which connection it was.
type ConnectedFunc func(w http.ResponseWriter, r *http.Request, name string, link store.Link, err error)

// An attempt is what the Store keeps of a sign-in. The browser has the rest.
type attempt struct {
	Connection string `json:"connection"`
	By         string `json:"by"`
	LoginURL   string `json:"loginUrl"`
	AnotherOrg bool   `json:"anotherOrg,omitempty"`
}

// badRedirect says what is wrong with an address that browsers cannot come back to.
const badRedirect = "must be the address of Callback, such as https://example.com/salesforce/callback"

// isAddress reports whether a browser can be sent to a text.
func isAddress(text string) bool {
	at, err := url.Parse(text)
	return err == nil && at.Hostname() != "" && (at.Scheme == "https" || at.Scheme == "http")
}

// app returns the app at an address where users sign in.
func (s *state) app(loginURL string) (*login.App, error) {
	s.appsMu.Lock()
	defer s.appsMu.Unlock()
	if app := s.apps[loginURL]; app != nil {
		return app, nil
	}
	cfg := s.cfg.App
	cfg.LoginURL = loginURL
	app, err := login.NewApp(cfg)
	if err == nil {
		s.apps[loginURL] = app
	}
	return app, err
}

// BeginConnect begins to connect an org, or to connect it again: a connection that belongs to an org
// takes no other without ConnectOptions.AnotherOrg. The browser has 15 minutes to come back to
// Callback, once. opts may be nil.
func (f *Fleet) BeginConnect(ctx context.Context, name string, opts *ConnectOptions) (*SignIn, error) {
	if err := cmp.Or(checkName("connect", name), verdict.OfPerson("connect", f.by)); err != nil {
		return nil, err
	}
	if opts == nil {
		opts = new(ConnectOptions)
	}
	if !isAddress(f.cfg.RedirectURL) {
		return nil, refuse("connect", "RedirectURL", badRedirect)
	}
	loginURL := cmp.Or(opts.LoginURL, f.cfg.App.LoginURL)
	app, err := f.app(loginURL)
	if err != nil {
		return nil, refuse("connect", "LoginURL", "is no address where users of Salesforce sign in")
	}
	begun, err := app.BeginLogin(f.cfg.RedirectURL, f.cfg.Scopes...)
	if err != nil {
		return nil, refuse("connect", "RedirectURL", badRedirect)
	}
	data, err := json.Marshal(attempt{Connection: name, By: f.by, LoginURL: loginURL, AnotherOrg: opts.AnotherOrg})
	if err != nil {
		return nil, err
	}
	if err := f.store.KeepOnce(ctx, keyOf(begun.State), data, signInFor); err != nil {
		return nil, verdict.StoreError(ctx, "connect", err)
	}
	return &SignIn{URL: begun.URL, Cookie: &http.Cookie{Name: cookieOf(begun.State), Value: begun.Verifier,
		Path: f.cookiePath(), MaxAge: int(signInFor / time.Second), HttpOnly: true,
		Secure: strings.HasPrefix(strings.ToLower(f.cfg.RedirectURL), "https:"), SameSite: http.SameSiteLaxMode}}, nil
}

// keyOf returns the key of a sign-in in the Store, which a reader of the Store cannot answer with.
func keyOf(state string) string {
	sum := sha256.Sum256([]byte("fleet sign-in " + state))
	return hex.EncodeToString(sum[:])
}

// cookieOf returns the name of a sign-in's cookie, so that a browser may have several.
func cookieOf(state string) string { return "leadsync-" + keyOf(state)[:16] }

// cookiePath returns the path of the address of Callback.
func (s *state) cookiePath() string {
	back, err := url.Parse(s.cfg.RedirectURL)
	if err != nil {
		return "/"
	}
	return cmp.Or(back.EscapedPath(), "/")
}

// Callback returns the handler of Config.RedirectURL, which ends a sign-in.
func (f *Fleet) Callback() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", http.MethodGet)
			http.Error(w, "only GET is allowed", http.StatusMethodNotAllowed)
			return
		}
		answer := r.URL.Query()
		name := cookieOf(answer.Get("state"))
		http.SetCookie(w, &http.Cookie{Name: name, Path: f.cookiePath(), MaxAge: -1, HttpOnly: true})
		cookie, err := r.Cookie(name)
		if err != nil {
			f.connected(w, r, "", store.Link{}, login.ErrState)
			return
		}
		begun, link, err := f.finish(r.Context(), answer, cookie.Value)
		f.connected(w, r, begun.Connection, link, err)
	})
}

// connected writes the end of a sign-in.
func (f *Fleet) connected(w http.ResponseWriter, r *http.Request, name string, link store.Link, err error) {
	if err != nil {
		f.cfg.Logger.WarnContext(r.Context(), "leadsync: an org was not connected", "connection", name, "error", err)
	} else {
		f.cfg.Logger.InfoContext(r.Context(), "leadsync: an org was connected", "connection", name, "org", string(link.Org))
	}
	if f.cfg.Connected != nil {
		f.cfg.Connected(w, r, name, link, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "Not connected: %v\n", err)
		switch refused := verdict.Classify("connect", "", err); {
		case errors.Is(err, login.ErrState):
			fmt.Fprintln(w, "Begin to connect again: a sign-in works once, in the browser that began it, for 15 minutes.")
		case refused.Code != leadsync.Unknown:
			fmt.Fprintln(w, refused.Fix())
		}
		return
	}
	fmt.Fprintf(w, "Connected to %s.\n", cmp.Or(link.OrgName, string(link.Org)))
}

// finish exchanges the answer of a sign-in for a token and keeps it.
func (f *Fleet) finish(ctx context.Context, answer url.Values, verifier string) (attempt, store.Link, error) {
	var begun attempt
	data, err := f.store.TakeOnce(ctx, keyOf(answer.Get("state")))
	switch {
	case err != nil:
		return begun, store.Link{}, verdict.StoreError(ctx, "connect", err)
	case data == nil:
		return begun, store.Link{}, login.ErrState
	}
	if err := json.Unmarshal(data, &begun); err != nil {
		return begun, store.Link{}, err
	}
	c, err := f.store.Connection(ctx, begun.Connection)
	if err != nil {
		return begun, store.Link{}, verdict.StoreError(ctx, "connect", err)
	}
	app, err := f.app(begun.LoginURL)
	if err != nil {
		return begun, store.Link{}, err
	}
	org := c.Org
	if begun.AnotherOrg {
		org = ""
	}
	token, err := app.FinishLogin(ctx, &login.Attempt{RedirectURL: f.cfg.RedirectURL, State: answer.Get("state"),
		Verifier: verifier, Org: org}, answer)
	if err != nil {
		return begun, store.Link{}, err
	}
	link, err := f.keep(ctx, begun, token)
	if err != nil {
		// The grant is of no use to anyone: revoke it, if Salesforce can be reached.
		_ = app.Revoke(context.WithoutCancel(ctx), token)
	}
	return begun, link, err
}

// keep binds the connection to the org of a token and keeps both.
func (f *Fleet) keep(ctx context.Context, begun attempt, token *oauth2.Token) (store.Link, error) {
	client, err := salesforce.New(login.InstanceURL(token), oauth2.StaticTokenSource(token), &f.cfg.Client)
	if err != nil {
		return store.Link{}, err
	}
	link, err := f.linkOf(leadtype.WithConnection(ctx, begun.Connection), client, token)
	if err != nil {
		return store.Link{}, err
	}
	link.LoginURL = begun.LoginURL
	sealed, err := f.cfg.Cipher.Seal(link.Org, token)
	if err != nil {
		return store.Link{}, err
	}
	bound, err := f.store.Bind(ctx, begun.Connection, link.Org)
	if err == nil && bound != link.Org {
		if !begun.AnotherOrg {
			return store.Link{}, salesforce.ErrOtherOrg
		}
		err = f.rebind(ctx, begun, client)
	}
	if err == nil {
		err = f.store.Connect(ctx, begun.Connection, link, sealed, begun.By)
	}
	if err != nil {
		return store.Link{}, verdict.StoreError(ctx, "connect", err)
	}
	f.attend(ctx, begun.Connection)
	return link, nil
}

// rebind gives a connection to the org of a client.
func (f *Fleet) rebind(ctx context.Context, begun attempt, client *salesforce.Client) error {
	c, err := f.store.Connection(ctx, begun.Connection)
	if err != nil {
		return err
	}
	syncer, err := f.syncerOf(client, f.store, &c, c.Mode)
	if err != nil {
		return err
	}
	return syncer.By(begun.By).Rebind(ctx)
}

// linkOf asks Salesforce which org and user a token is for. The org's name is left out where the user may not read it.
func (f *Fleet) linkOf(ctx context.Context, client *salesforce.Client, token *oauth2.Token) (store.Link, error) {
	link := store.Link{InstanceURL: login.InstanceURL(token)}
	info, err := client.UserInfo(ctx)
	if err != nil {
		return link, verdict.CallError(ctx, "connect", err)
	}
	link.Org, link.UserID, link.User = info.Org.ID18(), info.User.ID18(), info.Username
	read, err := client.Read(ctx, salesforce.Get("Organization", link.Org, "Name", "IsSandbox"))
	if err == nil && read[0].Err == nil && len(read[0].Records) == 1 {
		link.OrgName, link.Sandbox = read[0].Records[0].Text("Name"), read[0].Records[0].Bool("IsSandbox")
	}
	return link, nil
}

// Disconnect drops the token of a connection and revokes it in Salesforce. Its leads wait, and its settings stay. A
// connection that is not connected stays so. While a process refreshes the token it waits, 45 seconds for one that
// died, unless App.Timeout says otherwise. When only the revocation fails, the error is a
// *leadsync.Error around why: the token is dropped all the same, and the customer can end the
// app's session in Salesforce.
func (f *Fleet) Disconnect(ctx context.Context, name string) error {
	if err := cmp.Or(checkName("disconnect", name), verdict.OfPerson("disconnect", f.by)); err != nil {
		return err
	}
	c, err := f.drop(ctx, name)
	if err != nil {
		return verdict.StoreError(ctx, "disconnect", err)
	}
	if c.Token.Version == 0 {
		return nil
	}
	app, err := f.app(c.Link.LoginURL)
	var token *oauth2.Token
	if err == nil {
		token, err = f.cfg.Cipher.Open(c.Link.Org, c.Token.Sealed)
	}
	if err == nil {
		err = app.Revoke(ctx, token)
	}
	var gone *oauth2.RetrieveError
	if err == nil || errors.As(err, &gone) && gone.ErrorCode != "" {
		return nil // Salesforce does not know it any more
	}
	return &leadsync.Error{Op: "disconnect", Code: leadsync.RemoteUnavailable,
		Reason: "the token was dropped, and could not be revoked in Salesforce", Err: err}
}

// drop drops the token of a connection and returns the connection as it was. While it does, nobody
// refreshes the token, whose successor would not be revoked.
func (f *Fleet) drop(ctx context.Context, name string) (store.Connection, error) {
	c, err := f.store.Connection(ctx, name)
	if err != nil || c.Token.Version == 0 {
		return c, err
	}
	f.storeSuccessor(name)
	unlock, err := (&tokens{state: f.state, name: name}).Lock(ctx)
	if err != nil {
		return c, err
	}
	defer unlock()
	if c, err = f.store.Connection(ctx, name); err != nil {
		return c, err
	}
	return c, f.store.Disconnect(ctx, name, f.by)
}
