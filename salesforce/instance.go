package salesforce

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// checkInstance returns the origin that instanceURL names. A token is sent
// there, so a host that is neither Salesforce's nor the caller's is refused.
func checkInstance(instanceURL string, hosts []string) (string, error) {
	u, err := url.Parse(instanceURL)
	if err != nil {
		return "", errors.New("instance url: malformed")
	}
	if u.Host == "" || u.Opaque != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", errors.New("instance url: want a scheme and a host and nothing else")
	}
	host := strings.ToLower(u.Hostname())
	listed := false
	for _, h := range hosts {
		listed = listed || strings.EqualFold(h, u.Host) || strings.EqualFold(h, host)
	}
	salesforce := strings.HasSuffix(host, ".salesforce.com") || strings.HasSuffix(host, ".salesforce.mil")
	switch {
	case !listed && !salesforce:
		return "", fmt.Errorf("instance url: host %s is not under salesforce.com or salesforce.mil, nor among Hosts", host)
	case !listed && u.Port() != "" && u.Port() != "443":
		return "", fmt.Errorf("instance url: port of %s is not among Hosts", u.Host)
	case u.Scheme == "https", u.Scheme == "http" && listed && isLoopback(host):
		return u.Scheme + "://" + strings.ToLower(u.Host), nil
	}
	return "", errors.New("instance url: scheme is not https")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
