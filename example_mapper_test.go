// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"fmt"
	"log"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// rated adds to a Mapping what no row of it can say: a Lead without a Rating gets one by
// its score.
type rated struct{ leadsync.Mapper }

func (r rated) Fields(object salesforce.Object) []string {
	fields := r.Mapper.Fields(object)
	if object == salesforce.ObjectLead {
		fields = append(fields, "Rating") // so that it is read, and Map sees it
	}
	return fields
}

func (r rated) Map(lead *leadsync.Lead, target mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	fields, warnings, err := r.Mapper.Map(lead, target)
	if err != nil || target.Object != salesforce.ObjectLead || lead.Score == nil {
		return fields, warnings, err
	}
	if target.Record != nil && target.Record.Text("Rating") != "" {
		return fields, warnings, nil
	}
	rating, ok := target.Describe.Field("Rating")
	if !ok {
		return fields, append(warnings, leadtype.Warning{Kind: leadtype.Missing, Code: leadsync.MissingRemoteField,
			Object: target.Object,
			Field:  "Rating", Reason: "does not exist or is hidden"}), nil
	}
	word := "cold"
	if *lead.Score >= 80 {
		word = "hot"
	}
	value, more, err := mapping.Convert(rating, word, mapping.ConvertOptions{})
	if err != nil {
		return nil, warnings, err
	}
	fields["Rating"] = value
	return fields, append(warnings, more...), nil
}

// A host's own Mapper can do what plain data cannot express.
func ExampleMapper() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	syncer := newSyncer(org, &leadsync.Config{Mapper: rated{leadsync.DefaultMapping()}})
	score := 91.0
	lead := &leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", Company: "Engines", Score: &score}
	plan, err := syncer.Plan(context.Background(), lead)
	if err != nil {
		log.Fatal(err)
	}
	for _, field := range plan.Changes[0].Fields {
		fmt.Println(field.Field, field.After)
	}
	// Output:
	// Company Engines
	// Email ada@example.com
	// LastName Lovelace
	// Rating Hot
}
