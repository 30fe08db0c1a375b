// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pemOf is a key as the forms of PEM have it that an app may have.
func pemOf(t *testing.T, key *rsa.PrivateKey) map[string]string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	forms := map[string]string{}
	for kind, der := range map[string][]byte{
		"CERTIFICATE": certificate, "PUBLIC KEY": public, "RSA PUBLIC KEY": x509.MarshalPKCS1PublicKey(&key.PublicKey),
	} {
		forms[kind] = string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return forms
}

// assertion is a JWT of an app for the org.
func assertion(t *testing.T, key *rsa.PrivateKey, app, audience string) string {
	t.Helper()
	part := func(v any) string {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := part(map[string]string{"alg": "RS256"}) + "." + part(map[string]any{
		"iss": app, "sub": "integration@fake.example", "aud": audience, "exp": time.Now().Add(time.Minute).Unix(),
	})
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestAppsOfASchemaHaveKeys(t *testing.T) {
	t.Parallel()
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	org := controlled(t, "-empty")
	for app, key := range pemOf(t, own) {
		body, err := json.Marshal(map[string]any{"apps": []any{map[string]any{"clientId": app, "key": key}}})
		require.NoError(t, err)
		status, answer := org.control(t, "POST", "/schema", string(body))
		require.Equal(t, 200, status, answer)
		for signer, want := range map[*rsa.PrivateKey]int{own: 200, other: 400} {
			form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"},
				"assertion": {assertion(t, signer, app, org.URL)}}
			status, answer = org.ask(t, http.DefaultClient, "POST", "/services/oauth2/token", form.Encode())
			require.Equal(t, want, status, answer)
		}
	}
}

func TestKeysOfAppsAreChecked(t *testing.T) {
	t.Parallel()
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(curve.Public())
	require.NoError(t, err)
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for text, says := range map[string]string{
		"ssh-rsa AAAA":                      "not PEM",
		block("PUBLIC KEY", public):         "not an RSA key",
		block("PRIVATE KEY", public):        "neither a certificate nor a public key",
		block("PUBLIC KEY", []byte{1}):      "asn1",
		block("RSA PUBLIC KEY", []byte{}):   "asn1",
		block("CERTIFICATE", []byte("x")):   "x509",
		"\xff":                              "not PEM",
		block("CERTIFICATE", public) + "\n": "x509",
	} {
		_, err := readKey(text)
		require.ErrorContains(t, err, says, text)
	}
	key, err := readKey("")
	require.NoError(t, err)
	require.Nil(t, key)
}
