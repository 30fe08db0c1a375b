// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"

	"github.com/leadsync/leadsync/store"
)

const (
	formCookie = "leadsync-form"
	formField  = "token"
	// maxForm bounds the body of a form, in bytes: what settings may have, each byte escaped, and a draft beside them.
	maxForm = 4 * store.MaxSettingsBytes
)

// policy is the Content-Security-Policy of a host that has none.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets the headers of every reply, with the policy unless the host has its own. What a
// page shows is a person's data, so nothing may be kept by a cache, shown in a frame or told to
// another site.
func secure(w http.ResponseWriter, own bool) {
	head := w.Header()
	if own {
		head.Set("Content-Security-Policy", policy)
	}
	head.Set("X-Frame-Options", "DENY")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cache-Control", "no-store")
}

// formToken returns the token that a form has to send back: the browser's own, which is made
// and set as a cookie where it has none. Another site can neither read it nor set it.
func formToken(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(formCookie); err == nil && len(c.Value) >= 26 {
		return c.Value
	}
	token := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: formCookie, Value: token, Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	})
	return token
}

// hasToken says whether a form came from a page that this browser was given.
func hasToken(r *http.Request) bool {
	c, err := r.Cookie(formCookie)
	if err != nil || len(c.Value) < 26 {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(c.Value), []byte(r.PostFormValue(formField))) == 1
}
