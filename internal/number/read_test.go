// SPDX-License-Identifier: Apache-2.0

package number_test

import (
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"
	cldr "golang.org/x/text/number"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/number"
)

func TestLocaleDecidesWhatIsAmbiguous(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ locale, text, want string }{
		{"", "1.234", "-"}, {"de", "1.234", "1234"}, {"en", "1.234", "1.234"},
		{"en-US", "1,234", "1234"}, {"de", "1,234", "1.234"},
		{"fr", "1,234", "1.234"}, {"fr", "1.234", "-"}, {"de-CH", "1.234", "1.234"},
		{"de-CH", "1,234", "-"}, {"en_IN", "1,234", "1234"},
		{"pt-BR", "1.234", "1234"}, {"es-MX", "1,234", "1234"}, {"de", "2,125 Mio.", "2125000"},
		{"de", "1.234 Mio.", "1234000000"}, {"en", "1.234 million", "1234000"},
		{"de", "1.000-2.000", "1000..2000"}, {"en", "10,000+", "10000+"},
		{"en", "1.234,5", "1234.5"}, {"de", "1,234.5", "1234.5"}, {"xx-no", "1.234", "-"},
	} {
		require.Equal(t, tc.want, shown(number.Read(tc.text, number.Options{Locale: tc.locale})), "%s %q", tc.locale, tc.text)
	}
	require.True(t, number.KnownLocale("de-DE") && number.KnownLocale("pt_BR"))
	require.False(t, number.KnownLocale("") || number.KnownLocale("german") || number.KnownLocale("xx"))
}

func TestAmountsAreOfTheRecordsCurrency(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ currency, text, want string }{
		{"USD", "$5", "5"}, {"CAD", "$5", "5"}, {"SGD", "$5", "5"}, {"CAD", "US$5", "-"},
		{"CAD", "C$ 5", "5"}, {"AUD", "A$5", "5"}, {"EUR", "$5", "-"},
		{"MXN", "$5", "-"}, {"BRL", "R$ 1.234,50", "1234.5"},
		{"USD", "USD 1,234.50", "1234.5"}, {"USD", "$1,234.50 USD", "1234.5"},
		{"USD", "US$2.5M", "2500000"}, {"USD", "$5MM", "5000000"}, {"USD", "$3B", "3000000000"},
		{"USD", "$(5)", "-5"}, {"USD", "$1M-$5M", "1000000..5000000"},
		{"GBP", "£2.5m", "2500000"}, {"CHF", "Fr. 5", "5"}, {"CHF", "CHF 1'234.50", "1234.5"},
		{"SEK", "5 kr", "5"}, {"DKK", "5 kr.", "5"}, {"EUR", "5 kr", "-"},
		{"PLN", "1 234,50 zł", "1234.5"}, {"CZK", "5 Kč", "5"}, {"HUF", "5 ezer Ft", "5000"},
		{"RUB", "1 234,5 тыс. руб.", "1234500"}, {"RUB", "3 млн ₽", "3000000"},
		{"UAH", "5 грн", "5"}, {"INR", "₹1,23,456.78", "123456.78"}, {"INR", "Rs. 5 lakh", "500000"},
		{"INR", "₹5 Cr", "50000000"}, {"INR", "INR 5 crore", "50000000"},
		{"JPY", "¥500", "500"}, {"JPY", "500万円", "5000000"}, {"CNY", "¥500", "500"},
		{"CNY", "3亿元", "300000000"}, {"KRW", "5억원", "500000000"}, {"TRY", "₺5", "5"},
		{"ZAR", "R5", "5"}, {"THB", "฿5", "5"}, {"IDR", "Rp 5 juta", "5000000"},
		{"", "$5", "-"}, {"", "5 EUR", "-"}, {"", "5", "5"}, {"", "5M", "-"},
	} {
		opts := number.Options{Kind: number.Currency, Currency: tc.currency}
		require.Equal(t, tc.want, shown(number.Read(tc.text, opts)), "%s %q", tc.currency, tc.text)
	}
	for locale, want := range map[string]string{"en_US": "USD", "de_DE": "EUR",
		"de_DE_EURO": "EUR", "en_GB": "GBP", "fr_CH": "CHF", "pt_BR": "BRL",
		"hr_HR": "EUR", "sr__#Latn": "", "de": "", "": "", "zh_Hans_CN": "CNY"} {
		require.Equal(t, want, number.CurrencyOf(locale), locale)
	}
	require.True(t, number.KnownCurrency("EUR"))
	require.False(t, number.KnownCurrency("eur") || number.KnownCurrency("ABC") || number.KnownCurrency(""))
}

func TestPeopleAreCounted(t *testing.T) {
	t.Parallel()
	opts := number.Options{Kind: number.Integer, People: true}
	for text, want := range map[string]string{"500 employees": "500",
		"201-500 employees": "201..500", "10,000+ employees": "10000+", "50 Mitarbeiter": "50",
		"1.001-5.000 Mitarbeiter": "1001..5000", "51 à 200 employés": "51..200",
		"51 bis 200 Beschäftigte": "51..200", "500人": "500", "100名": "100",
		"5万人": "50000", "10k employees": "10000", "1000 employees or more": "1000+", "1,000 or more employees": "1000+",
		"more than 500 employees": "-", "500 or more dogs": "-", "50 FTE": "50", "1 employee": "1",
		"50 people": "50", "120 full-time employees": "120", "50 MA": "50",
		"1 234 сотрудника": "1234", "50 персон": "-", "50 dogs": "-",
		"employees": "-", "50 employees (2020)": "-", "about 50 employees": "-",
		"49-0301234567": "-", "030-1234567": "-", "555-0100": "-", "617-555-0100": "-", "301234567": "-", "1-301234567": "-",
		"self-employed": "-", "-50": "-", "50-": "-", "(50)": "-", "50 employees employees": "-", "5 Romitarbeiter": "-"} {
		require.Equal(t, want, shown(number.Read(text, opts)), text)
	}
	require.Equal(t, "-", shown(number.Read("500 employees", number.Options{Kind: number.Integer})),
		"only where people are counted")
}

func TestPercentIsForPercentFields(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"5 %": "5", "5%": "5", "5\u00a0%": "5",
		"%5": "5", "12,5 %": "12.5", "٥٪": "5", "５％": "5", "-5 %": "-5", "5-10%": "5..10",
		"5 percent": "5", "5,5 Prozent": "5.5", "5pct": "5", "10 por ciento": "10", "5 percentage": "-",
		"5": "5", "5%%": "-", "5 % off": "-"} {
		require.Equal(t, want, shown(number.Read(text, number.Options{Kind: number.Percent})), text)
	}
}

func TestReasonsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]number.Reason{"1.234": number.Ambiguous,
		"many": number.NotNumber, "10-Jan": number.Spreadsheet,
		"Jan-10": number.Spreadsheet, "2026-01-10 00:00:00": number.Spreadsheet,
		"1.23E+05": number.Spreadsheet, "01.10.2026": number.Spreadsheet,
		"<50": number.Bound, ">500": number.Bound, "<": number.NotNumber, "< many": number.NotNumber,
		"more than 500": number.Bound, "über 1.000,5": number.Bound, "moins de 50": number.Bound, "50 or less": number.Bound,
		"up to 10-20": number.NotNumber, "over the moon": number.NotNumber, "unterm": number.NotNumber,
		"$5":  number.NoCurrency,
		"5 %": number.NoPercent, "1-5k": number.HalfScaled, "": number.NotNumber} {
		_, reason := number.Read(text, number.Options{})
		require.Equal(t, want, reason, text)
	}
	_, reason := number.Read("12.5", number.Options{Kind: number.Integer})
	require.Equal(t, number.NotWhole, reason)
	_, reason = number.Read("$5", number.Options{Kind: number.Currency})
	require.Equal(t, number.UnknownCurrency, reason)
	_, reason = number.Read("€5", number.Options{Kind: number.Currency, Currency: "USD"})
	require.Equal(t, number.OtherCurrency, reason)
}

// For every locale of CLDR, a number that is formatted there is read as that number or not
// at all, and, where the locale is known, as that number.
func TestEveryLocaleReadsItsOwnNumbersBack(t *testing.T) {
	t.Parallel()
	tags := display.Supported.Tags()
	require.Greater(t, len(tags), 150)
	rapid.Check(t, func(t *rapid.T) {
		tag := rapid.SampledFrom(tags).Draw(t, "locale")
		digits := rapid.Int64Range(-1_000_000_000_000, 1_000_000_000_000).Draw(t, "digits")
		scale := rapid.IntRange(0, 3).Draw(t, "decimals")
		checkLocale(t, tag, digits, scale)
	})
}

func checkLocale(t require.TestingT, tag language.Tag, digits int64, scale int) {
	want := new(big.Rat).SetFrac(big.NewInt(digits), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
	x, _ := want.Float64()
	text := message.NewPrinter(tag).Sprint(cldr.Decimal(x, cldr.MinFractionDigits(scale), cldr.MaxFractionDigits(scale)))
	for _, locale := range []string{"", tag.String()} {
		got, reason := number.Read(text, number.Options{Locale: locale})
		if reason == number.Fit {
			require.Zero(t, want.Cmp(got.Low), "%v %q with locale %q is %s", tag, text, locale, got.Low)
			require.False(t, got.IsRange())
		} else if locale != "" {
			require.Fail(t, "unfit in its own locale", "%v %q: %s", tag, text, reason)
		}
		got, reason = number.Read(text, number.Options{Kind: number.Integer, Locale: locale})
		if reason == number.Fit && scale == 0 {
			require.Zero(t, want.Cmp(got.Low), "%v %q is %s", tag, text, got.Low)
		}
	}
}

// No part of a text is dropped: its digits are those of the number, or of the two of a range.
func TestNoDigitIsDropped(t *testing.T) {
	t.Parallel()
	pieces := []string{"0", "1", "12", "123", "1234", "000", "5", ".", ",", "'",
		" ", "\u00a0", "-", "–", "+", "(", ")", "€", "$", "EUR", "k", "M", "Mio.",
		" to ", "%", "e", "E+05", "٣", "٬", "٫", "employees", "x", "万", "<", "~"}
	rapid.Check(t, func(t *rapid.T) {
		checkDigits(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 9).Draw(t, "pieces"), ""))
	})
	for _, n := range notations(t) {
		checkDigits(t, n.text)
	}
	checkDigits(t, "12-12")
}

func FuzzRead(f *testing.F) {
	for _, n := range notations(f) {
		f.Add(n.text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkDigits(t, text) })
}

func checkDigits(t require.TestingT, text string) {
	for _, kind := range []number.Kind{number.Decimal, number.Integer, number.Percent, number.Currency} {
		opts := number.Options{Kind: kind, Currency: "EUR", People: kind == number.Integer}
		got, reason := number.Read(text, opts)
		again, same := number.Read(" "+text+"\u200e", opts)
		require.Equal(t, reason, same, "%q", text)
		if reason != number.Fit {
			continue
		}
		require.Zero(t, got.Low.Cmp(again.Low))
		read := significant(decimal(got.Low))
		if got.IsRange() && got.High != nil {
			require.LessOrEqual(t, got.Low.Cmp(got.High), 0)
			read += significant(decimal(got.High))
		}
		if !strings.ContainsAny(text, "eE") { // whose exponent has digits too
			// "5 to 5" is 5.
			require.Contains(t, []string{read, read + read}, significant(text), "%q", text)
		}
		if !got.IsRange() && significant(text) == read {
			checkZeros(t, text, got.Low)
		}
	}
}

// checkZeros checks that a number without a word has lost zeros only behind a mark that
// cannot group digits: 5.00 is 5, and 5.000 is not.
func checkZeros(t require.TestingT, text string, n *big.Rat) {
	digits := func(text string) string {
		return strings.TrimLeft(strings.Map(func(r rune) rune {
			if !unicode.IsDigit(r) {
				return -1
			}
			return '0' + (r-zeroOf(r))%10
		}, text), "0")
	}
	if strings.ContainsFunc(text, unicode.IsLetter) || digits(text) == digits(decimal(n)) {
		return
	}
	at := strings.LastIndexAny(text, ".,٫")
	require.GreaterOrEqual(t, at, 0, "%q is %s", text, n)
	isDigit := func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}
	before, behind := []rune(strings.Map(isDigit, text[:at])), []rune(strings.Map(isDigit, text[at:]))
	others := strings.ContainsAny(strings.Trim(text[:at], " \u00a0+-–(€$"), ".,٫٬' \u00a0")
	clear := others || len(behind) != 3 || len(before) > 3 || len(before) == 0 || strings.HasPrefix(text[at:], "٫") ||
		len(before) == 1 && before[0] == zeroOf(before[0])
	require.True(t, clear, "%q is %s", text, n)
}

// significant are the digits of a text but zeros, which a scale or a rounding may add or a
// decimal lose.
func significant(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return -1
		}
		if r = '0' + (r-zeroOf(r))%10; r == '0' {
			return -1
		}
		return r
	}, text)
}

func zeroOf(r rune) rune {
	for unicode.IsDigit(r - 1) {
		r--
	}
	return r
}

// Keeps the lists in order and every line whole.
func TestListsAreSortedAndWhole(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"scales.txt", "currencies.txt", "people.txt", "months.txt"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		require.True(t, slices.IsSorted(lines), name)
		for _, line := range lines {
			columns := strings.Fields(line)
			switch name {
			case "scales.txt":
				_, err := strconv.Atoi(columns[1])
				require.NoError(t, err, line)
				_, reason := number.Read("€5 "+columns[0], number.Options{Kind: number.Currency, Currency: "EUR"})
				require.Equal(t, number.Fit, reason, line)
			case "currencies.txt":
				for _, code := range columns[1:] {
					require.True(t, number.KnownCurrency(code), line)
					_, reason := number.Read("5 "+columns[0], number.Options{Kind: number.Currency, Currency: code})
					require.Equal(t, number.Fit, reason, line)
				}
			case "people.txt":
				require.Equal(t, "5", shown(number.Read("5 "+line, number.Options{Kind: number.Integer, People: true})), line)
			default:
				_, reason := number.Read("10-"+line, number.Options{})
				require.Equal(t, number.Spreadsheet, reason, line)
			}
		}
	}
}
