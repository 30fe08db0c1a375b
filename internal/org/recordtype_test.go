// SPDX-License-Identifier: Apache-2.0

package org

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

const fairType salesforce.ID = "012000000000001AAA"

// A typedOrg has a record type of Lead that offers some of the tiers, which its describe
// does not show.
type typedOrg struct {
	*orgtest.Org
	offered []string
	asked   int
}

func newTypedOrg() *typedOrg {
	org := &typedOrg{Org: orgtest.New(), offered: []string{"Gold"}}
	describe := orgtest.Writable("Lead", "Tier__c")
	describe.RecordTypes = []salesforce.RecordType{{ID: fairType, Active: true, Available: true}}
	tier, _ := describe.Field("Tier__c")
	tier.Type, tier.RestrictedPicklist = salesforce.TypePicklist, true
	tier.PicklistValues = []salesforce.PicklistValue{{Value: "Gold", Active: true}, {Value: "Tin", Active: true}}
	org.Describes["Lead"] = describe
	return org
}

func (o *typedOrg) Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	if reads[0].Kind != salesforce.ReadRecordTypes {
		return o.Org.Read(ctx, reads...)
	}
	o.asked++
	return []salesforce.ReadResult{{RecordTypes: map[salesforce.ID]salesforce.Picklists{
		fairType: {"Tier__c": o.offered}}}}, nil
}

// A push after a repair sees what a record type offers now, though the describe is the same;
// an hourly reading does not ask for it.
func TestAPushSeesWhatARecordTypeOffersNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := newTypedOrg()
		s := sessionsOf(org, mapping.Config{Mapper: objectMapper{"Lead": {"Tier__c"}}})
		offers := func() bool {
			session, err := s.Session(t.Context())
			require.NoError(t, err)
			field, _ := session.RecordTypes["lead"][fairType].Field("Tier__c")
			return field.PicklistValues[1].Active
		}
		require.False(t, offers())
		org.offered = []string{"Gold", "Tin"}
		time.Sleep(2 * time.Hour)
		require.False(t, offers(), "the describe is the same")
		require.Equal(t, 1, org.asked)
		s.Expire()
		require.True(t, offers())
		require.Equal(t, 2, org.asked)
		time.Sleep(2 * time.Hour)
		require.True(t, offers())
		require.Equal(t, 2, org.asked, "once")
	})
}
