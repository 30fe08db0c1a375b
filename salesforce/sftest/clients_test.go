// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/sync/errgroup"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A user is one of many clients of an org: with a login, a salesforce.Client and
// plain requests. Its methods answer errors, since it runs beside the test.
type user struct {
	n      int
	org    *sftest.Org
	token  string
	client *salesforce.Client
}

// Many clients at once, fifty in the full size: logins, rows, queries with pages, composites, trees,
// bulk jobs, searches and describes. -race watches, and what they wrote adds up.
func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	users := 20
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		users = 50
	}
	org := sftest.NewOrg(t, sftest.WithPageSize(7), sftest.WithBulkPolls(1), sftest.WithAPILimit(1_000_000),
		sftest.WithResends())
	org.AddExternalID("Lead", "Contact")
	group, ctx := errgroup.WithContext(t.Context())
	for n := range users {
		group.Go(func() error {
			u := &user{n: n, org: org}
			for _, step := range []func(context.Context) error{
				u.login, u.keepRows, u.upsertShared, u.plant, u.compose, u.load, u.look,
			} {
				if err := step(ctx); err != nil {
					return fmt.Errorf("user %d: %w", n, err)
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.Equal(t, users*15, org.Count("Lead"), "10 kept of 20, and 5 loaded")
	require.Equal(t, users*2, org.Count("Account"))
	require.Equal(t, 1+users*3, org.Count("Contact"), "one that all share, two in a tree and one of a composite each")
	seen := map[string]bool{}
	for _, row := range org.Rows("Lead") {
		key := row["LeadsyncKey__c"].(string)
		require.False(t, seen[key], "a key is unique")
		seen[key] = true
		require.NotEqual(t, "Before", row["Title"])
	}
	calls := 0
	for _, request := range org.Requests() {
		calls += request.Calls
	}
	require.Equal(t, org.Calls(), calls)
	require.Equal(t, fmt.Sprintf("api-usage=%d/1000000", calls+1),
		(&api{t, org}).do("GET", "/limits", nil).Header.Get("Sforce-Limit-Info"))
}

// send is a plain request; it answers the body, or an error for any but a 2xx.
func (u *user) send(ctx context.Context, method, path, contentType, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, u.org.URL()+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+u.token)
	req.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, text)
	}
	return string(text), err
}

func (u *user) json(ctx context.Context, method, path, body string) (string, error) {
	return u.send(ctx, method, base+path, "application/json", body)
}

func (u *user) login(ctx context.Context) error {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {fmt.Sprint("c", u.n)}}
	text, err := u.send(ctx, "POST", "/services/oauth2/token", "application/x-www-form-urlencoded", form.Encode())
	if err != nil {
		return err
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(text), &token); err != nil {
		return err
	}
	u.token = token.AccessToken
	u.client, err = salesforce.New(u.org.URL(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: u.token}),
		&salesforce.Config{Hosts: []string{strings.TrimPrefix(u.org.URL(), "http://")}})
	return err
}

func (u *user) key(i int) string { return fmt.Sprintf("%d-%d", u.n, i) }

// write writes rows of which none may fail.
func (u *user) write(ctx context.Context, writes []salesforce.Write) ([]salesforce.WriteResult, error) {
	results, err := u.client.Write(ctx, writes...)
	for _, result := range results {
		if err == nil && result.Err != nil {
			err = result.Err
		}
	}
	return results, err
}

// keepRows creates 20 Leads, finds them again over three pages, changes half and
// deletes the other half.
func (u *user) keepRows(ctx context.Context) error {
	var creates, changes []salesforce.Write
	for i := range 20 {
		creates = append(creates, salesforce.Write{Op: salesforce.OpCreate, Object: "Lead",
			UniqueField: "LeadsyncKey__c", Fields: salesforce.Fields{
				"LastName": fmt.Sprint("Lead of ", u.n), "Company": "C", "Title": "Before", "LeadsyncKey__c": u.key(i),
			}})
	}
	if _, err := u.write(ctx, creates); err != nil {
		return err
	}
	found, err := u.client.Read(ctx,
		salesforce.Query(soql.From("Lead", "Id").Where(soql.Eq("LastName", fmt.Sprint("Lead of ", u.n))).OrderBy("Id")))
	if err != nil || found[0].Err != nil || len(found[0].Records) != 20 {
		return fmt.Errorf("found %d Leads: %w %w", len(found[0].Records), err, found[0].Err)
	}
	for i, record := range found[0].Records {
		change := salesforce.Write{Op: salesforce.OpDelete, Object: "Lead", ID: record.ID}
		if i%2 == 0 {
			change.Op, change.Fields = salesforce.OpUpdate, salesforce.Fields{"Title": "After"}
		}
		changes = append(changes, change)
	}
	_, err = u.write(ctx, changes)
	return err
}

// upsertShared upserts the one Contact that all clients upsert.
func (u *user) upsertShared(ctx context.Context) error {
	_, err := u.json(ctx, "PATCH", "/sobjects/Contact/LeadsyncKey__c/shared", newContact)
	return err
}

func (u *user) plant(ctx context.Context) error {
	contacts := `,"Contacts":{"records":[` + treeRow("Contact", "c1", "") + "," + treeRow("Contact", "c2", "") + `]}`
	_, err := u.json(ctx, "POST", "/composite/tree/Account", treeOf(treeRow("Account", "a", contacts)))
	return err
}

func (u *user) compose(ctx context.Context) error {
	text, err := u.json(ctx, "POST", "/composite", `{"allOrNone":true,"compositeRequest":[`+
		`{"method":"POST","url":"`+base+`/sobjects/Account","referenceId":"a","body":{"Name":"A"}},`+
		`{"method":"POST","url":"`+base+`/sobjects/Contact","referenceId":"c","body":{"LastName":"L",`+
		`"AccountId":"@{a.id}"}}]}`)
	if err == nil && strings.Count(text, `"httpStatusCode":201`) != 2 {
		err = fmt.Errorf("composite: %s", text)
	}
	return err
}

// load loads five Leads by a bulk job.
func (u *user) load(ctx context.Context) error {
	text, err := u.json(ctx, "POST", "/jobs/ingest", `{"object":"Lead","operation":"insert"}`)
	if err != nil {
		return err
	}
	var job struct{ ID string }
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	rows := repeat(5, func(i int) string { return "L,C," + u.key(100+i) + "\n" })
	path := base + "/jobs/ingest/" + job.ID
	if _, err := u.send(ctx, "PUT", path+"/batches", "text/csv",
		"LastName,Company,LeadsyncKey__c\n"+strings.Join(rows, "")); err != nil {
		return err
	}
	if _, err := u.send(ctx, "PATCH", path, "application/json", `{"state":"UploadComplete"}`); err != nil {
		return err
	}
	for !strings.Contains(text, "JobComplete") {
		if text, err = u.send(ctx, "GET", path, "", ""); err != nil {
			return err
		}
	}
	return nil
}

// look reads what others are writing.
func (u *user) look(ctx context.Context) error {
	for _, path := range []string{
		"/sobjects", "/sobjects/Lead/describe", "/limits", "/recent", "/jobs/ingest", "/limits/recordCount",
		"/search?q=" + escape("FIND {lead} RETURNING Lead(Name LIMIT 3)"),
		"/query?q=" + escape("SELECT LastName, COUNT(Id) FROM Lead GROUP BY LastName"),
		"/query?q=" + escape("SELECT Name, (SELECT Id FROM Contacts) FROM Account"),
	} {
		if _, err := u.json(ctx, "GET", path, ""); err != nil {
			return err
		}
	}
	return nil
}
