package sftest

import (
	"fmt"
	"slices"
	"strings"
)

// versions lists the API versions; it needs no token, counts as no call and
// carries no limit header (SALESFORCE.md 0).
func versions(*request) *reply {
	list := []any{}
	for n := oldestVersion; n <= newestVersion; n++ {
		seasons := []string{"Summer", "Winter", "Spring"} // v31.0 is Summer '14
		year := 14 + (n-31+2)/3
		version := fmt.Sprintf("%d.0", n)
		list = append(list, jsonObject{
			{name: "label", value: fmt.Sprintf("%s '%d", seasons[(n-31)%3], year)},
			{name: "url", value: "/services/data/v" + version}, {name: "version", value: version},
		})
	}
	return answer(200, list)
}

// resources is the list at the root of a version.
func (o *Org) resources(req *request) *reply {
	base := "/services/data/" + req.version + "/"
	list := jsonObject{}
	for _, name := range []string{"composite", "jobs", "limits", "parameterizedSearch", "query", "queryAll", "recent", "search", "sobjects"} {
		list.add(name, base+name)
	}
	list.add("identity", req.instance+"/id/"+o.orgID+"/"+o.userID)
	return answer(200, list)
}

// limits tells of the limits (SALESFORCE.md 1). Those the fake does not enforce
// have all of a Developer Edition's allowance left.
func (o *Org) limits(*request) *reply {
	limit := func(most, used int) jsonObject {
		return jsonObject{{name: "Max", value: most}, {name: "Remaining", value: max(0, most-used)}}
	}
	queries := 0
	for _, job := range o.bulk.jobs {
		if job.kind == "query" {
			queries++
		}
	}
	return answer(200, jsonObject{
		{name: "DailyApiRequests", value: limit(o.opts.apiLimit, o.access.usage.used(o.opts.now()))},
		{name: "DailyBulkApiBatches", value: limit(15_000, 0)},
		{name: "DailyBulkV2QueryFileStorageMB", value: limit(976_562, 0)},
		{name: "DailyBulkV2QueryJobs", value: limit(10_000, queries)},
		{name: "DataStorageMB", value: limit(5, 0)},
		{name: "FileStorageMB", value: limit(20, 0)},
	})
}

// recordCount tells how many rows objects have; those the user does not see are
// left out.
func (o *Org) recordCount(req *request) *reply {
	wanted := split(strings.ToLower(req.query.Get("sObjects")), ",")
	for _, name := range wanted {
		o.asked(name)
	}
	list := []any{}
	for _, obj := range o.inOrder() {
		if obj.readable && (len(wanted) == 0 || slices.Contains(wanted, strings.ToLower(obj.name))) {
			list = append(list, jsonObject{{name: "count", value: obj.count()}, {name: "name", value: obj.name}})
		}
	}
	return answer(200, jsonObject{{name: "sObjects", value: list}})
}
