// SPDX-License-Identifier: Apache-2.0

package reading_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/reading"
)

// A phone field without a transform takes what people write, but not what a spreadsheet
// has made of it.
func TestPhoneTextStaysButWhatSpreadsheetsMadeOfIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"+49 (0)30 123": "+49 (0)30 123", "030/1234567": "030/1234567", "(415) 555-0100 x12": "(415) 555-0100 x12",
		"ask Ada": "ask Ada", "1-800-FLOWERS": "1-800-FLOWERS", "+49 30 1 / +49 30 2": "+49 30 1 / +49 30 2", "": "",
		`="0171 1234567"`: "0171 1234567", "'+491711111111": "+491711111111", "=+491711111111": "+491711111111",
		"491711111111.0": "491711111111", "p:+491711111111": "+491711111111", "tel:+49-171-1111111": "+49-171-1111111",
		"０１７１ １２３４５６７": "0171 1234567", "110": "110", "1": "1",
	} {
		got, err := reading.PhoneText(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := reading.PhoneText(got)
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	for _, text := range []string{"4.91711E+11", "4,9E+11", "-491711111111", "0", "0.0", "000", "+49", "(+49)", "+1 ",
		"(0)", "+44 (0)",
		"___ ___ ____", "+1 (___) ___-____", "+49 ___", "xxx-xxx-xxxx", "(XXX) XXX-XXXX", "###-####"} {
		_, err := reading.PhoneText(text)
		require.Error(t, err, text)
	}
	require.Equal(t, "01067", reading.Source(`="01067"`))
	require.Equal(t, `="a""b"`, reading.Source(`="a""b"`))
}
