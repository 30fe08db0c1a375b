// SPDX-License-Identifier: Apache-2.0

package org

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// objectMapper maps nothing; it has rows for its objects all the same.
type objectMapper map[salesforce.Object][]string

func (m objectMapper) Objects() []salesforce.Object {
	var objects []salesforce.Object
	for o := range m {
		objects = append(objects, o)
	}
	slices.Sort(objects)
	return objects
}
func (m objectMapper) Fields(o salesforce.Object) []string { return m[o] }
func (m objectMapper) Map(*leadtype.Lead, mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	return nil, nil, nil
}

// sessionsOf returns sessions of an org for what cfg says.
func sessionsOf(client Reader, cfg mapping.Config) *Sessions {
	if cfg.Mapper == nil {
		cfg.Mapper = objectMapper{}
	}
	return NewSessions(client, mapping.NewSet(cfg), "", time.Now)
}

func TestSessionReadsTheOrgInOneCall(t *testing.T) {
	t.Parallel()
	org := orgtest.New()
	org.Describes["Visit__c"] = orgtest.Writable("Visit__c", "Booth__c")
	org.Rows["AssignmentRule"] = []salesforce.Fields{{"Name": "By region", "SobjectType": "Lead"}}
	org.Rows["DuplicateRule"] = []salesforce.Fields{{"MasterLabel": "Same e-mail", "SobjectType": "Contact"}}
	s := sessionsOf(org, mapping.Config{
		Mapper: objectMapper{"Visit__c": {"Booth__c"}, "lead": {"Email"}},
		Campaigns: []mapping.CampaignLink{{CampaignID: orgtest.CampaignID}, {CampaignID: orgtest.CampaignID[:15]},
			{CampaignID: "701000000000009AAA", Archived: true}},
	})
	got, err := s.Session(t.Context())
	require.NoError(t, err)
	require.Len(t, org.Calls(), 1)
	require.Len(t, org.Calls()[0], 6+3+2+3)
	require.LessOrEqual(t, got.Reads, salesforce.ReadsPerCall)

	require.Equal(t, orgtest.OrgID, got.Org)
	require.Equal(t, "Acme", got.OrgName)
	require.True(t, got.Sandbox)
	require.Equal(t, "sync@acme.example", got.Username)
	require.True(t, got.APIEnabled)
	require.False(t, got.Inactive)
	require.Equal(t, salesforce.Object("Visit__c"), got.Describe("visit__C").Name)
	require.Nil(t, got.Describe("Opportunity"))
	require.Equal(t, &CampaignInfo{orgtest.CampaignID, "Expo", true, true,
		[]MemberStatus{{"Sent", true, 3}, {"Responded", false, 20}}}, got.Campaign(orgtest.CampaignID[:15]))
	require.Nil(t, got.Campaign("701000000000009AAA"))
	require.Equal(t, []TaskStatus{{"Open", false, 1}, {"Completed", true, 2}}, got.TaskStatuses)
	extra, err := s.Extra(t.Context(), got, Ask{LeadStatuses: true})
	require.NoError(t, err)
	require.Equal(t, []LeadStatus{{"Open", false}}, extra.LeadStatuses)
	require.Equal(t, []Rule{{"By region", "Lead"}}, got.AssignmentRules)
	require.Equal(t, []Rule{{"Same e-mail", "Contact"}}, got.DuplicateRules)
	require.Empty(t, got.Unread)
}

func TestSessionLeavesOutWhatItCannotKnow(t *testing.T) {
	t.Parallel()
	org := orgtest.New()
	s := sessionsOf(struct{ Reader }{org}, mapping.Config{}) // no Identifier
	got, err := s.Session(t.Context())
	require.NoError(t, err)
	require.Empty(t, got.User)
	require.Len(t, org.Calls()[0], 4+1+3, "no user, no campaign")
}

func TestSessionWorksWithoutHiddenObjects(t *testing.T) {
	t.Parallel()
	hidden := &salesforce.Error{HTTPStatus: 400, Code: "INVALID_TYPE"}
	org := orgtest.New()
	org.Describes["Contact"] = nil
	for _, o := range []salesforce.Object{"DuplicateRule", "AssignmentRule", "PermissionSetAssignment", "TaskStatus",
		"CampaignMemberStatus", "Task"} {
		org.Failures[o] = hidden
	}
	org.Failures["Organization"] = &salesforce.Error{HTTPStatus: 403, Code: "INSUFFICIENT_ACCESS"}
	s := sessionsOf(org,
		mapping.Config{Campaigns: []mapping.CampaignLink{{CampaignID: orgtest.CampaignID}, {CampaignID: "701000000000002AAA"},
			{CampaignID: "gone"}}})
	got, err := s.Session(t.Context())
	require.NoError(t, err)
	require.Nil(t, got.Describe("Contact"))
	require.Nil(t, got.Describe("Task"))
	require.NotNil(t, got.Describe("Lead"))
	require.ErrorIs(t, got.Unread["DuplicateRule"], leadtype.MissingRemoteField)
	require.ErrorIs(t, got.Unread["Organization"], leadtype.ConnectionPermission)
	require.True(t, got.Campaign(orgtest.CampaignID).Exists)
	require.False(t, got.Campaign("701000000000002AAA").Exists)
	require.False(t, got.Campaign("gone").Exists)
}

func TestSessionFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		arrange func(*orgtest.Org)
		want    leadtype.Code
	}{
		"token refused": {func(o *orgtest.Org) {
			o.IdentityErr = &salesforce.Error{HTTPStatus: 401, Code: "INVALID_SESSION_ID"}
		}, leadtype.Authentication},
		"session ended": {func(o *orgtest.Org) {
			o.Failures["Lead"] = &salesforce.Error{HTTPStatus: 401, Code: "INVALID_SESSION_ID"}
		}, leadtype.Authentication},
		"api closed": {func(o *orgtest.Org) {
			o.Failures["User"] = &salesforce.Error{HTTPStatus: 403, Code: "API_CURRENTLY_DISABLED"}
		}, leadtype.ConnectionPermission},
		"calls spent": {func(o *orgtest.Org) {
			o.Failures["TaskStatus"] = &salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED"}
		}, leadtype.RateLimit},
		"outage": {func(o *orgtest.Org) {
			o.Failures["DuplicateRule"] = &salesforce.Error{HTTPStatus: 503}
		}, leadtype.RemoteUnavailable},
		"halted": {func(o *orgtest.Org) {
			o.Failures["Task"] = &salesforce.Error{Code: "PROCESSING_HALTED"}
		}, leadtype.BatchCollateral},
		"describe not known": {func(o *orgtest.Org) {
			o.Failures["Lead"] = &salesforce.Error{HTTPStatus: 400, Code: "NOVELTY"}
		}, leadtype.Unknown},
		"malformed read":   {func(o *orgtest.Org) { o.Err = errors.New("read 3: malformed") }, leadtype.Unknown},
		"client's network": {func(o *orgtest.Org) { o.Err = context.DeadlineExceeded }, leadtype.RemoteUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := orgtest.New()
			tc.arrange(org)
			s := sessionsOf(org, mapping.Config{})
			_, err := s.Session(t.Context())
			var e *leadtype.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.want, e.Code)
			require.Equal(t, "session", e.Op)
			require.Nil(t, s.Current(), "a session that failed is not kept")
		})
	}
}

func TestSessionRefusesAnotherOrg(t *testing.T) {
	t.Parallel()
	org := orgtest.New()
	s := sessionsOf(org, mapping.Config{})
	_, err := s.Session(t.Context())
	require.NoError(t, err)

	org.ID = orgtest.OrgID[:15]
	_, err = s.Refresh(t.Context())
	require.NoError(t, err, "the short form is the same org")

	org.ID = "00D000000000002EAA"
	_, err = s.Refresh(t.Context())
	require.ErrorIs(t, err, leadtype.Authentication)
}

func TestSessionIsReadAgainWhenOld(t *testing.T) {
	t.Parallel()
	org := orgtest.New()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	s := sessionsOf(org, mapping.Config{})
	s.now = func() time.Time { return now }
	first, err := s.Session(t.Context())
	require.NoError(t, err)
	now = now.Add(sessionAge - time.Second)
	again, err := s.Session(t.Context())
	require.NoError(t, err)
	require.Same(t, first, again)
	require.Len(t, org.Calls(), 1)

	lead := orgtest.Writable("Lead", "LastName", "Company", "Phone")
	lead.Fields[1].Type = salesforce.TypePicklist
	lead.LastModified = "v2"
	org.Describes["Lead"] = lead
	now = now.Add(time.Second)
	later, err := s.Session(t.Context())
	require.NoError(t, err)
	require.Len(t, org.Calls(), 2)
	require.Equal(t, salesforce.Read{Kind: salesforce.ReadDescribe, Object: "Lead", Since: "v1 Lead", ETag: `"e1"`},
		org.Calls()[1][0])
	require.Same(t, first.Describe("Contact"), later.Describe("Contact"), "not modified")
	require.Same(t, lead, later.Describe("Lead"))
}

func TestSessionIsReadOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := orgtest.New()
		org.Wait = make(chan struct{})
		s := sessionsOf(org, mapping.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		errs := make([]error, 10)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				caller := t.Context()
				if i == 0 {
					caller = ctx
				}
				_, errs[i] = s.Session(caller)
			})
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(org.Wait)
		group.Wait()
		require.Equal(t, context.Canceled, errs[0], "the bare error of the caller's context")
		for _, err := range errs[1:] {
			require.NoError(t, err, "one caller's cancel is not the others'")
		}
		require.Len(t, org.Calls(), 1)

		_, err := s.Refresh(ctx)
		require.Equal(t, context.Canceled, err)
		require.Len(t, org.Calls(), 1)
	})
}

func TestKeyFieldIsUsedOnlyWhenItIsUnique(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		ids    map[salesforce.Object]string
		change func(*salesforce.Field)
		want   string
	}{
		"as it should be":    {nil, func(*salesforce.Field) {}, "LeadsyncKey__c"},
		"not unique":         {nil, func(f *salesforce.Field) { f.Unique = false }, ""},
		"not an external id": {nil, func(f *salesforce.Field) { f.ExternalID = false }, ""},
		"too short":          {nil, func(f *salesforce.Field) { f.Length = MinKeyLength - 1 }, ""},
		"not writable":       {nil, func(f *salesforce.Field) { f.Createable = false }, ""},
		"of another name":    {nil, func(f *salesforce.Field) { f.Name = "Key__c" }, ""},
		"named": {map[salesforce.Object]string{"lead": "key__c"}, func(f *salesforce.Field) {
			f.Name = "Key__c"
		}, "Key__c"},
		"named and not unique": {map[salesforce.Object]string{"Lead": "Key__c"}, func(f *salesforce.Field) {
			f.Name, f.Unique = "Key__c", false
		}, ""},
		"switched off":           {map[salesforce.Object]string{}, func(*salesforce.Field) {}, ""},
		"named for other object": {map[salesforce.Object]string{"Task": "LeadsyncKey__c"}, func(*salesforce.Field) {}, ""},
	} {
		org := orgtest.New()
		field := org.Field("Lead", mapping.KeyFieldName)
		field.ExternalID, field.Unique = true, true
		tc.change(field)
		s := sessionsOf(org, mapping.Config{ExternalIDs: tc.ids})
		got, err := s.Session(t.Context())
		require.NoError(t, err)
		require.Equal(t, tc.want, got.KeyField(s.set, "Lead"), name)
		require.Empty(t, got.KeyField(s.set, "Visit__c"), name)
	}
}

func TestSchemaNamesTheUserInValidationErrors(t *testing.T) {
	t.Parallel()
	s := &Session{Username: "sync@acme.example"}
	require.Nil(t, s.Classify("create", "Lead", nil))
	require.Equal(t, "sync@acme.example",
		s.Classify("create", "Lead", &salesforce.Error{Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION"}).User)
	require.Empty(t, s.Classify("create", "Lead", &salesforce.Error{Code: "STRING_TOO_LONG"}).User)
}

// The status of a Task that is done comes from the org: "Completed" may be renamed, or open.
func TestDoneTaskIsTheStatusThatClosesIt(t *testing.T) {
	t.Parallel()
	open, done := func(name string) TaskStatus { return TaskStatus{Name: name} },
		func(name string) TaskStatus { return TaskStatus{Name: name, Closed: true} }
	status := func(options ...string) *salesforce.Describe {
		field := salesforce.Field{Name: "Status", Type: salesforce.TypePicklist}
		for _, option := range options {
			field.PicklistValues = append(field.PicklistValues, salesforce.PicklistValue{Value: option, Active: true})
		}
		return &salesforce.Describe{Name: "Task", Fields: []salesforce.Field{field}}
	}
	for _, row := range []struct {
		name     string
		statuses []TaskStatus
		describe *salesforce.Describe
		want     DoneTask
	}{
		{"Salesforce's own", []TaskStatus{open("Not Started"), done("Completed"), open("Deferred")}, nil,
			DoneTask{"Completed", false}},
		{"one of several closed", []TaskStatus{done("Cancelled"), done("completed")}, nil, DoneTask{"completed", false}},
		{"renamed", []TaskStatus{open("Offen"), done("Erledigt")}, nil, DoneTask{"Erledigt", false}},
		{"Completed is open", []TaskStatus{open("Completed"), done("Archived")}, nil, DoneTask{"Archived", false}},
		{"several closed", []TaskStatus{open("Offen"), done("Erledigt"), done("Abgebrochen")}, nil, DoneTask{"Offen", true}},
		{"none closed", []TaskStatus{open("Offen"), open("Completed")}, nil, DoneTask{"Offen", true}},
		{"not read", nil, status("Not Started", "Completed"), DoneTask{"Completed", false}},
		{"not read, renamed", nil, status("Offen", "Erledigt"), DoneTask{"", true}},
		{"not read, options unknown", nil, status(), DoneTask{"Completed", false}},
		{"hidden", nil, &salesforce.Describe{Name: "Task"}, DoneTask{}},
	} {
		require.Equal(t, row.want, (&Session{TaskStatuses: row.statuses}).DoneTask(row.describe), row.name)
	}
}
