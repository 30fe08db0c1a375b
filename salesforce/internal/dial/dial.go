// SPDX-License-Identifier: Apache-2.0

// Package dial checks the addresses of Salesforce and connects to them.
package dial

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// UserAgent is the User-Agent header of all requests.
const UserAgent = "leadsync/1"

// ErrPrivateAddress is the error of a guarded transport that would connect to an
// address that is not public.
var ErrPrivateAddress = errors.New("address is not public, and AllowPrivate is not set")

// barred are the networks that are not public although Go calls their addresses global
// (IANA special-purpose address registries). Those that carry an IPv4 address within an
// IPv6 one may lead to any IPv4 address, private ones too.
var barred = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by the customers of a carrier or a cloud
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
	netip.MustParsePrefix("::/96"),           // IPv4-compatible
	netip.MustParsePrefix("::ffff:0:0:0/96"), // IPv4-translated
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64
	netip.MustParsePrefix("64:ff9b:1::/48"),  // NAT64 of a site's own
	netip.MustParsePrefix("2001::/32"),       // Teredo
	netip.MustParsePrefix("2002::/16"),       // 6to4
	netip.MustParsePrefix("fec0::/10"),       // site-local
}

// NewTransport returns the transport for origin. A guarded one connects to origin,
// an https address without a port, at public addresses only, whatever DNS says. Any
// other address is that of a proxy, which whoever configured it answers for.
func NewTransport(origin string, guard bool) *http.Transport {
	open := &net.Dialer{Timeout: 30 * time.Second}
	// Not a copy of http.DefaultTransport, which the host may have replaced.
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         open.DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}
	if !guard {
		return transport
	}
	guarded := &net.Dialer{Timeout: 30 * time.Second, Control: refusePrivate}
	target := strings.TrimPrefix(origin, "https://") + ":443"
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == target {
			return guarded.DialContext(ctx, network, address)
		}
		return open.DialContext(ctx, network, address)
	}
	return transport
}

// refusePrivate is a net.Dialer.Control: it sees the address after DNS.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !isPublic(at.Addr()) {
		return ErrPrivateAddress
	}
	return nil
}

func isPublic(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap() // no prefix contains an address with a zone
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(barred, func(network netip.Prefix) bool { return network.Contains(ip) })
}

// WithoutURL drops the address that net/http puts into its errors.
func WithoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
