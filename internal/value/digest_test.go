// SPDX-License-Identifier: Apache-2.0

package value_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/value"
)

func TestCanonicalIsTheSameForWhatIsWrittenAndRead(t *testing.T) {
	t.Parallel()
	for _, same := range [][]any{
		{int64(5), json.Number("5"), json.Number("5.0"), 5.0},
		{json.Number("0.25"), 0.25},
		{"2026-05-04T09:30:00Z", "2026-05-04T09:30:00.000+0000", "2026-05-04T11:30:00+02:00"},
		{"2026-05-04"},
		{"some text"},
		{true},
	} {
		for _, v := range same {
			require.Equal(t, value.Canonical(same[0]), value.Canonical(v), "%v", v)
		}
	}
	require.Empty(t, value.Canonical(nil))
	require.NotEqual(t, value.Canonical("5"), value.Canonical("5.0"), "texts are not numbers")
}

func TestDigestDependsOnItsKeyFieldAndText(t *testing.T) {
	t.Parallel()
	digest := value.Digest("key", "Title", "Chief  Executive")
	require.Equal(t, digest, value.Digest("key", "title", " chief executive\r\n"))
	require.Len(t, digest, 6)
	for _, other := range []string{value.Digest("other", "Title", "Chief Executive"),
		value.Digest("key", "Name", "Chief Executive"), value.Digest("key", "Title", "Chief")} {
		require.NotEqual(t, digest, other)
	}
}

func TestDigestIsTheBeginningOfAnHMAC(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "key", strings.Repeat("k", 64), strings.Repeat("k", 65), strings.Repeat("k", 255)} {
		for _, text := range []string{"", "cto", strings.Repeat("long ", 100)} {
			mac := hmac.New(sha256.New, []byte(key))
			mac.Write([]byte("title\x00" + strings.TrimSpace(text)))
			require.Equal(t, base64.RawURLEncoding.EncodeToString(mac.Sum(nil))[:6], value.Digest(key, "Title", text))
		}
	}
}
