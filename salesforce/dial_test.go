// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
)

// Not parallel: for its time every name leads to this machine.
func TestNewGuardsTheAddressesBehindAName(t *testing.T) {
	t.Setenv("NO_PROXY", "*") // the address of a proxy is not guarded
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go answerLoopback(there)
		return here, nil
	}}
	for name, test := range map[string]struct {
		url     string
		cfg     salesforce.Config
		guarded bool
	}{
		"by default":   {"https://x.my.salesforce.com", salesforce.Config{}, true},
		"AllowPrivate": {"https://x.my.salesforce.com", salesforce.Config{AllowPrivate: true}, false},
		"Hosts":        {"https://edge.example.org", salesforce.Config{Hosts: []string{"edge.example.org"}}, false},
		"Hosts, but another one": {
			"https://x.my.salesforce.com", salesforce.Config{Hosts: []string{"edge.example.org"}}, true,
		},
	} {
		waits := 0
		test.cfg.MaxRetries, test.cfg.JitterFunc = -1, func() float64 { waits++; return 0 }
		client, err := salesforce.New(test.url, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), &test.cfg)
		require.NoError(t, err)
		_, err = client.UserInfo(t.Context())
		requireGuarded(t, err, test.guarded, name)
		if test.guarded {
			require.Zero(t, waits, "what is refused here may not pass later")
		}

		app, err := login.NewApp(login.AppConfig{
			ClientID: "id", LoginURL: test.url, Hosts: test.cfg.Hosts, AllowPrivate: test.cfg.AllowPrivate,
		})
		require.NoError(t, err)
		_, err = app.ClientCredentials().Token()
		requireGuarded(t, err, test.guarded, name)
	}
}

// Not parallel: a host may have put its own transport in the place of Go's.
func TestNewMakesATransportOfItsOwn(t *testing.T) {
	before := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = before })
	http.DefaultTransport = roundTripFunc(func(*http.Request) (*http.Response, error) {
		t.Error("went through http.DefaultTransport")
		return nil, io.EOF
	})
	org := newOrg(t)
	org.answer = func(sub) reply { return describe("Lead") }
	source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})
	client, err := salesforce.New(
		org.server.URL, source, &salesforce.Config{Hosts: []string{strings.TrimPrefix(org.server.URL, "http://")}},
	)
	require.NoError(t, err)
	results, err := client.Read(t.Context(), salesforce.DescribeObject("Lead", ""))
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	_, err = login.NewApp(login.AppConfig{ClientID: "c", LoginURL: instance})
	require.NoError(t, err)
}

// requireGuarded checks that a request failed, for the guard or for want of a
// server behind the address.
func requireGuarded(t *testing.T, err error, guarded bool, name string) {
	require.Error(t, err, name)
	const text = "address is not public"
	if guarded {
		require.ErrorContains(t, err, text, name)
	} else {
		require.NotContains(t, err.Error(), text, name)
	}
}

// answerLoopback answers questions of DNS, each after its length, with 127.0.0.1.
func answerLoopback(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		var message dnsmessage.Message
		if message.Unpack(question) != nil {
			return
		}
		message.Response, message.Additionals = true, nil
		if asked := message.Questions[0]; asked.Type == dnsmessage.TypeA {
			message.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: asked.Name, Type: asked.Type, Class: asked.Class, TTL: 1},
				Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
			}}
		}
		answer, err := message.Pack()
		if err != nil {
			return
		}
		binary.BigEndian.PutUint16(size[:], uint16(len(answer)))
		if _, err := conn.Write(append(size[:], answer...)); err != nil {
			return
		}
	}
}
