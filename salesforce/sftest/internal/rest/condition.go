// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// precondition answers a conditional request of a row whose condition is not met, nil for any
// other. Tags are those of Accounts only, and deletes have no conditions
// (docs/salesforce.md, Requests).
func (a *API) precondition(req *wire.Request, r *db.Row) *wire.Reply {
	if req.Method != http.MethodGet && req.Method != http.MethodPatch || r.Deleted() {
		return nil
	}
	reading := req.Method == http.MethodGet
	match, noMatch := tags(req.Header.Get("If-Match")), tags(req.Header.Get("If-None-Match"))
	since, hasSince, sinceErr := dateOf(req.Header.Get("If-Modified-Since"))
	unless, hasUnless, unlessErr := dateOf(req.Header.Get("If-Unmodified-Since"))
	modified, _ := r.Get("LastModifiedDate").(time.Time)
	tag := a.tag(r)
	switch {
	case !reading && (match.bad || noMatch.bad || unlessErr):
		return wire.Refuse(400, "INVALID_HEADER", "A conditional header is invalid").Reply() // code and text unverified
	case !reading && hasSince: // what an update does with it is not documented
		return a.db.Unsupported("If-Modified-Since of an update")
	case tag != "" && match.given() && !match.has(tag), hasUnless && modified.After(unless):
		return preconditionFailed()
	case tag != "" && noMatch.has(tag) && reading, reading && hasSince && !sinceErr && !modified.After(since):
		return a.tagged(wire.Answer(304, nil), r)
	case tag != "" && noMatch.has(tag):
		return preconditionFailed()
	}
	return nil
}

// preconditionFailed: the status is documented, code and text are unverified.
func preconditionFailed() *wire.Reply {
	return wire.Refuse(412, "PRECONDITION_FAILED",
		"One or more of the preconditions in the request headers was not satisfied").Reply()
}

// dateOf reads the date of a header: whether there is one, and whether it is invalid.
func dateOf(text string) (t time.Time, given, bad bool) {
	if text == "" {
		return t, false, false
	}
	t, err := http.ParseTime(text)
	return t, err == nil, err != nil
}

// entityTags are those of a header.
type entityTags struct {
	list []string
	any  bool // *
	bad  bool
}

func tags(header string) (t entityTags) {
	for text := range strings.SplitSeq(header, ",") {
		text = strings.TrimPrefix(strings.TrimSpace(text), "W/")
		switch {
		case text == "":
		case text == "*":
			t.any = true
		case len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"':
			t.bad = true
		default:
			t.list = append(t.list, bare(text))
		}
	}
	return t
}

func (t entityTags) given() bool { return t.any || len(t.list) > 0 }

func (t entityTags) has(tag string) bool {
	for _, known := range t.list {
		if known == bare(tag) {
			return true
		}
	}
	return t.any
}

// bare returns a tag without what compression adds to it.
func bare(tag string) string {
	return strings.TrimRight(strings.TrimSuffix(strings.Trim(tag, `"`), "gzip"), "-")
}

// tag returns the ETag of a row, "" for an object without.
func (a *API) tag(r *db.Row) string {
	if r.Obj.Name != "Account" {
		return ""
	}
	sum := sha256.New()
	for _, f := range r.Obj.Fields {
		sum.Write(wire.Append(nil, a.db.Value(r, f)))
	}
	return `"` + base64.StdEncoding.EncodeToString(sum.Sum(nil)) + `--gzip"`
}

// tagged adds the ETag of the row to a reply.
func (a *API) tagged(rep *wire.Reply, r *db.Row) *wire.Reply {
	if tag := a.tag(r); tag != "" {
		rep.With("ETag", tag)
	}
	return rep
}
