// SPDX-License-Identifier: Apache-2.0

package login

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

// ErrSealed is returned by TokenCipher.Open for data that was not sealed for that
// org with that key, or was changed afterwards.
var ErrSealed = errors.New("salesforce: sealed token does not open")

// A TokenCipher encrypts tokens, so that a host can keep them in a database or in a
// file (of mode 0600): AES-256-GCM with a random nonce. It is safe for concurrent
// use.
type TokenCipher struct{ aead cipher.AEAD }

// Format hides the key, whatever the verb.
func (c *TokenCipher) Format(f fmt.State, _ rune) { redact(f) }

// NewTokenCipher returns a TokenCipher for a key of 32 random bytes, which the host
// keeps apart from the sealed tokens. One key seals at most 2^32 tokens.
func NewTokenCipher(key []byte) (*TokenCipher, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("salesforce: token cipher: key has %d bytes, not 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("salesforce: token cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("salesforce: token cipher: %w", err)
	}
	return &TokenCipher{aead}, nil
}

// A sealedToken is the plain text of a sealed token.
type sealedToken struct {
	Access   string `json:"access_token"`
	Refresh  string `json:"refresh_token,omitempty"`
	Instance string `json:"instance_url,omitempty"`
	Identity string `json:"id,omitempty"`
}

// sealVersion is the first byte of what Seal returns.
const sealVersion = 1

// Seal encrypts token with the addresses of its org and user. It opens only with the
// id of the same org, as Client.Identity returns it, so that a token cannot be
// swapped for another customer's.
func (c *TokenCipher) Seal(org salesforce.ID, token *oauth2.Token) ([]byte, error) {
	bound, err := boundTo(org)
	if err != nil {
		return nil, err
	}
	if token == nil || token.AccessToken == "" && token.RefreshToken == "" {
		return nil, errors.New("salesforce: token cipher: no token")
	}
	identity, _ := token.Extra("id").(string)
	plain, err := json.Marshal(sealedToken{token.AccessToken, token.RefreshToken, InstanceURL(token), identity})
	if err != nil {
		return nil, fmt.Errorf("salesforce: token cipher: %w", err)
	}
	return c.aead.Seal([]byte{sealVersion}, nil, plain, bound), nil
}

// Open returns the token that was sealed for org. Anything else is ErrSealed, also a
// token in plain text.
func (c *TokenCipher) Open(org salesforce.ID, sealed []byte) (*oauth2.Token, error) {
	bound, err := boundTo(org)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 || sealed[0] != sealVersion {
		return nil, ErrSealed
	}
	plain, err := c.aead.Open(nil, nil, sealed[1:], bound)
	if err != nil {
		return nil, ErrSealed
	}
	var kept sealedToken
	if json.Unmarshal(plain, &kept) != nil {
		return nil, ErrSealed
	}
	token := &oauth2.Token{AccessToken: kept.Access, TokenType: "Bearer", RefreshToken: kept.Refresh}
	return token.WithExtra(map[string]any{"instance_url": kept.Instance, "id": kept.Identity}), nil
}

// boundTo is the additional data that binds a sealed token to its org.
func boundTo(org salesforce.ID) ([]byte, error) {
	id, err := salesforce.ParseID(string(org))
	if err != nil || id.Prefix() != "00D" {
		return nil, errors.New("salesforce: token cipher: not the id of an org")
	}
	return []byte("leadsync token " + string(id)), nil
}
