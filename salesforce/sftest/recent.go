package sftest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	maxRecent   = 200 // rows that a user has seen last (REST API guide, Recently Viewed)
	shownRecent = 5   // of them, of one object (memory)
)

// see puts rows at the front of those that the connected user saw last. Requests
// do so when asked to: with Sforce-Mru: updateMru=true, which is off unless sent
// (SALESFORCE.md 4), or with FOR VIEW and FOR REFERENCE in a query.
func (a *restAPI) see(ids ...string) {
	ids = ids[:min(len(ids), maxRecent)]
	for _, id := range ids {
		a.recent = slices.DeleteFunc(a.recent, func(seen string) bool { return seen == id })
		a.recent = slices.Insert(a.recent, 0, id)
	}
	a.recent = a.recent[:min(len(a.recent), maxRecent)]
}

func (a *restAPI) seeIfAsked(header http.Header, r *row) {
	if strings.EqualFold(strings.ReplaceAll(header.Get("Sforce-Mru"), " ", ""), "updateMru=true") {
		a.see(r.id)
	}
}

// recentItems are rows seen last, of one object unless it is nil.
func (a *restAPI) recentItems(obj *object, most int, version string) []any {
	items := []any{}
	for _, id := range a.recent {
		r := a.db.find(id)
		if r == nil || r.deleted() || !r.obj.readable || obj != nil && r.obj != obj || len(items) == most {
			continue
		}
		item := jsonObject{{name: "attributes", value: r.attributes(version)}, {name: "Id", value: r.id}}
		if name := r.obj.field("Name"); name != nil {
			item.add("Name", a.db.value(r, name))
		}
		items = append(items, item)
	}
	return items
}

// recentRows answers /recent?limit=n.
func (a *restAPI) recentRows(req *request) *reply {
	most, err := strconv.Atoi(req.query.Get("limit"))
	if err != nil || most <= 0 || most > maxRecent {
		most = maxRecent
	}
	return answer(200, a.recentItems(nil, most, req.version))
}
