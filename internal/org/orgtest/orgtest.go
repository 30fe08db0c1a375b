// SPDX-License-Identifier: Apache-2.0

// Package orgtest is a small org for tests of what is read of one: it answers
// describes, records and queries from maps.
package orgtest

import (
	"context"
	"strings"
	"sync"

	"github.com/leadsync/leadsync/salesforce"
)

// The ids in an Org that New returns.
const (
	OrgID      salesforce.ID = "00D000000000001EAA"
	UserID     salesforce.ID = "005000000000001AAA"
	CampaignID salesforce.ID = "701000000000001AAA"
)

// An Org answers the reads of a session. Its fields may be changed between calls.
type Org struct {
	ID, User    salesforce.ID // what Identity returns, or
	IdentityErr error
	Describes   map[salesforce.Object]*salesforce.Describe
	Records     map[salesforce.ID]salesforce.Fields
	Rows        map[salesforce.Object][]salesforce.Fields // by the object queried
	Failures    map[salesforce.Object]error               // of any read of the object
	Limits      map[string]salesforce.Limit               // what is left of them
	Err         error                                     // of the call
	Wait        chan struct{}                             // closed to let Read answer; nil does not wait

	mu    sync.Mutex
	calls [][]salesforce.Read
}

// New returns an org in which nothing is wrong.
func New() *Org {
	return &Org{
		ID: OrgID, User: UserID,
		Describes: map[salesforce.Object]*salesforce.Describe{
			"Lead":           Writable("Lead", "LastName", "Company", "Email"),
			"Contact":        Writable("Contact", "LastName", "Email"),
			"Account":        Writable("Account", "Name", "Website"),
			"Task":           Writable("Task", "Subject", "Description"),
			"CampaignMember": Writable("CampaignMember", "Status"),
		},
		Records: map[salesforce.ID]salesforce.Fields{
			OrgID:      {"Name": "Acme", "IsSandbox": true},
			UserID:     {"Username": "sync@acme.example", "IsActive": true},
			CampaignID: {"Name": "Expo", "IsActive": true},
		},
		Rows: map[salesforce.Object][]salesforce.Fields{
			"PermissionSetAssignment": {{"PermissionSet": &salesforce.Record{
				Fields: salesforce.Fields{"PermissionsApiEnabled": true, "PermissionsViewAllData": false}}}},
			"CampaignMemberStatus": {
				{"CampaignId": string(CampaignID), "Label": "Responded", "IsDefault": false, "SortOrder": int64(20)},
				{"CampaignId": string(CampaignID), "Label": "Sent", "IsDefault": true, "SortOrder": int64(3)},
			},
			"LeadStatus": {{"ApiName": "Open", "IsConverted": false}},
			"TaskStatus": {{"ApiName": "Completed", "IsClosed": true, "SortOrder": 2},
				{"ApiName": "Open", "IsClosed": false, "SortOrder": 1}},
		},
		Failures: make(map[salesforce.Object]error),
	}
}

// Writable is the describe of an object whose fields may be written.
func Writable(name salesforce.Object, fields ...string) *salesforce.Describe {
	d := &salesforce.Describe{Name: name, Createable: true, Updateable: true, Queryable: true,
		LastModified: "v1 " + string(name), ETag: `"e1"`}
	for _, f := range fields {
		d.Fields = append(d.Fields, text(f))
	}
	return d
}

func text(name string) salesforce.Field {
	return salesforce.Field{Name: name, Type: salesforce.TypeString, Length: 255, Createable: true, Updateable: true,
		Nillable: true, Filterable: true}
}

// Field returns a field of an object's describe, which it adds as a text where there
// is none, to be changed by a test.
func (o *Org) Field(object salesforce.Object, name string) *salesforce.Field {
	d := o.Describes[object]
	f, ok := d.Field(name)
	if !ok {
		d.Fields = append(d.Fields, text(name))
		f = &d.Fields[len(d.Fields)-1]
	}
	return f
}

// Calls returns the calls of Read so far.
func (o *Org) Calls() [][]salesforce.Read {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calls
}

// Identity returns the org and its user.
func (o *Org) Identity(context.Context) (org, user salesforce.ID, err error) {
	return o.ID, o.User, o.IdentityErr
}

// Read answers reads.
func (o *Org) Read(_ context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	o.mu.Lock()
	o.calls = append(o.calls, reads)
	o.mu.Unlock()
	if o.Wait != nil {
		<-o.Wait
	}
	if o.Err != nil {
		return nil, o.Err
	}
	results := make([]salesforce.ReadResult, len(reads))
	for i, r := range reads {
		results[i] = o.answer(r)
	}
	return results, nil
}

// Write panics: the tests of this Org write nothing.
func (o *Org) Write(context.Context, ...salesforce.Write) ([]salesforce.WriteResult, error) {
	panic("orgtest: an Org takes no writes")
}

func (o *Org) answer(r salesforce.Read) salesforce.ReadResult {
	object := r.Object
	if r.Kind == salesforce.ReadLimits {
		object = "limits"
	}
	if r.Kind == salesforce.ReadQuery || r.Kind == salesforce.ReadTooling {
		_, rest, _ := strings.Cut(r.Query.String(), " FROM ")
		from, _, _ := strings.Cut(rest, " ")
		object = salesforce.Object(from)
	}
	if err := o.Failures[object]; err != nil {
		return salesforce.ReadResult{Err: err}
	}
	switch r.Kind {
	case salesforce.ReadLimits:
		return salesforce.ReadResult{Limits: o.Limits}
	case salesforce.ReadDescribe:
		return o.describe(object, r.Since)
	case salesforce.ReadRecord:
		fields := o.Records[r.ID]
		if fields == nil {
			return salesforce.ReadResult{Err: &salesforce.Error{HTTPStatus: 404, Code: "NOT_FOUND"}}
		}
		return salesforce.ReadResult{Records: []salesforce.Record{{Object: object, ID: r.ID, Fields: fields}}}
	}
	var result salesforce.ReadResult
	for _, fields := range o.Rows[object] {
		result.Records = append(result.Records, salesforce.Record{Object: object, Fields: fields})
	}
	return result
}

func (o *Org) describe(object salesforce.Object, since string) salesforce.ReadResult {
	d := o.Describes[object]
	switch {
	case d == nil:
		return salesforce.ReadResult{Err: &salesforce.Error{HTTPStatus: 404, Code: "NOT_FOUND"}}
	case since != "" && since == d.LastModified:
		return salesforce.ReadResult{NotModified: true}
	}
	return salesforce.ReadResult{Describe: d}
}

// PicklistOf returns active options with the given values.
func PicklistOf(values ...string) []salesforce.PicklistValue {
	options := make([]salesforce.PicklistValue, len(values))
	for i, value := range values {
		options[i] = salesforce.PicklistValue{Value: value, Active: true}
	}
	return options
}
