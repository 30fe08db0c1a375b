// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// maxCollated is how many objects a group of collated subrequests may have
// (docs/salesforce.md, Composite).
const maxCollated = 5

// collate groups consecutive single rows of one method and version, without headers of their
// own and without references. It is the default since v49 (docs/salesforce.md, Composite).
// Salesforce may reorder what it groups; the fake keeps the order.
func collate(req *wire.Request, body wire.Object, parts []*part) {
	flag, said := body.Get("collateSubrequests")
	if said && flag != true || !said && !req.Since(49) {
		return
	}
	var group *wire.Collation
	for _, p := range parts {
		kind, object := p.collates()
		if kind == "" {
			group = nil
			continue
		}
		if group == nil || group.Kind != kind || group.Rows[object] == 0 && len(group.Rows) == maxCollated {
			group = &wire.Collation{Kind: kind, Rows: map[string]int{}, Refused: map[string]*wire.RowError{}}
		}
		group.Rows[object]++
		p.group = group
	}
}

// collates returns what a subrequest may be grouped by, "" if it cannot be grouped.
func (p *part) collates() (kind, object string) {
	path := strings.Split(strings.TrimPrefix(p.url, "/services/data/"), "/")
	if len(path) < 3 || path[1] != "sobjects" || p.method == "GET" || len(p.header) > 0 ||
		anyReference.MatchString(p.url+string(wire.Append(nil, p.body))) {
		return "", ""
	}
	return p.method + " " + path[0], strings.ToLower(path[2])
}

// refuseCollated asks the function of Org.OnBatch about the row of a request, once for its
// whole group.
func (a *API) refuseCollated(req *wire.Request, obj *db.Object) *wire.RowError {
	if req.Group == nil {
		return a.db.RefuseBatch(obj.Name, 1)
	}
	name := strings.ToLower(obj.Name)
	if _, asked := req.Group.Refused[name]; !asked {
		req.Group.Refused[name] = a.db.RefuseBatch(obj.Name, req.Group.Rows[name])
	}
	return req.Group.Refused[name]
}
