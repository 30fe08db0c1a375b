// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// probingBy is a host's strategy with one probe, or none.
type probingBy struct {
	field string
	value func(*leadsync.Lead) string
}

func (probingBy) Name() string                        { return "probing-by" }
func (probingBy) NoHit(*leadsync.Lead) leadtype.NoHit { return leadtype.NoHit{Person: "Lead"} }
func (p probingBy) Probes(l *leadsync.Lead) []leadtype.Probe {
	if p.field == "" {
		return nil
	}
	return []leadtype.Probe{{Object: "Lead", Field: p.field, Value: p.value(l)}}
}

// A lead whose record is known is not created again because the strategy does not look for ids,
// and finds nothing.
func TestStrategyThatFindsNothingKeepsTheRecordOfTheLead(t *testing.T) {
	t.Parallel()
	email := func(l *leadsync.Lead) string { return l.Email }
	for name, strategy := range map[string]probingBy{
		"no probe": {}, "blank": {"Fax", func(*leadsync.Lead) string { return "" }}, "by e-mail": {"Email", email},
	} {
		for _, stored := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s stored %t", name, stored), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: strategy})
				lead := scenario.Ada()
				put := func() {
					if !stored {
						scenario.SyncOne(t, syncer, lead)
						return
					}
					_, err := syncer.Capture(t.Context(), lead)
					require.NoError(t, err)
					require.NoError(t, syncer.Drain(t.Context()))
				}
				put()
				record := org.Rows("Lead")[0]["Id"].(string)
				org.Update("Lead", record, map[string]any{"Email": "ada@automation.example"}) // as a flow may
				lead.JobTitle = "Countess"
				put()
				require.Equal(t, 1, org.Count("Lead"))
				require.Equal(t, "Countess", org.Row("Lead", record)["Title"])
				require.Equal(t, "ada@automation.example", org.Row("Lead", record)["Email"])
			})
		}
	}
}

// A nilMapper and a nilClient return errors that are nil pointers, as Go code does by mistake.
type nilMapper struct{ leadsync.Mapper }

func (m nilMapper) Map(lead *leadsync.Lead, target mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	fields, warnings, err := m.Mapper.Map(lead, target)
	if err != nil {
		return nil, warnings, err
	}
	var none *leadsync.Error
	return fields, warnings, none
}

type nilClient struct{ leadsync.Client }

func (c nilClient) Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	results, err := c.Client.Read(ctx, reads...)
	for i := range results {
		results[i].Err = nilPointer(results[i].Err)
	}
	return results, nilPointer(err)
}

func (c nilClient) Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	results, err := c.Client.Write(ctx, writes...)
	for i := range results {
		results[i].Err = nilPointer(results[i].Err)
	}
	return results, nilPointer(err)
}

// nilPointer returns a nil *salesforce.Error in place of no error.
func nilPointer(err error) error {
	if err == nil {
		err = (*salesforce.Error)(nil)
	}
	return err
}

func TestErrorThatIsANilPointerIsNone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer, err := leadsync.New(nilClient{scenario.ClientOf(t, org)},
		&leadsync.Config{Mapper: nilMapper{leadsync.DefaultMapping()}})
	require.NoError(t, err)
	out := scenario.SyncOne(t, syncer, scenario.Ada())
	require.Equal(t, leadsync.Created, out.Action)
	require.Equal(t, 1, org.Count("Lead"))
}
