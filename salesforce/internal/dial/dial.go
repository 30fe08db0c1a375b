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
	"strings"
	"syscall"
	"time"
)

// UserAgent is the User-Agent header of all requests.
const UserAgent = "leadsync/1"

// ErrPrivateAddress is the error of a guarded transport that would connect to an
// address that is not public.
var ErrPrivateAddress = errors.New("address is loopback, private or link-local, and AllowPrivate is not set")

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
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return ErrPrivateAddress
	}
	return nil
}

// WithoutURL drops the address that net/http puts into its errors.
func WithoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
