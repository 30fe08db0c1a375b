// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/message"

	"github.com/leadsync/leadsync/leadtype"
)

//go:embed templates
var templates embed.FS

// views are the templates of the pages, by name.
type views map[string]*template.Template

func newViews() views {
	all := views{}
	for _, name := range []string{
		"error", "connections", "reconciliation", "lead", "undo", "undone", "forget", "connect", "preflight", "signin",
		"mapping", "qualifiers", "campaigns",
	} {
		all[name] = template.Must(template.New("layout.html").
			ParseFS(templates, "templates/layout.html", "templates/parts.html", "templates/"+name+".html"))
	}
	return all
}

// A page is what a template shows.
type page struct {
	Lang    string
	Title   string // of the site
	Home    string // a page of the host's own
	Heading string // of the page
	Nonce   string
	Token   string // of forms
	Root    string // where the handler is mounted, relative to the page
	Base    string // the connection's pages, relative to the page
	Tab     string
	Note    string
	Org     *orgHead // nil beside a connection
	Files   map[string]string
	Body    any
	// HasSettings says that there are pages of the mapping, the qualifiers and the campaigns.
	HasSettings bool

	printer *message.Printer
	words   map[string]bool
	now     time.Time
	can     func(Action) bool
	advisor *leadtype.Advisor
}

// newPage returns a page of a connection, or of none where v is nil.
func (s *site) newPage(w http.ResponseWriter, r *http.Request, v *visit, tab string) *page {
	p := &page{
		Title: s.opts.Title, Home: s.opts.Home, Root: root(r), Tab: tab, Token: formToken(w, r), Files: map[string]string{},
		now: s.now(), can: func(a Action) bool { return s.opts.can(r, a) }, advisor: s.advisorFor(r),
	}
	p.printer, p.Lang = s.printer(r)
	p.words = s.texts.known
	if s.opts.Nonce != nil {
		p.Nonce = s.opts.Nonce(r)
	}
	for name := range s.files {
		p.Files[name] = p.Root + "files/" + s.files[name].address(name)
	}
	if v != nil {
		p.Base = v.base()
		p.HasSettings = s.fleet != nil || s.opts.Settings != nil
		p.Org = v.org.head(&s.opts, v.advisor)
		if n := takeNote(w, r); noteTexts()[n.key] != "" {
			p.Note = p.T(noteTexts()[n.key], n.count)
		}
	}
	return p
}

// show answers with a page of the connection.
func (v *visit) show(view, tab, heading string, body any) {
	p := v.newPage(v.w, v.r, v, tab)
	p.Heading, p.Body = p.T(heading), body
	v.render(v.w, http.StatusOK, view, p)
}

// render writes a page whole or not at all.
func (s *site) render(w http.ResponseWriter, status int, view string, p *page) {
	var b bytes.Buffer
	if err := s.views[view].ExecuteTemplate(&b, "layout.html", p); err != nil {
		s.opts.Logger.Error("dashboard: a template failed", slog.String("view", view))
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", p.Lang)
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

// With returns the page with another body, for a part of it.
func (p *page) With(body any) *page {
	part := *p
	part.Body = body
	return &part
}

// T returns a text in the page's language.
func (p *page) T(key string, args ...any) string { return p.printer.Sprintf(key, args...) }

// Say returns a text in the page's language where it is one of the pages' own, or such a one with other
// numbers, quotations and name at its beginning, as the library's reasons are. Else it returns it as it is.
func (p *page) Say(text string) string {
	if p.words[text] {
		return p.T(text)
	}
	var args []any
	key := varying.ReplaceAllStringFunc(text, func(part string) string { args = append(args, part); return "%s" })
	if p.words[key] {
		return p.T(key, args...)
	}
	first, rest, _ := strings.Cut(key, " ")
	if key = "%s " + rest; p.words[key] && first != "%s" {
		return p.T(key, append([]any{first}, args...)...)
	}
	return text
}

// varying is what differs between reasons of one kind.
var varying = regexp.MustCompile(`"[^"]*"(?:, "[^"]*")*|\b\d+\b`)

// Word returns what a value such as a mode or a stage is called, the value itself where it has
// no word.
func (p *page) Word(kind string, value any) string {
	key := fmt.Sprint(kind, " ", value)
	if !p.words[key] {
		return fmt.Sprint(value)
	}
	return p.T(key)
}

// Because words why a field was written: by a write rule, and from what, where it says that.
func (p *page) Because(reason string) string {
	for _, from := range []struct{ between, key string }{
		{" from ", "%s, from %s"}, {" by default for ", "%s, default for %s"},
	} {
		write, source, ok := strings.Cut(reason, from.between)
		if ok && p.words["write "+write] {
			if p.Tab != "mapping" { // whose rows have the names of sources
				source = p.Word("data", source)
			}
			return p.T(from.key, p.Word("write", write), source)
		}
	}
	if write, ok := strings.CutSuffix(reason, " by constant"); ok && p.words["write "+write] {
		return p.T("%s, a fixed value", p.Word("write", write))
	}
	return p.Say(reason)
}

// Can says whether the page's user may do something.
func (p *page) Can(action Action) bool { return p.can(action) }

// Number writes a count as the page's language does.
func (p *page) Number(n any) string { return p.printer.Sprint(n) }

// Ago writes how long ago something was.
func (p *page) Ago(t time.Time) string {
	d := p.now.Sub(t)
	switch {
	case t.IsZero():
		return ""
	case d < 0:
		return p.In(t)
	case d < time.Minute:
		return p.T("just now")
	case d < time.Hour:
		return p.T("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return p.T("%d h ago", int(d.Hours()))
	case d < 30*24*time.Hour:
		return p.T("%d days ago", int(d.Hours()/24))
	}
	return t.UTC().Format(time.DateOnly)
}

// In writes how soon something will be.
func (p *page) In(t time.Time) string {
	d := t.Sub(p.now)
	switch {
	case t.IsZero() || d < 0:
		return p.T("now")
	case d < time.Minute:
		return p.T("in less than a minute")
	case d < time.Hour:
		return p.T("in %d min", int(d.Minutes()))
	}
	return p.T("in %d h", int(d.Hours()))
}

// Lasting writes a duration in its largest unit.
func (p *page) Lasting(d time.Duration) string {
	switch {
	case d < time.Minute:
		return p.T("%d s", int(d.Seconds()))
	case d < time.Hour:
		return p.T("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return p.T("%d h", int(d.Hours()))
	}
	return p.T("%d days", int(d.Hours()/24))
}

// Stamp writes a time for machines, and When for people.
func (p *page) Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// When writes a time for people.
func (p *page) When(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }
