package leadsync

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

const (
	testOrgID      salesforce.ID = "00D000000000001EAA"
	testUserID     salesforce.ID = "005000000000001AAA"
	testCampaignID salesforce.ID = "701000000000001AAA"
)

// A schemaOrg answers the reads of a session.
type schemaOrg struct {
	Client // nil: a session writes nothing

	org, user   salesforce.ID
	identityErr error
	describes   map[salesforce.Object]*salesforce.Describe
	records     map[salesforce.ID]salesforce.Fields
	rows        map[salesforce.Object][]salesforce.Fields // by the object queried
	failures    map[salesforce.Object]error               // of any read of the object
	err         error                                     // of the call
	wait        chan struct{}                             // closed to let Read answer; nil does not wait

	mu    sync.Mutex
	calls [][]salesforce.Read
}

// newSchemaOrg is an org in which nothing stands in the way.
func newSchemaOrg() *schemaOrg {
	return &schemaOrg{
		org: testOrgID, user: testUserID,
		describes: map[salesforce.Object]*salesforce.Describe{
			"Lead":           writable("Lead", "LastName", "Company", "Email"),
			"Contact":        writable("Contact", "LastName", "Email"),
			"Account":        writable("Account", "Name", "Website"),
			"Task":           writable("Task", "Subject", "Description"),
			"CampaignMember": writable("CampaignMember", "Status"),
		},
		records: map[salesforce.ID]salesforce.Fields{
			testOrgID:      {"Name": "Acme", "IsSandbox": true},
			testUserID:     {"Username": "sync@acme.example", "IsActive": true},
			testCampaignID: {"Name": "Expo", "IsActive": true},
		},
		rows: map[salesforce.Object][]salesforce.Fields{
			"PermissionSetAssignment": {{"PermissionSet": &salesforce.Record{Fields: salesforce.Fields{"PermissionsApiEnabled": true, "PermissionsViewAllData": false}}}},
			"CampaignMemberStatus": {
				{"CampaignId": string(testCampaignID), "Label": "Responded", "IsDefault": false, "SortOrder": int64(20)},
				{"CampaignId": string(testCampaignID), "Label": "Sent", "IsDefault": true, "SortOrder": int64(3)},
			},
			"LeadStatus": {{"ApiName": "Open", "IsDefault": true, "IsConverted": false}},
		},
		failures: make(map[salesforce.Object]error),
	}
}

// writable is the describe of an object whose fields may be written.
func writable(name salesforce.Object, fields ...string) *salesforce.Describe {
	d := &salesforce.Describe{Name: name, Createable: true, Updateable: true, Queryable: true, LastModified: "v1 " + string(name), ETag: `"e1"`}
	for _, f := range fields {
		d.Fields = append(d.Fields, salesforce.Field{Name: f, Type: salesforce.TypeString, Length: 255, Createable: true, Updateable: true, Nillable: true})
	}
	return d
}

// field is a field of a describe, to be changed by a test.
func (o *schemaOrg) field(object salesforce.Object, name string) *salesforce.Field {
	d := o.describes[object]
	f, ok := d.Field(name)
	if !ok {
		d.Fields = append(d.Fields, salesforce.Field{Name: name, Type: salesforce.TypeString, Length: 255, Createable: true, Updateable: true, Nillable: true})
		f = &d.Fields[len(d.Fields)-1]
	}
	return f
}

func (o *schemaOrg) Identity(context.Context) (org, user salesforce.ID, err error) {
	return o.org, o.user, o.identityErr
}

func (o *schemaOrg) Read(_ context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	o.mu.Lock()
	o.calls = append(o.calls, reads)
	o.mu.Unlock()
	if o.wait != nil {
		<-o.wait
	}
	if o.err != nil {
		return nil, o.err
	}
	results := make([]salesforce.ReadResult, len(reads))
	for i, r := range reads {
		results[i] = o.answer(r)
	}
	return results, nil
}

func (o *schemaOrg) answer(r salesforce.Read) salesforce.ReadResult {
	object := r.Object
	if r.Kind == salesforce.ReadQuery {
		_, rest, _ := strings.Cut(r.Query.String(), " FROM ")
		from, _, _ := strings.Cut(rest, " ")
		object = salesforce.Object(from)
	}
	if err := o.failures[object]; err != nil {
		return salesforce.ReadResult{Err: err}
	}
	switch r.Kind {
	case salesforce.ReadDescribe:
		d := o.describes[object]
		switch {
		case d == nil:
			return salesforce.ReadResult{Err: &salesforce.Error{HTTPStatus: 404, Code: "NOT_FOUND"}}
		case r.Since != "" && r.Since == d.LastModified:
			return salesforce.ReadResult{NotModified: true}
		}
		return salesforce.ReadResult{Describe: d}
	case salesforce.ReadRecord:
		fields := o.records[r.ID]
		if fields == nil {
			return salesforce.ReadResult{Err: &salesforce.Error{HTTPStatus: 404, Code: "NOT_FOUND"}}
		}
		return salesforce.ReadResult{Records: []salesforce.Record{{Object: object, ID: r.ID, Fields: fields}}}
	}
	var result salesforce.ReadResult
	for _, fields := range o.rows[object] {
		result.Records = append(result.Records, salesforce.Record{Object: object, Fields: fields})
	}
	return result
}

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
func (m objectMapper) Map(*Lead, Target) (salesforce.Fields, []Warning, error) {
	return nil, nil, nil
}

func newSchemaSyncer(client Client, cfg Config) *Syncer {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Mapper == nil {
		cfg.Mapper = objectMapper{}
	}
	set := cfg.mappingSet()
	return &Syncer{client: client, cfg: cfg, set: set, sessions: newSessions(client, set, cfg.FallbackOwner, cfg.Now)}
}

func TestSessionReadsTheOrgInOneCall(t *testing.T) {
	t.Parallel()
	org := newSchemaOrg()
	org.describes["Visit__c"] = writable("Visit__c", "Booth__c")
	org.rows["AssignmentRule"] = []salesforce.Fields{{"Name": "By region", "SobjectType": "Lead"}}
	org.rows["DuplicateRule"] = []salesforce.Fields{{"MasterLabel": "Same e-mail", "SobjectType": "Contact"}}
	s := newSchemaSyncer(org, Config{
		Mapper:    objectMapper{"Visit__c": {"Booth__c"}, "lead": {"Email"}},
		Campaigns: []CampaignLink{{CampaignID: testCampaignID}, {CampaignID: testCampaignID[:15]}, {CampaignID: "701000000000009AAA", Archived: true}},
	})
	got, err := s.sessions.session(t.Context())
	require.NoError(t, err)
	require.Len(t, org.calls, 1)
	require.Len(t, org.calls[0], 6+3+2+3)
	require.LessOrEqual(t, got.reads, compositeReads)

	require.Equal(t, testOrgID, got.org)
	require.Equal(t, "Acme", got.orgName)
	require.True(t, got.sandbox)
	require.Equal(t, "sync@acme.example", got.username)
	require.True(t, got.apiEnabled)
	require.False(t, got.inactive)
	require.Equal(t, salesforce.Object("Visit__c"), got.describe("visit__C").Name)
	require.Nil(t, got.describe("Opportunity"))
	require.Equal(t, &campaignInfo{testCampaignID, "Expo", true, true, []memberStatus{{"Sent", true, 3}, {"Responded", false, 20}}}, got.campaign(testCampaignID[:15]))
	require.Nil(t, got.campaign("701000000000009AAA"))
	require.Equal(t, []leadStatus{{"Open", true, false}}, got.leadStatuses)
	require.Equal(t, []orgRule{{"By region", "Lead"}}, got.assignmentRules)
	require.Equal(t, []orgRule{{"Same e-mail", "Contact"}}, got.duplicateRules)
	require.Empty(t, got.unread)
}

func TestSessionLeavesOutWhatItCannotKnow(t *testing.T) {
	t.Parallel()
	org := newSchemaOrg()
	s := newSchemaSyncer(struct{ Client }{org}, Config{}) // no Identifier
	got, err := s.sessions.session(t.Context())
	require.NoError(t, err)
	require.Empty(t, got.user)
	require.Len(t, org.calls[0], 4+3, "no user, no org, no campaign")
}

func TestSessionGoesOnWithoutHiddenObjects(t *testing.T) {
	t.Parallel()
	hidden := &salesforce.Error{HTTPStatus: 400, Code: "INVALID_TYPE"}
	org := newSchemaOrg()
	org.describes["Contact"] = nil
	for _, o := range []salesforce.Object{"DuplicateRule", "AssignmentRule", "PermissionSetAssignment", "LeadStatus", "CampaignMemberStatus", "Task"} {
		org.failures[o] = hidden
	}
	org.failures["Organization"] = &salesforce.Error{HTTPStatus: 403, Code: "INSUFFICIENT_ACCESS"}
	s := newSchemaSyncer(org, Config{Campaigns: []CampaignLink{{CampaignID: testCampaignID}, {CampaignID: "701000000000002AAA"}, {CampaignID: "gone"}}})
	got, err := s.sessions.session(t.Context())
	require.NoError(t, err)
	require.Nil(t, got.describe("Contact"))
	require.Nil(t, got.describe("Task"))
	require.NotNil(t, got.describe("Lead"))
	require.ErrorIs(t, got.unread["DuplicateRule"], MissingRemoteField)
	require.ErrorIs(t, got.unread["Organization"], ConnectionPermission)
	require.True(t, got.campaign(testCampaignID).exists)
	require.False(t, got.campaign("701000000000002AAA").exists)
	require.False(t, got.campaign("gone").exists)
}

func TestSessionFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		arrange func(*schemaOrg)
		want    Code
	}{
		"token refused": {func(o *schemaOrg) { o.identityErr = &salesforce.Error{HTTPStatus: 401, Code: "INVALID_SESSION_ID"} }, Authentication},
		"session ended": {func(o *schemaOrg) {
			o.failures["Lead"] = &salesforce.Error{HTTPStatus: 401, Code: "INVALID_SESSION_ID"}
		}, Authentication},
		"api closed": {func(o *schemaOrg) {
			o.failures["User"] = &salesforce.Error{HTTPStatus: 403, Code: "API_CURRENTLY_DISABLED"}
		}, ConnectionPermission},
		"calls spent": {func(o *schemaOrg) {
			o.failures["LeadStatus"] = &salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED"}
		}, RateLimit},
		"outage":             {func(o *schemaOrg) { o.failures["DuplicateRule"] = &salesforce.Error{HTTPStatus: 503} }, RemoteUnavailable},
		"halted":             {func(o *schemaOrg) { o.failures["Task"] = &salesforce.Error{Code: "PROCESSING_HALTED"} }, BatchCollateral},
		"describe not known": {func(o *schemaOrg) { o.failures["Lead"] = &salesforce.Error{HTTPStatus: 400, Code: "NOVELTY"} }, Unknown},
		"malformed read":     {func(o *schemaOrg) { o.err = errors.New("read 3: malformed") }, Unknown},
		"client's network":   {func(o *schemaOrg) { o.err = context.DeadlineExceeded }, RemoteUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newSchemaOrg()
			tc.arrange(org)
			s := newSchemaSyncer(org, Config{})
			_, err := s.sessions.session(t.Context())
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.want, e.Code)
			require.Equal(t, "session", e.Op)
			require.Nil(t, s.sessions.current(), "a session that failed is not kept")
		})
	}
}

func TestSessionRefusesAnotherOrg(t *testing.T) {
	t.Parallel()
	org := newSchemaOrg()
	s := newSchemaSyncer(org, Config{})
	_, err := s.sessions.session(t.Context())
	require.NoError(t, err)

	org.org = testOrgID[:15]
	_, err = s.sessions.refresh(t.Context())
	require.NoError(t, err, "the short form is the same org")

	org.org = "00D000000000002EAA"
	_, err = s.sessions.refresh(t.Context())
	require.ErrorIs(t, err, Authentication)
}

func TestSessionIsReadAgainWhenOld(t *testing.T) {
	t.Parallel()
	org := newSchemaOrg()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	s := newSchemaSyncer(org, Config{Now: func() time.Time { return now }})
	first, err := s.sessions.session(t.Context())
	require.NoError(t, err)
	now = now.Add(sessionAge - time.Second)
	again, err := s.sessions.session(t.Context())
	require.NoError(t, err)
	require.Same(t, first, again)
	require.Len(t, org.calls, 1)

	lead := writable("Lead", "LastName", "Company", "Phone")
	lead.Fields[1].Type = salesforce.TypePicklist
	lead.LastModified = "v2"
	org.describes["Lead"] = lead
	now = now.Add(time.Second)
	later, err := s.sessions.session(t.Context())
	require.NoError(t, err)
	require.Len(t, org.calls, 2)
	require.Equal(t, salesforce.Read{Kind: salesforce.ReadDescribe, Object: "Lead", Since: "v1 Lead", ETag: `"e1"`}, org.calls[1][0])
	require.Same(t, first.describe("Contact"), later.describe("Contact"), "not modified")
	require.Same(t, lead, later.describe("Lead"))
}

func TestSessionIsReadOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := newSchemaOrg()
		org.wait = make(chan struct{})
		s := newSchemaSyncer(org, Config{})
		ctx, cancel := context.WithCancel(t.Context())
		errs := make([]error, 10)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				caller := t.Context()
				if i == 0 {
					caller = ctx
				}
				_, errs[i] = s.sessions.session(caller)
			})
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(org.wait)
		group.Wait()
		require.Equal(t, context.Canceled, errs[0], "the bare error of the caller's context")
		for _, err := range errs[1:] {
			require.NoError(t, err, "one caller's cancel is not the others'")
		}
		require.Len(t, org.calls, 1)

		_, err := s.sessions.refresh(ctx)
		require.Equal(t, context.Canceled, err)
		require.Len(t, org.calls, 1)
	})
}

func TestKeyFieldIsUsedOnlyWhenItIsUnique(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		ids    map[salesforce.Object]string
		change func(*salesforce.Field)
		want   string
	}{
		"as it should be":        {nil, func(*salesforce.Field) {}, "LeadsyncKey__c"},
		"not unique":             {nil, func(f *salesforce.Field) { f.Unique = false }, ""},
		"not an external id":     {nil, func(f *salesforce.Field) { f.ExternalID = false }, ""},
		"not writable":           {nil, func(f *salesforce.Field) { f.Createable = false }, ""},
		"of another name":        {nil, func(f *salesforce.Field) { f.Name = "Key__c" }, ""},
		"named":                  {map[salesforce.Object]string{"lead": "key__c"}, func(f *salesforce.Field) { f.Name = "Key__c" }, "Key__c"},
		"named and not unique":   {map[salesforce.Object]string{"Lead": "Key__c"}, func(f *salesforce.Field) { f.Name, f.Unique = "Key__c", false }, ""},
		"switched off":           {map[salesforce.Object]string{}, func(*salesforce.Field) {}, ""},
		"named for other object": {map[salesforce.Object]string{"Task": "LeadsyncKey__c"}, func(*salesforce.Field) {}, ""},
	} {
		org := newSchemaOrg()
		field := org.field("Lead", keyFieldName)
		field.ExternalID, field.Unique = true, true
		tc.change(field)
		s := newSchemaSyncer(org, Config{ExternalIDs: tc.ids})
		got, err := s.sessions.session(t.Context())
		require.NoError(t, err)
		require.Equal(t, tc.want, got.keyField(s.set, "Lead"), name)
		require.Empty(t, got.keyField(s.set, "Visit__c"), name)
	}
}

func TestSchemaNamesTheUserInValidationErrors(t *testing.T) {
	t.Parallel()
	s := &session{username: "sync@acme.example"}
	require.Nil(t, s.classify("create", "Lead", nil))
	require.Equal(t, "sync@acme.example", s.classify("create", "Lead", &salesforce.Error{Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION"}).User)
	require.Empty(t, s.classify("create", "Lead", &salesforce.Error{Code: "STRING_TOO_LONG"}).User)
}
