// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// orgTokens asks the org for its token, again after it was invalidated.
type orgTokens struct {
	org *sftest.Org

	mu    sync.Mutex
	token string
}

func (s *orgTokens) Token() (*oauth2.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == "" {
		s.token = s.org.Token()
	}
	return &oauth2.Token{AccessToken: s.token}, nil
}

func (s *orgTokens) Invalidate(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token = ""
	}
}

func connect(t *testing.T, org *sftest.Org) *salesforce.Client {
	client, err := newClient(t, org.URL(), &orgTokens{org: org}, salesforce.Config{
		Hosts:      []string{strings.TrimPrefix(org.URL(), "http://")},
		JitterFunc: func() float64 { return 0 },
	})
	require.NoError(t, err)
	return client
}

func TestClientKeepsAnOrg(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, sftest.WithPageSize(40))
	client := connect(t, org)
	campaign := salesforce.ID(org.Insert("Campaign", map[string]any{"Name": "Fair"}))

	var writes []salesforce.Write
	for range 100 {
		at := len(writes)
		writes = append(writes,
			create("Account", salesforce.Fields{"Name": "A"}),
			create("Contact", salesforce.Fields{"LastName": "O'Neil \\ 100%", "Email": "c@example.com"}, ref("AccountId", at)),
			create("CampaignMember", salesforce.Fields{"CampaignId": campaign}, ref("ContactId", at+1)),
			create("Task", salesforce.Fields{"Subject": "Email"}, ref("WhoId", at+1), ref("WhatId", at)),
		)
	}
	org.ResetLog()
	results, err := client.Write(t.Context(), writes...)
	require.NoError(t, err)
	for _, result := range results {
		require.NoError(t, result.Err)
		require.True(t, result.Created)
	}
	require.Equal(t, 1, org.Calls())
	require.Equal(t, 100, org.Count("CampaignMember"))
	require.Equal(t, string(results[0].ID), org.Row("Contact", string(results[1].ID))["AccountId"])

	removed, err := client.Write(
		t.Context(),
		salesforce.Write{Op: salesforce.OpDelete, Object: "Contact", ID: results[1].ID},
		salesforce.Write{
			Op:     salesforce.OpUpdate,
			Object: "Contact",
			ID:     results[5].ID,
			Fields: salesforce.Fields{"Title": "T"},
		},
	)
	require.NoError(t, err)
	require.NoError(t, removed[0].Err)
	require.NoError(t, removed[1].Err)

	org.ResetLog()
	contacts := soql.From("Contact", "Id", "Account.Name", "Title").
		Where(soql.And(
			soql.Like("LastName", soql.Text("O'Neil \\ 100%")),
			soql.Or(soql.Eq("Email", "C@example.com"), soql.Eq("Email", nil)))).
		OrderBy("Title DESC", "Id")
	reads, err := client.Read(t.Context(),
		salesforce.Query(contacts),
		salesforce.QueryAll(contacts),
		salesforce.Get("Contact", results[5].ID, "Title"),
		salesforce.DescribeObject("Contact", ""))
	require.NoError(t, err)
	require.Equal(t, 3, org.Calls(), "two queries of three pages")
	for _, read := range reads {
		require.NoError(t, read.Err)
	}
	require.Len(t, reads[0].Records, 99)
	require.Equal(t, "A", reads[0].Records[0].Text("Account.Name"))
	require.Len(t, reads[1].Records, 100)
	require.Equal(t, "T", reads[2].Records[0].Text("Title"))
	again, err := client.Read(t.Context(), salesforce.DescribeObject("Contact", reads[3].Describe.LastModified))
	require.NoError(t, err)
	require.NoError(t, again[0].Err)
	require.True(t, again[0].NotModified)
}

func TestClientLeavesOutAndOrdersAtAnOrg(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	account := org.Insert("Account", map[string]any{"Name": "With"})
	org.Insert("Account", map[string]any{"Name": "Without"})
	for name, title := range map[string]any{"A": "x", "B": nil, "C": "y"} {
		org.Insert("Contact", map[string]any{"LastName": name, "Title": title, "AccountId": account})
	}
	results, err := connect(t, org).Read(t.Context(),
		salesforce.Query(
			soql.From("Contact", "LastName").Where(soql.NotIn("LastName", "C", "D'")).OrderBy("Title NULLS LAST"),
		),
		salesforce.Query(soql.From("Account", "Name").Where(soql.NotInSelect("Id", soql.From("Contact", "AccountId")))))
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.NoError(t, results[1].Err)
	require.Len(t, results[0].Records, 2)
	require.Equal(t, "B", results[0].Records[1].Text("LastName"))
	require.Len(t, results[1].Records, 1)
	require.Equal(t, "Without", results[1].Records[0].Text("Name"))
}

func TestClientRenewsTheTokenOfAnOrg(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client := connect(t, org)
	for range 2 {
		reads, err := client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
		require.NoError(t, err)
		require.NoError(t, reads[0].Err)
		org.ExpireToken()
	}
}

var lostAnswers = map[string]sftest.Fault{
	"lost before": {DropBefore: true},
	"lost after":  {DropAfter: true},
	"cut":         {CutBody: true},
	"503":         {Status: http.StatusServiceUnavailable},
	"502 page":    {Status: http.StatusBadGateway, HTML: true},
}

// TestClientNeverDoublesARecord loses the answer to a create in every way.
func TestClientNeverDoublesARecord(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers {
		for _, unique := range []string{"", "LeadsyncKey__c"} {
			t.Run(name+" "+unique, func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				org.AddExternalID("Lead")
				org.Fail(func(_ *http.Request, n int) *sftest.Fault {
					if n == 1 {
						return &fault
					}
					return nil
				})
				write := create("Lead", salesforce.Fields{"LastName": "L", "Company": "C", "LeadsyncKey__c": "k"})
				write.UniqueField = unique
				results, err := connect(t, org).Write(t.Context(), write)
				require.NoError(t, err)
				if unique != "" {
					require.Equal(t, 1, org.Count("Lead"))
					requireOwnDuplicate(t, org, results[0])
					return
				}
				require.LessOrEqual(t, org.Count("Lead"), 1)
				var e *salesforce.Error
				require.ErrorAs(t, results[0].Err, &e)
				require.True(t, e.Uncertain)
				require.Equal(t, 1, len(org.Requests()))
			})
		}
	}
}

// TestClientRepeatsAChangeToOneEffect loses the answer to changes that may be
// repeated.
func TestClientRepeatsAChangeToOneEffect(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			org.AddExternalID("Lead")
			id := salesforce.ID(org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"}))
			org.Fail(func(_ *http.Request, n int) *sftest.Fault {
				if n == 1 {
					return &fault
				}
				return nil
			})
			results, err := connect(t, org).Write(t.Context(),
				salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: id, Fields: salesforce.Fields{"Title": "T"}},
				salesforce.Write{
					Op: salesforce.OpUpsert, Object: "Lead", Key: salesforce.ExternalKey{Field: "LeadsyncKey__c", Value: "k"},
					Fields: salesforce.Fields{"LastName": "M", "Company": "D"},
				})
			require.NoError(t, err)
			require.NoError(t, results[0].Err)
			require.NoError(t, results[1].Err)
			require.Equal(t, 2, org.Count("Lead"))
			require.Equal(t, "T", org.Row("Lead", string(id))["Title"])
			require.Equal(t, "k", org.Row("Lead", string(results[1].ID))["LeadsyncKey__c"])
			require.Len(t, org.Requests(), 2)
		})
	}
}

// requireOwnDuplicate accepts a create that went through, or one whose replay
// was refused by the record that it had made.
func requireOwnDuplicate(t *testing.T, org *sftest.Org, result salesforce.WriteResult) {
	id := salesforce.ID(org.Rows("Lead")[0]["Id"].(string))
	if result.Err == nil {
		require.Equal(t, id, result.ID)
		return
	}
	var e *salesforce.Error
	require.ErrorAs(t, result.Err, &e)
	require.Equal(t, salesforce.DuplicateValue, e.Code)
	require.Equal(t, []salesforce.Duplicate{{ID: id}}, e.Duplicates)
}

func TestWriteNamesTheRecordReferredToByItsKey(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineObject("Region__c", "a0R", sftest.Field{Name: "Code__c", ExternalID: true, Unique: true})
	org.DefineField("Lead", sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}})
	org.AddExternalID("Lead")
	region := org.Insert("Region__c", map[string]any{"Name": "Europe", "Code__c": "EU"})
	in := func(code string) salesforce.Fields {
		return salesforce.Fields{
			"LastName":  "L",
			"Company":   "C",
			"Region__r": salesforce.ExternalKey{Field: "Code__c", Value: code},
		}
	}
	key := salesforce.ExternalKey{Field: "LeadsyncKey__c", Value: "L3"}
	alone := create("Lead", in("EU"))
	alone.Alone = true

	results, err := connect(t, org).Write(t.Context(), create("Lead", in("eu")), create("Lead", in("XX")),
		salesforce.Write{
			Op:     salesforce.OpUpsert,
			Object: "Lead",
			Key:    key,
			Fields: in("EU"),
		}, alone, create("Lead", in("@{r0.id}")))

	require.NoError(t, err)
	for _, i := range []int{0, 2, 3} {
		require.NoError(t, results[i].Err)
		require.Equal(t, region, org.Row("Lead", string(results[i].ID))["Region__c"])
	}
	for _, i := range []int{1, 4} {
		var refused *salesforce.Error
		require.ErrorAs(t, results[i].Err, &refused)
		require.Equal(t, salesforce.StatusCode("INVALID_FIELD"), refused.Code, "a key that nothing has fails its row alone")
	}
}

func TestWriteUpdateOnlyMakesNoRecord(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddExternalID("Lead")
	there := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C", "LeadsyncKey__c": "a/b"})
	upsert := func(key string) salesforce.Write {
		return salesforce.Write{
			Op: salesforce.OpUpsert, Object: "Lead", Key: salesforce.ExternalKey{Field: "LeadsyncKey__c", Value: key},
			Fields: salesforce.Fields{"LastName": "New", "Company": "D"}, UpdateOnly: true,
		}
	}
	client := connect(t, org)
	results, err := client.Write(t.Context(), upsert("a/b"), upsert("none"), upsert("@{r0.id}"))
	require.NoError(t, err)
	graphs, err := client.WriteGraphs(t.Context(), salesforce.Graph{upsert("a/b")}, salesforce.Graph{upsert("none")})
	require.NoError(t, err)
	for _, result := range []salesforce.WriteResult{results[0], graphs[0][0]} {
		require.Equal(t, salesforce.WriteResult{ID: salesforce.ID(there)}, result)
	}
	for _, result := range []salesforce.WriteResult{results[1], results[2], graphs[1][0]} {
		var refused *salesforce.Error
		require.ErrorAs(t, result.Err, &refused)
		require.Equal(t, salesforce.NotFound, refused.Code)
		require.False(t, refused.Uncertain)
	}
	require.Equal(t, 1, org.Count("Lead"))
	require.Equal(t, "New", org.Row("Lead", there)["LastName"])
}
