// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// A meter knows what the last reply said of the org's calls.
type meter struct {
	Client
	usage salesforce.Usage
}

func (m *meter) Usage() salesforce.Usage { return m.usage }

func TestBudgetIsNotKnownBeforeTheFirstReply(t *testing.T) {
	t.Parallel()
	client := &meter{}
	s, err := New(client, nil)
	require.NoError(t, err)
	require.Nil(t, s.overBudget())
	client.usage = salesforce.Usage{Used: 89, Limit: 100}
	require.Nil(t, s.overBudget())
	client.usage.Used = 90
	require.EqualError(t, s.overBudget(), "leadsync: run: RATE_LIMIT: the calls that Config.APIBudget allows are spent")
	h, err := s.Health(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int64{90, 100}, []int64{h.Used, h.Limit})
}
