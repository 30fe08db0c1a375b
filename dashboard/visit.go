// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/internal/catalogue"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A visit is a request for a page of a connection.
type visit struct {
	*site
	w   http.ResponseWriter
	r   *http.Request
	org *org
	// advisor words what failures and warnings say, in the language of the page.
	advisor *leadtype.Advisor
}

// A route is one of the pages of a connection.
type route struct {
	pattern string // without the connection's part
	action  Action
	serve   func(*visit)
}

// visitor serves a route: it asks what the request may do, checks the token of a form and
// opens the connection.
func (s *site) visitor(p route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.opts.can(r, ActionView) || !s.opts.can(r, p.action) {
			s.fail(w, r, http.StatusForbidden)
			return
		}
		if r.Method == http.MethodPost && !s.readForm(w, r) {
			return
		}
		o, err := s.open(r)
		if err != nil {
			s.failFor(w, r, err)
			return
		}
		p.serve(&visit{s, w, r, o, s.advisorFor(r)})
	}
}

// readForm reads a form, and answers itself where it cannot or where the form did not come from a page that this
// browser was given.
func (s *site) readForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		s.failWith(w, r, http.StatusRequestEntityTooLarge, "This is too large to be saved.")
		return false
	}
	if err != nil || !hasToken(r) {
		s.failWith(w, r, http.StatusForbidden, "The form is out of date. Go back, reload the page and try again.")
		return false
	}
	return true
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// advise says what an error means and what mends it. Under Redact it is about the code alone:
// what Salesforce says may quote a value.
func (v *visit) advise(err *leadsync.Error) leadtype.Advice {
	if v.opts.Redact {
		return v.advisor.Code(err.Code)
	}
	return v.advisor.Error(err)
}

// adviceOn says what an error of the library means.
func (v *visit) adviceOn(err error) *leadtype.Advice {
	var known *leadsync.Error
	if !errors.As(err, &known) {
		return &leadtype.Advice{Description: "The org could not be asked."}
	}
	advice := v.advise(known)
	return &advice
}

// warningFix says what mends a warning, nothing under Redact: it may name an answer.
func (v *visit) warningFix(w *leadtype.Warning) string {
	if v.opts.Redact {
		return ""
	}
	return v.advisor.Warning(w).Fix
}

// owner identifies whose a shelved value is.
func (v *visit) owner() string { return v.org.name + "\x00" + v.opts.user(v.r) }

// failed answers with an error page if err is set.
func (v *visit) failed(err error) bool {
	if err != nil {
		v.failFor(v.w, v.r, err)
	}
	return err != nil
}

// root is the relative address of where the handler is mounted.
func root(r *http.Request) string {
	if n := strings.Count(r.URL.EscapedPath(), "/"); n > 1 {
		return strings.Repeat("../", n-1)
	}
	return "./"
}

// base is the relative address of the connection's pages.
func (v *visit) base() string {
	to := root(v.r)
	if v.org.fleet != nil && v.opts.Connection == nil {
		to += "c/" + url.PathEscape(v.org.name) + "/"
	}
	return to
}

// lead returns the entry that the path names; it answers with an error page where there is none.
func (v *visit) lead() *store.Entry {
	sequence, err := strconv.ParseInt(v.r.PathValue("sequence"), 10, 64)
	if err != nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return nil
	}
	entry, err := v.org.entry(v.ctx(), sequence)
	if v.failed(err) {
		return nil
	}
	if entry == nil {
		v.fail(v.w, v.r, http.StatusNotFound)
	}
	return entry
}

// backTo redirects to a page of the connection with a note on what was done.
func (v *visit) backTo(page string, n note) {
	n.leave(v.w)
	redirect(v.w, v.base()+page)
}

// fail answers with a page about an HTTP status.
func (s *site) fail(w http.ResponseWriter, r *http.Request, status int) {
	said := map[int]string{
		http.StatusNotFound:  "There is no such page, or it is gone.",
		http.StatusForbidden: "You are not allowed to do this.",
	}
	s.failWith(w, r, status, said[status])
}

// failFor answers with a page about an error. Errors name fields, never values.
func (s *site) failFor(w http.ResponseWriter, r *http.Request, err error) {
	var known *leadsync.Error
	switch {
	case r.Context().Err() != nil:
		return
	case errors.Is(err, errNoConnection):
		s.fail(w, r, http.StatusNotFound)
	case errors.As(err, &known):
		status := verdict.HTTPStatus(known.Code)
		if errors.Is(err, fleet.ErrSettings) { // the request is not at fault
			status = http.StatusInternalServerError
		}
		advice := s.advisorFor(r).Error(known)
		s.opts.Logger.WarnContext(r.Context(), "dashboard: a page failed", slog.Any("error", known))
		s.failWith(w, r, status, advice.Description, known.Reason, advice.Fix)
	default:
		s.opts.Logger.WarnContext(r.Context(), "dashboard: a page failed", slog.String("kind", fmt.Sprintf("%T", err)))
		s.failWith(w, r, http.StatusInternalServerError, "Something went wrong. Nothing was changed.")
	}
}

func (s *site) failWith(w http.ResponseWriter, r *http.Request, status int, said ...string) {
	p := s.newPage(w, r, nil, "")
	p.Heading = p.T(statusHeading(status))
	p.Body = said
	s.render(w, status, "error", p)
}

func statusHeading(status int) string {
	switch status {
	case http.StatusNotFound:
		return "Not found"
	case http.StatusForbidden:
		return "Not allowed"
	case http.StatusConflict, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		return "This could not be done"
	}
	return "Something went wrong"
}

// printer returns the printer of the language that the browser asks for.
func (s *site) printer(r *http.Request) (*message.Printer, string) {
	tag := s.texts.match(r.Header.Get("Accept-Language"))
	return message.NewPrinter(tag, message.Catalog(s.texts.catalog)), tag.String()
}

// advisorFor words what failures and warnings say in the language that the browser asks for: as the host
// does, and where it has no words for a German page in German.
func (s *site) advisorFor(r *http.Request) *leadtype.Advisor {
	if _, lang := s.printer(r); lang != language.German.String() {
		return s.opts.Advisor
	}
	host := cmp.Or(s.opts.Advisor, new(leadtype.Advisor))
	return &leadtype.Advisor{Help: host.Help, Words: func(text leadtype.Text) string {
		var words string
		if host.Words != nil {
			words = host.Words(text)
		}
		return cmp.Or(words, text.Fill(catalogue.German(text.Key)))
	}}
}

// redirect sends the browser to an address relative to that of the request. http.Redirect would
// make it absolute, without the prefix that was stripped.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
