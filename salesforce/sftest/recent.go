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
func (o *Org) see(ids ...string) {
	ids = ids[:min(len(ids), maxRecent)]
	for _, id := range ids {
		o.recent = slices.DeleteFunc(o.recent, func(seen string) bool { return seen == id })
		o.recent = slices.Insert(o.recent, 0, id)
	}
	o.recent = o.recent[:min(len(o.recent), maxRecent)]
}

func (o *Org) seeIfAsked(header http.Header, r *row) {
	if strings.EqualFold(strings.ReplaceAll(header.Get("Sforce-Mru"), " ", ""), "updateMru=true") {
		o.see(r.id)
	}
}

// recentItems are rows seen last, of one object unless it is nil.
func (o *Org) recentItems(obj *object, most int, version string) []any {
	items := []any{}
	for _, id := range o.recent {
		r := o.find(id)
		if r == nil || r.deleted() || !r.obj.readable || obj != nil && r.obj != obj || len(items) == most {
			continue
		}
		item := jsonObject{{name: "attributes", value: r.attributes(version)}, {name: "Id", value: r.id}}
		if name := r.obj.field("Name"); name != nil {
			item.add("Name", o.value(r, name))
		}
		items = append(items, item)
	}
	return items
}

// recentRows answers /recent?limit=n.
func (o *Org) recentRows(req *request) *reply {
	most, err := strconv.Atoi(req.query.Get("limit"))
	if err != nil || most <= 0 || most > maxRecent {
		most = maxRecent
	}
	return answer(200, o.recentItems(nil, most, req.version))
}
