// SPDX-License-Identifier: Apache-2.0

package org

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

const otherOrg salesforce.ID = "00D000000000002EAA"

// boundTo returns sessions whose connection belongs to an org, and how often that was asked.
func boundTo(client Reader, org salesforce.ID) (*Sessions, *int) {
	s, asked := sessionsOf(client, mapping.Config{}), 0
	s.Bind = func(context.Context, salesforce.ID) (salesforce.ID, error) {
		asked++
		return org, nil
	}
	return s, &asked
}

func TestBelongsAsksNowAndThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, asked := boundTo(orgtest.New(), orgtest.OrgID)
		for range 100 {
			require.NoError(t, s.Belongs(t.Context()))
		}
		require.Equal(t, 1, *asked)
		time.Sleep(nameAgain)
		require.NoError(t, s.Belongs(t.Context()))
		require.Equal(t, 2, *asked)

		s, asked = boundTo(orgtest.New(), otherOrg)
		for range 3 {
			require.ErrorIs(t, s.Belongs(t.Context()), leadtype.Authentication)
		}
		require.Equal(t, 3, *asked, "it may be bound to this org at any time")
	})
}

// A client that does not name its org keeps a capture waiting once in a while, and not for
// long.
func TestBelongsDoesNotWaitForAClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := &slowClient{Org: orgtest.New(), wait: make(chan struct{})}
		s, _ := boundTo(client, otherOrg)
		start := time.Now()
		for range 10 {
			require.NoError(t, s.Belongs(t.Context()))
		}
		require.Equal(t, nameWait, time.Since(start))
		close(client.wait)
		synctest.Wait()
		require.ErrorIs(t, s.Belongs(t.Context()), leadtype.Authentication, "now it is known")
	})
}

type slowClient struct {
	*orgtest.Org
	wait chan struct{}
}

func (c *slowClient) Identity(ctx context.Context) (org, user salesforce.ID, err error) {
	<-c.wait
	return c.Org.Identity(ctx)
}

func TestBelongsAcceptsWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	broken := orgtest.New()
	broken.IdentityErr = errors.New("no token")
	for _, client := range []Reader{broken, struct{ Reader }{orgtest.New()}} {
		s, asked := boundTo(client, otherOrg)
		require.NoError(t, s.Belongs(t.Context()))
		require.NoError(t, s.Belongs(t.Context()))
		require.Zero(t, *asked)
	}
	failing, _ := boundTo(orgtest.New(), "")
	failing.Bind = func(context.Context, salesforce.ID) (salesforce.ID, error) { return "", errors.New("no file") }
	require.ErrorContains(t, failing.Belongs(t.Context()), "no file")
}
