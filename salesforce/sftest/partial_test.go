// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

const tooManyRetries = "Too many batch retries in the presence of Apex triggers and partial failures."

// stubborn is a trigger that refuses one row in each of so many passes, and counts
// how often it saw each.
func stubborn(org *sftest.Org, passes int) map[string]int {
	seen := map[string]int{}
	org.OnRow("Contact", func(_ string, row map[string]any) *sftest.RowError {
		name := row["LastName"].(string)
		seen[name]++
		if name == fmt.Sprint("L", seen[name]-1) && seen[name] <= passes {
			return sftest.FailedTrigger("ContactTrigger", "BeforeInsert", "System.NullPointerException")
		}
		return nil
	})
	return seen
}

// done looks at a job until it has ended.
func (a *api) done(job string) *response {
	a.t.Helper()
	for {
		res := a.do("GET", job, nil)
		if state := res.at("state"); state != "UploadComplete" && state != "InProgress" {
			return res
		}
	}
}

func TestRulesOfPasses(t *testing.T) {
	t.Parallel()
	refused := "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
	keeps(t, "1", []rule{
		{"triggers see the rows that go well again when another one fails", func(t *testing.T, org *sftest.Org, a *api) {
			seen := stubborn(org, 1)
			res := a.do("POST", "/composite/sobjects", collection(false, contacts(4)))
			require.Equal(t, []string{refused, "", "", ""}, res.rowCodes())
			require.Equal(t, map[string]int{"L0": 1, "L1": 2, "L2": 2, "L3": 2}, seen)
			require.Len(t, org.Rows("Contact"), 3)
			require.Equal(t, 3, org.Requests()[0].Written)
		}},
		{"a failure in the second pass makes a third", func(t *testing.T, org *sftest.Org, a *api) {
			seen := stubborn(org, 2)
			res := a.do("POST", "/composite/sobjects", collection(false, contacts(4)))
			require.Equal(t, []string{refused, refused, "", ""}, res.rowCodes())
			require.Equal(t, map[string]int{"L0": 1, "L1": 2, "L2": 3, "L3": 3}, seen)
			require.Len(t, org.Rows("Contact"), 2)
		}},
		{"a failure in the third pass fails all", func(t *testing.T, org *sftest.Org, a *api) {
			stubborn(org, 3)
			res := a.do("POST", "/composite/sobjects", collection(false, contacts(4)))
			for i := range 4 {
				require.Equal(t, tooManyRetries, res.at(i, "errors", 0, "message"))
			}
			require.Zero(t, org.Count("Contact"))
			require.Zero(t, org.Requests()[0].Written)
		}},
		{"a failure of all or none makes no second pass", func(t *testing.T, org *sftest.Org, a *api) {
			seen := stubborn(org, 1)
			a.do("POST", "/composite/sobjects", collection(true, contacts(2)))
			require.Equal(t, map[string]int{"L0": 1, "L1": 1}, seen)
		}},
		{"without triggers there is one pass, of other types too", func(t *testing.T, org *sftest.Org, a *api) {
			seen := stubborn(org, 0)
			rules := 0
			org.AddRule("Account", sftest.Rule{
				Message: "No", Refuses: func(row map[string]any) bool { rules++; return row["Name"] == "No" },
			})
			res := a.do("POST", "/composite/sobjects", collection(false, rows("Account", `{"Name":"No"}`, `{"Name":"Yes"}`),
				contacts(1)))
			require.Equal(t, []string{"FIELD_CUSTOM_VALIDATION_EXCEPTION", "", ""}, res.rowCodes())
			require.Equal(t, 2, rules)
			require.Equal(t, map[string]int{"L0": 1}, seen)
		}},
		{"a deletion that is refused has the others seen again", func(t *testing.T, org *sftest.Org, a *api) {
			keep, goes := addContact(org, "keep@example.com"), addContact(org, "goes@example.com")
			seen := 0
			org.OnRow("Contact", func(op string, row map[string]any) *sftest.RowError {
				if seen++; op == "delete" && row["Email"] == "keep@example.com" {
					return sftest.FailedFlow("Keep", "no")
				}
				return nil
			})
			res := a.do("DELETE", "/composite/sobjects?ids="+goes+","+keep, nil)
			require.Equal(t, []string{"", "CANNOT_EXECUTE_FLOW_TRIGGER"}, res.rowCodes())
			require.Equal(t, 3, seen)
			require.Equal(t, 1, org.Count("Contact"))
		}},
		{"a bulk job makes its passes over 200 rows at a time", func(t *testing.T, org *sftest.Org, a *api) {
			seen := stubborn(org, 1)
			names := repeat(201, func(i int) string { return fmt.Sprint("L", i) })
			slices.Reverse(names) // the row that fails is alone in the second 200
			job := a.load(fields{"object": "Contact", "operation": "insert"}, "LastName\n"+strings.Join(names, "\n")+"\n")
			require.Equal(t, 1.0, a.done(job).at("numberRecordsFailed"))
			require.Equal(t, []int{1, 1}, []int{seen["L0"], seen["L200"]})
			require.Equal(t, 200, org.Count("Contact"))
		}},
		{"a bulk job whose third pass fails has written nothing of the 200", func(t *testing.T, org *sftest.Org, a *api) {
			stubborn(org, 3)
			job := a.load(fields{"object": "Contact", "operation": "insert"}, "LastName\nL0\nL1\nL2\nL3\n")
			require.Equal(t, 4.0, a.done(job).at("numberRecordsFailed"))
			failed := a.do("GET", job+"/failedResults", nil).Text
			require.Equal(t, 4, strings.Count(failed, `"","UNKNOWN_EXCEPTION:`+tooManyRetries), failed)
			require.Zero(t, org.Count("Contact"))
		}},
	})
}
