// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Versions lists the API versions; it needs no token, counts as no call and
// carries no limit header (docs/salesforce.md, Limits).
func Versions(*wire.Request) *wire.Reply {
	list := []any{}
	for n := wire.OldestVersion; n <= wire.NewestVersion; n++ {
		seasons := []string{"Summer", "Winter", "Spring"} // v31.0 is Summer '14
		year := 14 + (n-31+2)/3
		version, apostrophe := fmt.Sprintf("%d.0", n), "'"
		if n == 42 {
			apostrophe = "’" // recorded so
		}
		list = append(list, wire.Object{
			{Name: "label", Value: fmt.Sprintf("%s %s%d", seasons[(n-31)%3], apostrophe, year)},
			{Name: "url", Value: "/services/data/v" + version}, {Name: "version", Value: version},
		})
	}
	return wire.Answer(200, list)
}

// Resources answers the root of a version.
func (a *API) Resources(req *wire.Request) *wire.Reply {
	base := "/services/data/" + req.Version + "/"
	list := wire.Object{}
	for _, name := range []string{
		"composite", "jobs", "limits", "parameterizedSearch", "query", "queryAll", "recent", "search",
		"sobjects",
	} {
		list.Add(name, base+name)
	}
	list.Add("identity", req.Instance+"/id/"+a.db.OrgID+"/"+a.db.UserID)
	return wire.Answer(200, list)
}

// Limits answers /limits (docs/salesforce.md, Requests) with those of a Developer Edition.
// Limits that the fake does not count are unused.
func (a *API) Limits(*wire.Request) *wire.Reply {
	used := a.opts.Used()
	list := wire.Object{}
	for _, row := range db.ReadTSV("limits") {
		name := row["name"]
		most, _ := strconv.Atoi(row["max"])
		if name == "DailyApiRequests" {
			most = a.opts.APILimit()
		}
		switch name {
		case "DataStorageMB":
			used[name] = a.db.StorageUsed(most)
		case "FileStorageMB":
			used[name] = a.db.FileBytes() >> 20
		}
		list.Add(name, wire.Object{{Name: "Max", Value: most}, {Name: "Remaining", Value: max(0, most-used[name])}})
	}
	return wire.Answer(200, list)
}

// RecordCount answers /limits/recordCount: how many rows objects have, except those that the
// user does not see.
func (a *API) RecordCount(req *wire.Request) *wire.Reply {
	wanted := wire.Split(strings.ToLower(req.Query.Get("sObjects")), ",")
	for _, name := range wanted {
		a.db.Requested(name)
	}
	list := []any{}
	for _, obj := range a.db.InOrder() {
		if obj.Readable && (len(wanted) == 0 || slices.Contains(wanted, strings.ToLower(obj.Name))) {
			list = append(list, wire.Object{{Name: "count", Value: obj.Count()}, {Name: "name", Value: obj.Name}})
		}
	}
	return wire.Answer(200, wire.Object{{Name: "sObjects", Value: list}})
}
