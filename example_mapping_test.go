// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/leadsync/leadsync"
)

// A mapping is plain data. Each mistake in it is reported with its path, so that an edit
// form can show it at the right place.
func ExampleMapping() {
	mapping := new(leadsync.Mapping)
	err := json.Unmarshal([]byte(`{"version": 1, "objects": [
		{"object": "Lead", "rules": [
			{"source": "lastName", "field": "LastName"},
			{"source": "company", "field": "Company", "default": "Unknown"},
			{"source": "jobTitel", "field": "Title", "write": "write-if-blank"}
		]},
		{"object": "Visit__c", "key": "VisitKey__c", "lookups": [{"field": "Lead__c", "to": "lead"}], "rules": [
			{"source": "notes", "field": "Notes__c", "transforms": ["shout"]}
		]}
	]}`), mapping)
	if err != nil {
		log.Fatal(err)
	}
	for _, issue := range mapping.Validate(nil) {
		fmt.Println(issue.Path, issue.Reason)
	}
	// Output:
	// objects[0].rules[2].source is not a source field
	// objects[1].rules[0].transforms[0] is not a known transform
}
