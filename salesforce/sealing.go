package salesforce

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/oauth2"
)

// ErrSealed is returned by TokenCipher.Open for what it did not seal for that org
// with that key, or what has been changed since.
var ErrSealed = errors.New("salesforce: sealed token does not open")

// A TokenCipher seals tokens, so that a host may keep them in a file (of mode
// 0600) or in a database: AES-256-GCM with a random nonce. It is safe for
// concurrent use.
type TokenCipher struct{ aead cipher.AEAD }

// Format hides the key, whatever the verb.
func (c *TokenCipher) Format(f fmt.State, _ rune) { redact(f) }

// NewTokenCipher returns a TokenCipher for a key of 32 random bytes, which the
// host keeps apart from what it seals. One key seals 2^32 tokens at most.
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

// A sealedToken is what of a token is kept.
type sealedToken struct {
	Access   string `json:"access_token"`
	Refresh  string `json:"refresh_token,omitempty"`
	Instance string `json:"instance_url,omitempty"`
	Identity string `json:"id,omitempty"`
}

// sealVersion is the first byte of what Seal returns.
const sealVersion = 1

// Seal returns token, with the addresses of its org and user, as it may be kept.
// It opens only with the id of the same org, as Client.Identity tells it, so that a
// token cannot be put into another customer's place.
func (c *TokenCipher) Seal(org ID, token *oauth2.Token) ([]byte, error) {
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

// Open returns the token that was sealed for org. Anything else is ErrSealed:
// a token that was kept in the clear is not taken.
func (c *TokenCipher) Open(org ID, sealed []byte) (*oauth2.Token, error) {
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
func boundTo(org ID) ([]byte, error) {
	id := idWithPrefix("00D", string(org))
	if id == "" {
		return nil, errors.New("salesforce: token cipher: not the id of an org")
	}
	return []byte("leadsync token " + string(id)), nil
}
