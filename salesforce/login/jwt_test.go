package login_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestJWTSignsForTheUser(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	w := &wire{script: []line{{status: 200, body: tokenReply}}}
	source, err := newApp(t, w).JWT("sync@example.com", key)
	require.NoError(t, err)
	_, err = source.Token()
	require.NoError(t, err)
	form := w.sent[0].form(t)
	require.Equal(t, "urn:ietf:params:oauth:grant-type:jwt-bearer", form.Get("grant_type"))
	parts := strings.Split(form.Get("assertion"), ".")
	require.Len(t, parts, 3)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	require.NoError(t, err)
	require.NoError(t, rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature))
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	var claims struct {
		Iss, Sub, Aud string
		Exp           int64
	}
	require.NoError(t, json.Unmarshal(text, &claims))
	require.Equal(t, "client", claims.Iss)
	require.Equal(t, "sync@example.com", claims.Sub)
	require.Equal(t, instance, claims.Aud)
	left := time.Until(time.Unix(claims.Exp, 0))
	require.Positive(t, left)
	require.LessOrEqual(t, left, 3*time.Minute)
}

func TestJWTRefusesWhatItCannotSignWith(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	app := newApp(t, nil)
	for name, test := range map[string]struct {
		username string
		key      *rsa.PrivateKey
		want     string
	}{
		"no user":   {"", key, "username"},
		"no key":    {"u", nil, "2048 bits"},
		"empty key": {"u", new(rsa.PrivateKey), "2048 bits"},
		"short key": {"u", key, "2048 bits"},
	} {
		_, err := app.JWT(test.username, test.key)
		require.ErrorContains(t, err, test.want, name)
	}
}
