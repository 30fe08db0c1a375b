// SPDX-License-Identifier: Apache-2.0

package main

// contestants lists all of them, in the order of the table.
func contestants() []contestant {
	return []contestant{
		{key: "sync", name: "leadsync, Sync", open: openSync, ours: true},
		{key: "memory", name: "leadsync, Capture and Drain, memory", open: openMemory, ours: true},
		{key: "sqlite", name: "leadsync, Capture and Drain, SQLite", open: openSQLite, ours: true},
		{key: "postgres", name: "leadsync, Capture and Drain, PostgreSQL", open: openPostgres, ours: true, postgres: true},
		{key: "go-composites", name: "go-salesforce, composites", open: openGoComposites},
		{key: "go-collections", name: "go-salesforce, collections", open: openGoCollections},
		{key: "go-records", name: "go-salesforce, records", open: openGoRecords, single: true},
		{key: "simpleforce", name: "simpleforce, records", open: openSimpleforce, single: true},
		{key: "floor", name: "net/http, composites of five", open: openFloor},
	}
}

// contestantOf returns the contestant with a key.
func contestantOf(key string) (contestant, bool) {
	for _, c := range contestants() {
		if c.key == key {
			return c, true
		}
	}
	return contestant{}, false
}
