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
		"255.255.255.255:443":    true,
		// Networks that are not public although Go calls their addresses global, at
		// both ends, and the addresses beside them.
		"0.1.2.3:443":                true,
		"0.255.255.255:443":          true,
		"1.0.0.0:443":                false,
		"100.63.255.255:443":         false,
		"100.64.0.0:443":             true,
		"100.127.255.255:443":        true,
		"100.128.0.0:443":            false,
		"192.0.0.8:443":              true,
		"192.0.1.0:443":              false,
		"198.17.255.255:443":         false,
		"198.18.0.0:443":             true,
		"198.19.255.255:443":         true,
		"198.20.0.0:443":             false,
		"240.0.0.1:443":              true,
		"[64:ff9b::]:443":            true,
		"[64:ff9b::10.1.2.3]:443":    true,
		"[64:ff9b::136.146.1.1]:443": true,
		"[64:ff9b::1:0:0]:443":       false,
		"[64:ff9b:1::10.1.2.3]:443":  true,
		"[2001::1]:443":              true,
		"[2001:1::1]:443":            false,
		"[2001:ffff::1]:443":         false,
		"[2002::]:443":               true,
		"[2002:7f00:1::]:443":        true,
		"[2002:ffff::1]:443":         true,
		"[2003::1]:443":              false,
		"[fec0::1]:443":              true,
		"[feff::1]:443":              true,
		"[fec0::1%eth0]:443":         true,
		"[2002:a01:203::%eth0]:443":  true,
		// IPv4 addresses within IPv6 ones: mapped, compatible and translated.
		"[::ffff:10.1.2.3]:443":        true,
		"[::ffff:100.64.0.1]:443":      true,
		"[::ffff:198.18.0.1]:443":      true,
		"[::ffff:0.1.2.3]:443":         true,
		"[::ffff:100.64.0.1%eth0]:443": true,
		"[::ffff:136.146.1.1]:443":     false,
		"[::127.0.0.1]:443":            true,
		"[::10.1.2.3]:443":             true,
		"[::100.64.0.1]:443":           true,
		"[::136.146.1.1]:443":          true,
		"[::ffff:0:127.0.0.1]:443":     true,
		"[::ffff:0:100.64.0.1]:443":    true,
		"no address":                   true,
		"136.146.1.1:443":              false,
		"[2a02:1234::1]:443":           false,
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
