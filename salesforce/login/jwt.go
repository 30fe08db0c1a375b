// SPDX-License-Identifier: Apache-2.0

package login

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/oauth2"
)

// jwtLife is the lifetime of an assertion: Salesforce accepts 3 minutes at most, and
// clocks differ.
const jwtLife = 2 * time.Minute

// JWT returns a source of tokens for username, a user who is pre-authorized for the
// app. key belongs to the certificate that was uploaded to the app and has at least
// 2048 bits. There is no refresh token: each token takes a new assertion, the first
// when the source is first used.
func (a *App) JWT(username string, key *rsa.PrivateKey) (*Tokens, error) {
	if username == "" {
		return nil, errors.New("salesforce: app: no username")
	}
	if key == nil || key.N == nil || key.N.BitLen() < 2048 {
		return nil, errors.New("salesforce: app: key has less than 2048 bits")
	}
	return newTokens(nil, func(ctx context.Context, _ *oauth2.Token) (*oauth2.Token, error) {
		assertion, err := a.assertion(username, key, time.Now())
		if err != nil {
			return nil, err
		}
		return a.request(ctx, url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"},
			"assertion":  {assertion},
		})
	}, nil), nil
}

// assertion returns the signed JWT by which the app acts for username (RFC 7523).
func (a *App) assertion(username string, key *rsa.PrivateKey, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{
		"iss": a.cfg.ClientID,
		"sub": username,
		"aud": a.origin,
		"exp": now.Add(jwtLife).Unix(),
	})
	if err != nil {
		return "", fmt.Errorf("assertion: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) +
		"." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("assertion: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
