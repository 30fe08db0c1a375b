package salesforce

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

var errPrivateAddress = errors.New("address is loopback, private or link-local, and AllowPrivate is not set")

// newTransport returns the package's own transport. With guard it connects to
// origin, an https address without a port, at public addresses alone, whatever
// DNS says. Another address is that of a proxy, which is the business of whoever
// configured it.
func newTransport(origin string, guard bool) *http.Transport {
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
		return errPrivateAddress
	}
	return nil
}
