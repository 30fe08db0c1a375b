// SPDX-License-Identifier: Apache-2.0

package packed_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
)

var texts = []string{
	`{"leadId":"mix-249","eventId":"expo","stage":"cleared","action":"created","object":"Lead",` +
		`"id":"00QdM00000000O9UAI","parts":[{"kind":"person","object":"Lead","id":"00QdM00000000O9UAI",` +
		`"action":"created","digest":"cSfjrwRC5K_a"},{"kind":"member","object":"CampaignMember",` +
		`"key":"701dM000000000hQAA","id":"00vdM00000000uPQAQ","action":"created","digest":"AnyW0TsWdkxl"}],` +
		`"trace":{"strategy":"leads-and-contacts","probes":[{"object":"Contact","field":"Id","skipped":"blank",` +
		`"tried":"no"},{"object":"Contact","field":"Email","tried":"yes"}],"rule":"no hit"},` +
		`"at":"2026-12-01T11:36:22.271693557Z"}`,
	`{"id":"mix-249","eventId":"expo","capturedAt":"2026-05-04T09:00:00Z","firstName":"Pat","lastName":"Zoë",` +
		`"email":"p249@company49.example","company":"Zoë","activities":[{"kind":"meeting","notes":"東京 \u2028"}]}`,
	`[{"kind":"task","object":"Task","key":"c8284efdc1f9d1b02b53d51d4ecd3ebb","content":"a8svqw",` +
		`"sentAt":"2026-12-01T11:53:19.632118503Z","plannedAt":"2026-12-01T11:53:19.632118503Z"},{"kind":"person",` +
		`"object":"Lead","fields":{"FirstName":"BMYsckATP3eE0M27E-A"},"record":"00QdM000000002HUAQ","update":true,` +
		`"changes":[{"field":"FirstName","after":"Pat","reason":"unless-edited from firstName"}],` +
		`"sentAt":"2026-12-01T11:53:19.632118503Z","plannedAt":"2026-12-01T11:53:19.632118503Z"}]`,
}

func TestTextsAreAsTheyWereBeforeTheyWerePacked(t *testing.T) {
	t.Parallel()
	for _, text := range texts {
		short := packed.Pack(text)
		require.Less(t, len(short), len(text)/2)
		require.Equal(t, text, packed.Unpack(short))
		for end := range len(text) {
			require.Equal(t, text[:end], packed.Unpack(packed.Pack(text[:end])))
		}
	}
	for _, text := range []string{"", "{}", "null", "\x01", "\x01\x1c", "a\nb", `"\u0001"`, "\x00",
		`{"leadId":"` + "\x02", strings.Repeat(`","eventId":"`, 1000), "\xff\xfe", `{"leadId":"` + "\xff"} {
		require.Equal(t, text, packed.Unpack(packed.Pack(text)), "%q", text)
	}
}

// What stands in a text twice is there once.
func TestValuesThatAreRepeatedTakeLittle(t *testing.T) {
	t.Parallel()
	once := packed.Pack(`{"id":"00QdM00000000O9UAI","firstName":"x","email":"y"}`)
	twice := packed.Pack(`{"id":"00QdM00000000O9UAI","firstName":"00QdM00000000O9UAI","email":"y"}`)
	require.Less(t, len(twice), len(once)+3)
}

// Files have the codes, so what they stand for never changes: the file has texts packed by the first version.
func TestPackedTextsKeepTheirForm(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadFile("testdata/packed_v1.txt")
	require.NoError(t, err)
	for i, line := range strings.Split(strings.TrimSuffix(string(kept), "\n"), "\n") {
		text, err := hex.DecodeString(line)
		require.NoError(t, err)
		require.Equal(t, texts[i], packed.Unpack(string(text)))
	}
	words, err := os.ReadFile("words.txt")
	require.NoError(t, err)
	const first = 324 // words are added after them
	lines := strings.SplitAfterN(string(words), "\n", first+1)
	sum := sha256.Sum256([]byte(strings.Join(lines[:first], "")))
	require.Equal(t, "ab30985c391a7936037e6685ea01a4d231e739b88cc3f4f0fba670b6b6623486", hex.EncodeToString(sum[:]),
		"the place of a word is its code")
}

// A packed text that was damaged is no JSON, and nothing else happens.
func TestDamagedTextsAreNoJSON(t *testing.T) {
	t.Parallel()
	short := packed.Pack(texts[0])
	for _, damaged := range []string{short[:1] + "\x00" + short[1:], short + "\x1c", short + "\x02~", short + "\x1f~",
		short + "\x1c\x7f"} {
		require.Equal(t, damaged, packed.Unpack(damaged))
	}
}

func FuzzPack(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
		f.Add(packed.Pack(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		packed.Unpack(text)
		if short := packed.Pack(text); short != text || text == "" || text[0] != 1 {
			require.Equal(t, text, packed.Unpack(short))
			require.LessOrEqual(t, len(short), len(text))
		}
	})
}
