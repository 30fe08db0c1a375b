// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An endpoint is what a running fakeorg prints.
type endpoint struct {
	URL, Token   string
	RefreshToken string `json:"refresh_token"`
}

// running runs the program within the test until stop is called.
func running(t *testing.T, stderr io.Writer, args ...string) (org endpoint, stop func()) {
	t.Helper()
	line, stop := printed(t, stderr, args...)
	require.NoError(t, json.Unmarshal(line, &org))
	return org, stop
}

// printed is like running, and returns what the program prints.
func printed(t *testing.T, stderr io.Writer, args ...string) (line []byte, stop func()) {
	t.Helper()
	c, err := parseFlags(args)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // stop ends it
	ready, stdout := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, c, stdout, stderr)
		_ = stdout.CloseWithError(err)
		done <- err
	}()
	line, err = bufio.NewReader(ready).ReadBytes('\n')
	require.NoError(t, err)
	return line, func() {
		cancel()
		require.NoError(t, <-done)
	}
}

// ask sends a request and decodes the answer.
func (e endpoint) ask(t *testing.T, client *http.Client, method, path, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, e.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+e.Token)
	switch {
	case strings.HasPrefix(body, "grant_type"):
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case strings.HasSuffix(path, "/batches"):
		req.Header.Set("Content-Type", "text/csv")
	}
	res, err := client.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	var decoded map[string]any
	_ = json.NewDecoder(res.Body).Decode(&decoded)
	return res.StatusCode, decoded
}

const versionPath = "/services/data/v62.0"

// Each process is another org, unless it is given a number.
func TestTwoProcessesAreTwoOrgs(t *testing.T) {
	t.Parallel()
	start := func(args ...string) endpoint {
		org, stop := running(t, io.Discard, append(args, "-empty")...)
		t.Cleanup(stop)
		return org
	}
	first, second := start(), start()
	require.NotEqual(t, first.Token, second.Token)
	require.NotEqual(t, first.Token[:15], second.Token[:15], "the org's id")
	require.NotEqual(t, first.RefreshToken, second.RefreshToken)
	status, _ := second.ask(t, http.DefaultClient, "GET", versionPath+"/limits", "")
	require.Equal(t, 200, status)
	second.Token = first.Token
	status, _ = second.ask(t, http.DefaultClient, "GET", versionPath+"/limits", "")
	require.Equal(t, 401, status)

	require.Equal(t, start("-number", "7").Token, start("-number", "7").Token)
	require.NotEqual(t, start("-number", "7").Token, start("-number", "8").Token)
}

func TestTLSWritesACertificateToTrust(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ca.pem")
	org, stop := running(t, io.Discard, "-empty", "-tls", file)
	defer stop()
	require.True(t, strings.HasPrefix(org.URL, "https://"), org.URL)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(text), "PRIVATE")
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(text))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	status, token := org.ask(t, client, "POST", "/services/oauth2/token", "grant_type=client_credentials")
	require.Equal(t, 200, status)
	require.Equal(t, org.URL, token["instance_url"])

	_, err = http.Get(org.URL + "/services/data") //nolint:noctx // it fails before it is sent
	require.ErrorContains(t, err, "certificate")
}

func TestRefreshTokensOfTheProcessRotateOnDemand(t *testing.T) {
	t.Parallel()
	for flag, rotates := range map[string]bool{"-rotate": true, "-rotate=false": false} {
		org, stop := running(t, io.Discard, "-empty", flag)
		form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {org.RefreshToken}, "client_id": {"c"}}.Encode()
		status, token := org.ask(t, http.DefaultClient, "POST", "/services/oauth2/token", form)
		require.Equal(t, 200, status)
		require.Equal(t, rotates, token["refresh_token"] != nil)
		status, _ = org.ask(t, http.DefaultClient, "POST", "/services/oauth2/token", form)
		require.Equal(t, rotates, status == 400)
		stop()
	}
}

func TestPagesOfTheProcessHaveTheirSize(t *testing.T) {
	t.Parallel()
	org, stop := running(t, io.Discard, "-n", "100", "-page-size", "7")
	defer stop()
	status, page := org.ask(t, http.DefaultClient, "GET", versionPath+"/query?q=SELECT+Id+FROM+Lead", "")
	require.Equal(t, 200, status)
	require.Len(t, page["records"], 7)
}

func TestSessionsOfTheProcessEnd(t *testing.T) {
	t.Parallel()
	org, stop := running(t, io.Discard, "-empty", "-session", "1ns")
	defer stop()
	status, _ := org.ask(t, http.DefaultClient, "GET", versionPath+"/limits", "")
	require.Equal(t, 401, status)
}

func TestNewFlagsAreChecked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-page-size", "2001"}, {"-page-size", "-1"}, {"-session", "-1s"}, {"-number", "256"},
	} {
		_, err := parseFlags(args)
		require.Error(t, err, args)
	}
	require.Error(t, run(t.Context(), &config{
		addr: "127.0.0.1:0", empty: true, tls: filepath.Join(t.TempDir(), "nowhere", "ca.pem"),
	}, io.Discard, io.Discard))
}
