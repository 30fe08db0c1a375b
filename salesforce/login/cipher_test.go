// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
)

const sealedOrg = salesforce.ID("00D000000000001EAA")

func newTokenCipher(t testing.TB, fill byte) *login.TokenCipher {
	c, err := login.NewTokenCipher(bytes.Repeat([]byte{fill}, 32))
	require.NoError(t, err)
	return c
}

var sealable = (&oauth2.Token{AccessToken: "00D000000000001!s3cret", RefreshToken: "5Aep_s3cret"}).
	WithExtra(
		map[string]any{
			"instance_url": instance,
			"id":           "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA",
		},
	)

func TestTokenCipherOpensWhatItSealed(t *testing.T) {
	t.Parallel()
	c := newTokenCipher(t, 1)
	sealed, err := c.Seal("00D000000000001", sealable)
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "s3cret")
	again, err := c.Seal(sealedOrg, sealable)
	require.NoError(t, err)
	require.NotEqual(t, sealed, again, "the nonce is not random")

	token, err := c.Open(sealedOrg, sealed)
	require.NoError(t, err)
	require.Equal(t, sealable.AccessToken, token.AccessToken)
	require.Equal(t, sealable.RefreshToken, token.RefreshToken)
	require.Equal(t, instance, login.InstanceURL(token))
	require.NoError(t, salesforce.CheckOrg(token, sealedOrg))
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", c, c, c), "1")
}

func TestTokenCipherRefusesWhatItDidNotSeal(t *testing.T) {
	t.Parallel()
	c := newTokenCipher(t, 1)
	sealed, err := c.Seal(sealedOrg, sealable)
	require.NoError(t, err)
	plain, err := json.Marshal(sealable)
	require.NoError(t, err)
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		_, err := c.Open(sealedOrg, changed)
		require.ErrorIs(t, err, login.ErrSealed, "byte %d", i)
	}
	for name, text := range map[string][]byte{
		"nothing": nil, "cut": sealed[:20], "version alone": sealed[:1], "in the clear": plain,
	} {
		_, err := c.Open(sealedOrg, text)
		require.ErrorIs(t, err, login.ErrSealed, name)
	}
	_, err = c.Open("00D000000000002", sealed)
	require.ErrorIs(t, err, login.ErrSealed, "another org's")
	_, err = newTokenCipher(t, 2).Open(sealedOrg, sealed)
	require.ErrorIs(t, err, login.ErrSealed, "another key")
}

func TestTokenCipherRefusesWhatItCannotSeal(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 16, 31, 33} {
		_, err := login.NewTokenCipher(make([]byte, size))
		require.ErrorContains(t, err, "not 32")
	}
	c := newTokenCipher(t, 1)
	_, err := c.Seal(sealedOrg, nil)
	require.ErrorContains(t, err, "no token")
	_, err = c.Seal(sealedOrg, new(oauth2.Token))
	require.ErrorContains(t, err, "no token")
	for _, org := range []salesforce.ID{"", "00Q000000000001", "00D"} {
		_, err = c.Seal(org, sealable)
		require.ErrorContains(t, err, "not the id of an org")
		_, err = c.Open(org, nil)
		require.ErrorContains(t, err, "not the id of an org")
	}
}

// FuzzTokenCipher changes a sealed token, and cuts it.
func FuzzTokenCipher(f *testing.F) {
	c := newTokenCipher(f, 1)
	sealed, err := c.Seal(sealedOrg, sealable)
	require.NoError(f, err)
	f.Add(uint(0), byte(0), uint(0))
	f.Add(uint(20), byte(1), uint(0))
	f.Add(uint(0), byte(0), uint(1))
	f.Fuzz(func(t *testing.T, at uint, change byte, cut uint) {
		text := bytes.Clone(sealed[:uint(len(sealed))-cut%uint(len(sealed))])
		text[at%uint(len(text))] ^= change
		token, err := c.Open(sealedOrg, text)
		require.Equal(t, bytes.Equal(text, sealed), err == nil)
		require.Equal(t, err == nil, token != nil)
	})
}
