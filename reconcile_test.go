// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
)

func TestTeeReachesEverySink(t *testing.T) {
	t.Parallel()
	calls := 0
	down := errors.New("down")
	ok := leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
		require.Len(t, outcomes, 1)
		calls++
		return nil
	})
	bad := leadsync.SinkFunc(func(context.Context, []*leadsync.Outcome) error { return down })
	err := leadsync.Tee(bad, nil, ok, ok).Record(t.Context(), []*leadsync.Outcome{{}})
	require.ErrorIs(t, err, down)
	require.Equal(t, 2, calls)
	require.NoError(t, leadsync.Tee().Record(t.Context(), nil))
}
