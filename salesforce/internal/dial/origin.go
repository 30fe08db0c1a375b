// SPDX-License-Identifier: Apache-2.0

package dial

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// hostPattern is the form of a host name, in lower case. Other characters, and labels
// without any, are read differently by different resolvers and proxies.
var hostPattern = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.?$`)

// Origin returns the origin that instanceURL names, and whether its host is among
// hosts. A token is sent there, so a host that is neither Salesforce's nor the
// caller's is refused, and so is one that holds more than letters, digits, hyphens and
// dots, unless it is an IP address among hosts.
func Origin(instanceURL string, hosts []string) (origin string, listed bool, err error) {
	u, err := url.Parse(instanceURL)
	if err != nil {
		return "", false, errors.New("instance url: malformed")
	}
	if u.Host == "" || !isBare(u) {
		return "", false, errors.New("instance url: want a scheme and a host and nothing else")
	}
	host := strings.ToLower(u.Hostname())
	if !hostPattern.MatchString(host) && net.ParseIP(host) == nil {
		return "", false, errors.New("instance url: host holds more than letters, digits, hyphens and dots")
	}
	for _, h := range hosts {
		listed = listed || strings.EqualFold(h, u.Host) || strings.EqualFold(h, host)
	}
	salesforce := strings.HasSuffix(host, ".salesforce.com") || strings.HasSuffix(host, ".salesforce.mil")
	switch {
	case !listed && !salesforce:
		const format = "instance url: host %s is not under salesforce.com or salesforce.mil, nor among Hosts"
		return "", false, fmt.Errorf(format, host)
	case !listed && u.Port() != "" && u.Port() != "443":
		return "", false, fmt.Errorf("instance url: port of %s is not among Hosts", u.Host)
	case u.Scheme == "https":
		return "https://" + strings.TrimSuffix(strings.ToLower(u.Host), ":443"), listed, nil
	case u.Scheme == "http" && listed && isLoopback(host):
		return "http://" + strings.ToLower(u.Host), listed, nil
	}
	return "", false, errors.New("instance url: scheme is not https")
}

// isBare reports whether u has only a scheme and a host.
func isBare(u *url.URL) bool {
	return u.Opaque == "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && strings.Trim(u.Path, "/") == ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
