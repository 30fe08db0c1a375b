package sftest

import "strings"

// maxCollated is how many objects a group of collated subrequests is about
// (SALESFORCE.md 1, collation).
const maxCollated = 5

// collate groups single rows that stand next to each other: of one method and
// version, without headers of their own and without references. It is the default
// since v49 (SALESFORCE.md 1). Salesforce may reorder what it groups; the fake
// keeps the order.
func collate(req *request, body jsonObject, parts []*part) {
	flag, said := body.get("collateSubrequests")
	if said && flag != true || !said && !req.since(49) {
		return
	}
	var group *collation
	for _, p := range parts {
		kind, object := p.collates()
		if kind == "" {
			group = nil
			continue
		}
		if group == nil || group.kind != kind || group.rows[object] == 0 && len(group.rows) == maxCollated {
			group = &collation{kind: kind, rows: map[string]int{}, refused: map[string]*rowError{}}
		}
		group.rows[object]++
		p.group = group
	}
}

// collates tells what a subrequest may be grouped by, "" where it stands alone.
func (p *part) collates() (kind, object string) {
	path := strings.Split(strings.TrimPrefix(p.url, "/services/data/"), "/")
	if len(path) < 3 || path[1] != "sobjects" || p.method == "GET" || len(p.header) > 0 || anyReference.MatchString(p.url+string(appendJSON(nil, p.body))) {
		return "", ""
	}
	return p.method + " " + path[0], strings.ToLower(path[2])
}

// refuseCollated asks Org.OnBatch about the row of a request, once for all that come
// with it.
func (a *restAPI) refuseCollated(req *request, obj *object) *rowError {
	if req.group == nil {
		return a.db.refuseBatch(obj.name, 1)
	}
	name := strings.ToLower(obj.name)
	if _, asked := req.group.refused[name]; !asked {
		req.group.refused[name] = a.db.refuseBatch(obj.name, req.group.rows[name])
	}
	return req.group.refused[name]
}
