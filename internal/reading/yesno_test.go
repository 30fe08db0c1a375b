// SPDX-License-Identifier: Apache-2.0

package reading_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/reading"
)

func TestYesAndNoOfManyLanguages(t *testing.T) {
	t.Parallel()
	for _, text := range strings.Fields(`true True TRUE t yes Yes YES yes. y on 1 1.0 x X ✓ ✔ ✔️ ☑ ✅ checked agree
		accepted ja Ja JA j einverstanden wahr oui OUI vrai sí si Si sì sim vero ano áno
		da да Да ДА igen evet tak kyllä taip jā ναι はい 是 예 네 نعم כן हाँ ใช่ có ya ｙｅｓ １
		Так`) {
		yes, ok := reading.ReadYesNo(text)
		require.True(t, ok && yes, text)
	}
	for _, text := range strings.Fields(`false False f no No NO no! n off 0 0.0 ☐ unchecked disagree declined nein Nein
		NEIN falsch non faux não nao nee nej nei ei nie ne nem hayır nu нет Нет ні όχι
		いいえ 否 不 아니오 لا לא नहीं không tidak ไม่ ｎｏ ０`) {
		yes, ok := reading.ReadYesNo(text)
		require.True(t, ok && !yes, text)
	}
	for _, text := range []string{"", " ", "maybe", "2", "-1", "10", "01", "yes and no", "yes/no", "not yes", "no, thanks",
		"I agree to the terms", "I do not agree", "opted out", "subscribed", "unsubscribed", "✗", "✘", "☒", "❌", "×", "o",
		"?",
		"none", "n/a", "yes; no", "later", "ok", "y/n", "+", "t rue"} {
		_, ok := reading.ReadYesNo(text)
		require.False(t, ok, text)
	}
}
