package salesforce_test

import (
	"testing"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/stretchr/testify/require"
)

// person is a lead create with its member and task.
func create(object salesforce.Object, fields salesforce.Fields, refs ...salesforce.Ref) salesforce.Write {
	return salesforce.Write{Op: salesforce.OpCreate, Object: object, Fields: fields, Refs: refs}
}

// fullJob is the writes of the benchmark mix: half of the leads are new, the
// others are matched, a tenth are members already.
func fullJob(leads int) []salesforce.Write {
	var writes []salesforce.Write
	for i := range leads {
		person := salesforce.Fields{"CampaignId": "701000000000001AAA"}
		task := salesforce.Fields{"Subject": "Email"}
		var member, who []salesforce.Ref
		if i%2 == 0 {
			writes = append(writes, create("Lead", salesforce.Fields{"LastName": "L", "Company": "C"}))
			member = []salesforce.Ref{{Field: "LeadId", Write: len(writes) - 1}}
			who = []salesforce.Ref{{Field: "WhoId", Write: len(writes) - 1}}
		} else {
			id := testID("00Q", 900000+i)
			writes = append(writes, salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: id, Fields: salesforce.Fields{"Title": "T"}})
			person["LeadId"], task["WhoId"] = id, id
		}
		if i%10 != 1 {
			writes = append(writes, create("CampaignMember", person, member...))
		}
		writes = append(writes, create("Task", task, who...))
	}
	return writes
}

func TestWriteSpendsTheFewestCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		writes []salesforce.Write
		calls  int
	}{
		"1000 leads": {fullJob(1000), 3},
		"200 leads":  {fullJob(200), 2},
		"none":       {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			results, err := org.client(salesforce.Config{}).Write(t.Context(), test.writes...)
			require.NoError(t, err)
			require.Len(t, results, len(test.writes))
			for _, result := range results {
				require.NoError(t, result.Err)
			}
			require.Equal(t, test.calls, org.callCount())
		})
	}
}
