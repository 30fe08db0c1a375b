// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

func errorAs(err error, target **salesforce.Error) bool { return errors.As(err, target) }

func TestWriteRefusesAMalformedWrite(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	id := testID("00Q", 1)
	fields := func(f salesforce.Fields) salesforce.Write { return create("Lead", f) }
	for name, test := range map[string]struct {
		write salesforce.Write
		want  string
	}{
		"operation":          {salesforce.Write{Op: 9, Object: "Lead"}, "unknown operation"},
		"negative operation": {salesforce.Write{Op: -1, Object: "Lead"}, "unknown operation"},
		"no object":          {create("", nil), "object name"},
		"object":             {create("Lead/x", nil), `"Lead/x"`},
		"update without id":  {salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead"}, "record id"},
		"delete without id":  {salesforce.Write{Op: salesforce.OpDelete, Object: "Lead"}, "record id"},
		"malformed id":       {salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: secret}, "record id"},
		"id on a create": {
			salesforce.Write{Op: salesforce.OpCreate, Object: "Lead", ID: id}, "create takes no record id",
		},
		"id on an upsert": {
			salesforce.Write{Op: salesforce.OpUpsert, Object: "Lead", ID: id, Key: upsert.Key}, "upsert takes no record id",
		},
		"key on a create": {salesforce.Write{Object: "Lead", Key: upsert.Key}, "create takes no key"},
		"no key field": {
			salesforce.Write{Op: salesforce.OpUpsert, Object: "Lead", Key: salesforce.ExternalKey{Value: secret}}, "key field",
		},
		"no key": {
			salesforce.Write{Op: salesforce.OpUpsert, Object: "Lead", Key: salesforce.ExternalKey{Field: "Key__c"}},
			"field Key__c: missing key",
		},
		"key of bad text": {
			salesforce.Write{
				Op: salesforce.OpUpsert, Object: "Lead", Key: salesforce.ExternalKey{Field: "Key__c", Value: secret + "\xff"},
			},
			"field Key__c: text is not valid UTF-8",
		},
		"key in a path": {
			salesforce.Write{
				Op: salesforce.OpUpsert, Object: "Lead", Key: salesforce.ExternalKey{Field: "Key__c", Value: ".."}, Alone: true,
			},
			"field Key__c: key is not allowed in a path",
		},
		"key among the fields": {
			salesforce.Write{
				Op: salesforce.OpUpsert, Object: "Lead", Key: upsert.Key, Fields: salesforce.Fields{"key__C": secret},
			},
			"field key__C: reserved",
		},
		"update only, updated": {
			salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: id, UpdateOnly: true}, "update takes no UpdateOnly",
		},
		"update only, made": {salesforce.Write{Object: "Lead", UpdateOnly: true}, "create takes no UpdateOnly"},
		"update only in a path": {
			salesforce.Write{
				Op: salesforce.OpUpsert, Object: "Lead", Key: salesforce.ExternalKey{Field: "Key__c", Value: "."},
				UpdateOnly: true,
			},
			"field Key__c: key is not allowed in a path",
		},
		"fields on a delete": {
			salesforce.Write{Op: salesforce.OpDelete, Object: "Lead", ID: id, Fields: salesforce.Fields{"A": secret}},
			"delete takes no fields",
		},
		"refs on a delete": {
			salesforce.Write{Op: salesforce.OpDelete, Object: "Lead", ID: id, Refs: []salesforce.Ref{ref("A", 0)}},
			"delete takes no fields",
		},
		"field name":         {fields(salesforce.Fields{"Na.me": secret}), `"Na.me"`},
		"empty field name":   {fields(salesforce.Fields{"": secret}), "malformed field name"},
		"id field":           {fields(salesforce.Fields{"ID": secret}), "field ID: reserved"},
		"attributes":         {fields(salesforce.Fields{"attributes": secret}), "field attributes: reserved"},
		"field in two cases": {fields(salesforce.Fields{"Email": secret, "eMail": secret}), "given twice"},
		"text":               {fields(salesforce.Fields{"Name": secret + "\xff"}), "field Name: text is not valid UTF-8"},
		"id of bad text":     {fields(salesforce.Fields{"OwnerId": salesforce.ID(secret + "\xff")}), "field OwnerId"},
		"not a number":       {fields(salesforce.Fields{"N": math.NaN()}), "field N: not a number"},
		"infinity":           {fields(salesforce.Fields{"N": math.Inf(-1)}), "field N: not a number"},
		"json number":        {fields(salesforce.Fields{"N": json.Number(secret)}), "field N: malformed number"},
		"empty json number":  {fields(salesforce.Fields{"N": json.Number("")}), "field N: malformed number"},
		"type":               {fields(salesforce.Fields{"Name": []string{secret}}), "field Name: unsupported type []string"},
		"reference, no key": {
			fields(salesforce.Fields{"Region__r": salesforce.ExternalKey{Field: "Code__c"}}),
			"field Region__r: field Code__c: missing key",
		},
		"reference, no field": {
			fields(salesforce.Fields{"Region__r": salesforce.ExternalKey{Value: secret}}),
			"field Region__r: missing or malformed key field",
		},
		"reference, bad text": {
			fields(salesforce.Fields{"Region__r": salesforce.ExternalKey{Field: "Code__c", Value: secret + "\xff"}}),
			"field Region__r: text is not valid UTF-8",
		},
		"ref to itself":     {create("Lead", nil, ref("A__c", 1)), "field A__c: refers to write 1"},
		"ref ahead":         {create("Lead", nil, ref("A__c", 7)), "field A__c: refers to write 7"},
		"ref below":         {create("Lead", nil, ref("A__c", -1)), "field A__c: refers to write -1"},
		"ref without field": {create("Lead", nil, ref("", 0)), "malformed field name"},
		"ref to a field": {
			create("Lead", salesforce.Fields{"a__C": secret}, ref("A__c", 0)), "field A__c: reserved, or given twice",
		},
		"two refs of a field": {
			create("Lead", nil, ref("A__c", 0), ref("A__c", 0)), "field A__c: reserved, or given twice",
		},
		"ref to the key": {
			salesforce.Write{Op: salesforce.OpUpsert, Object: "Lead", Key: upsert.Key, Refs: []salesforce.Ref{ref("Key__c", 0)}},
			"field Key__c: reserved",
		},
		"unique field of none": {
			salesforce.Write{Object: "Lead", UniqueField: "Key__c"}, "field Key__c: unique field without a value",
		},
		"empty unique field": {
			salesforce.Write{Object: "Lead", UniqueField: "Key__c", Fields: salesforce.Fields{"Key__c": ""}},
			"field Key__c: unique field without a value",
		},
		"null unique field": {
			salesforce.Write{Object: "Lead", UniqueField: "Key__c", Fields: salesforce.Fields{"Key__c": nil}},
			"field Key__c: unique field without a value",
		},
		"unique field, updated": {
			salesforce.Write{
				Op: salesforce.OpUpdate, Object: "Lead", ID: id, UniqueField: "Key__c",
				Fields: salesforce.Fields{"Key__c": "k"},
			},
			"update takes no unique field",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			results, err := org.client(salesforce.Config{}).Write(t.Context(), unkeyed, test.write)
			require.ErrorContains(t, err, "write 1: ")
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), secret)
			require.Nil(t, results)
			require.Zero(t, org.callCount())
		})
	}
}
