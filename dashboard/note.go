// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"net/http"
	"strconv"
	"strings"
)

const noteCookie = "leadsync-note"

// A note tells what a form has done on the next page. It is a key of noteTexts and a count, so
// that the cookie which carries it holds nothing of a lead.
type note struct {
	key   string
	count int
}

// noteTexts are the keys of the texts of notes.
func noteTexts() map[string]string {
	return map[string]string{
		"retried":      "%d leads will be synced again.",
		"released":     "%d frozen leads were released.",
		"dismissed":    "%d leads were dismissed.",
		"chosen":       "Decided. The lead will be synced.",
		"forgotten":    "The lead is forgotten.",
		"mode":         "The mode was changed.",
		"disconnected": "Disconnected. Leads wait until the org is connected again.",
		"saved":        "Saved. The settings are in force with the next batch.",
		"resumed":      "The connection is tried again.",
		"unsaid":       "Say why the leads are dismissed.",
		"nobody":       "Only a user who is signed in can dismiss leads.",
		"nothing":      "Nothing was selected.",
	}
}

// leave keeps the note for the next page.
func (n note) leave(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: noteCookie, Value: n.key + "." + strconv.Itoa(n.count), Path: "/", MaxAge: 60,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// takeNote returns the note that was left, once.
func takeNote(w http.ResponseWriter, r *http.Request) note {
	c, err := r.Cookie(noteCookie)
	if err != nil {
		return note{}
	}
	http.SetCookie(w, &http.Cookie{
		Name: noteCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	key, count, _ := strings.Cut(c.Value, ".")
	n, _ := strconv.Atoi(count)
	return note{key, n}
}
