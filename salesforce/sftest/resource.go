package sftest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// versions lists the API versions; it needs no token, counts as no call and
// carries no limit header (SALESFORCE.md 0).
func versions(*request) *reply {
	list := []any{}
	for n := oldestVersion; n <= newestVersion; n++ {
		seasons := []string{"Summer", "Winter", "Spring"} // v31.0 is Summer '14
		year := 14 + (n-31+2)/3
		version, apostrophe := fmt.Sprintf("%d.0", n), "'"
		if n == 42 {
			apostrophe = "’" // recorded so
		}
		list = append(list, jsonObject{
			{name: "label", value: fmt.Sprintf("%s %s%d", seasons[(n-31)%3], apostrophe, year)},
			{name: "url", value: "/services/data/v" + version}, {name: "version", value: version},
		})
	}
	return answer(200, list)
}

// resources is the list at the root of a version.
func (a *restAPI) resources(req *request) *reply {
	base := "/services/data/" + req.version + "/"
	list := jsonObject{}
	for _, name := range []string{"composite", "jobs", "limits", "parameterizedSearch", "query", "queryAll", "recent", "search", "sobjects"} {
		list.add(name, base+name)
	}
	list.add("identity", req.instance+"/id/"+a.db.orgID+"/"+a.db.userID)
	return answer(200, list)
}

// limits tells of the limits (SALESFORCE.md 1): those of a Developer Edition. Those
// that the fake does not count have all of it left.
func (a *restAPI) limits(*request) *reply {
	used := a.opts.used()
	list := jsonObject{}
	for _, row := range readTSV("limits") {
		name := row["name"]
		most, _ := strconv.Atoi(row["max"])
		if name == "DailyApiRequests" {
			most = a.opts.apiLimit
		}
		list.add(name, jsonObject{{name: "Max", value: most}, {name: "Remaining", value: max(0, most-used[name])}})
	}
	return answer(200, list)
}

// recordCount tells how many rows objects have; those the user does not see are
// left out.
func (a *restAPI) recordCount(req *request) *reply {
	wanted := split(strings.ToLower(req.query.Get("sObjects")), ",")
	for _, name := range wanted {
		a.db.asked(name)
	}
	list := []any{}
	for _, obj := range a.db.inOrder() {
		if obj.readable && (len(wanted) == 0 || slices.Contains(wanted, strings.ToLower(obj.name))) {
			list = append(list, jsonObject{{name: "count", value: obj.count()}, {name: "name", value: obj.name}})
		}
	}
	return answer(200, jsonObject{{name: "sObjects", value: list}})
}
