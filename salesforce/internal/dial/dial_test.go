// SPDX-License-Identifier: Apache-2.0

package dial

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// No name under salesforce.com resolves to a test's own server, so these tests are
// inside the package.

func TestTransportRefusesPrivateAddresses(t *testing.T) {
	t.Parallel()
	for address, refused := range map[string]bool{
		"127.0.0.1:443":          true,
		"[::1]:443":              true,
		"[::ffff:127.0.0.1]:443": true,
		"10.1.2.3:443":           true,
		"192.168.0.1:443":        true,
		"172.16.0.1:443":         true,
		"169.254.169.254:443":    true,
		"[fe80::1]:443":          true,
		"[fc00::1]:443":          true,
		"0.0.0.0:443":            true,
		"224.0.0.1:443":          true,
		"no address":             true,
		"136.146.1.1:443":        false,
		"[2a02:1234::1]:443":     false,
	} {
		require.Equal(t, refused, refusePrivate("tcp", address, nil) != nil, address)
	}
}

func TestTransportGuardsItsOriginAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		origin  string
		guard   bool
		refused bool
	}{
		"origin":   {"https://localhost", true, true},
		"a proxy":  {"https://example.my.salesforce.com", true, false},
		"no guard": {"https://localhost", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Nothing needs to listen: a guard refuses before the connection is tried.
			_, err := NewTransport(test.origin, test.guard).DialContext(t.Context(), "tcp", "localhost:443")
			require.Equal(t, test.refused, errors.Is(err, ErrPrivateAddress))
		})
	}
}
