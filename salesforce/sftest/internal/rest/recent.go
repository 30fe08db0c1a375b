// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const (
	maxRecent   = 200 // rows that a user has seen last (REST API guide, Recently Viewed)
	shownRecent = 5   // of them, of one object (unverified)
)

// See records rows as the last that the connected user saw. Requests ask for that with
// Sforce-Mru: updateMru=true, which is off by default (docs/salesforce.md, Headers), or with
// FOR VIEW and FOR REFERENCE in a query.
func (a *API) See(ids ...string) {
	ids = ids[:min(len(ids), maxRecent)]
	for _, id := range ids {
		a.recent = slices.DeleteFunc(a.recent, func(seen string) bool { return seen == id })
		a.recent = slices.Insert(a.recent, 0, id)
	}
	a.recent = a.recent[:min(len(a.recent), maxRecent)]
}

func (a *API) seeIfAsked(header http.Header, r *db.Row) {
	if strings.EqualFold(strings.ReplaceAll(header.Get("Sforce-Mru"), " ", ""), "updateMru=true") {
		a.See(r.ID)
	}
}

// recentItems returns the rows seen last, of one object unless it is nil.
func (a *API) recentItems(obj *db.Object, most int, version string) []any {
	items := []any{}
	for _, id := range a.recent {
		r := a.db.Find(id)
		if r == nil || r.Deleted() || !r.Obj.Readable || obj != nil && r.Obj != obj || len(items) == most {
			continue
		}
		item := wire.Object{{Name: "attributes", Value: r.Attributes(version)}, {Name: "Id", Value: r.ID}}
		if name := r.Obj.Field("Name"); name != nil {
			item.Add("Name", a.db.Value(r, name))
		}
		items = append(items, item)
	}
	return items
}

// RecentRows answers /recent?limit=n.
func (a *API) RecentRows(req *wire.Request) *wire.Reply {
	most, err := strconv.Atoi(req.Query.Get("limit"))
	if err != nil || most <= 0 || most > maxRecent {
		most = maxRecent
	}
	return wire.Answer(200, a.recentItems(nil, most, req.Version))
}
