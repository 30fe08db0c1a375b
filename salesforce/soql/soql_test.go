// SPDX-License-Identifier: Apache-2.0

package soql_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

func TestSelectRendersAStatement(t *testing.T) {
	t.Parallel()
	email := soql.Eq("Email", "a@example.com")
	name := soql.Eq("Name", "Ada")
	city := soql.Ne("City", nil)
	sub := soql.From("Contact", "AccountId").Where(email)
	for name, test := range map[string]struct {
		where soql.Condition
		want  string
	}{
		"no condition": {soql.Condition{}, ""},
		"string":       {email, "Email = 'a@example.com'"},
		"parent field": {soql.Eq("Account.Owner.Name", "x"), "Account.Owner.Name = 'x'"},
		"null":         {soql.Eq("Email", nil), "Email = null"},
		"not null":     {city, "City != null"},
		"bool":         {soql.Eq("IsConverted", false), "IsConverted = false"},
		"int":          {soql.Lt("N", -3), "N < -3"},
		"int64":        {soql.Le("N", int64(math.MaxInt64)), "N <= 9223372036854775807"},
		"float64":      {soql.Gt("N", 1e21), "N > 1000000000000000000000"},
		"id":           {soql.Eq("Id", salesforce.ID("001dM00003kRs59")), "Id = '001dM00003kRs59'"},
		"date":         {soql.Ge("D", salesforce.Date{Year: 2026, Month: time.May, Day: 3}), "D >= 2026-05-03"},
		"datetime": {
			soql.Ge("D", time.Date(2026, 5, 3, 1, 2, 3, 4e8, time.FixedZone("", 3600))), "D >= 2026-05-03T00:02:03Z",
		},
		"in":                {soql.In("Email", "a", "b'c"), `Email IN ('a','b\'c')`},
		"in of ids":         {soql.In("Id", salesforce.ID("001dM00003kRs59")), "Id IN ('001dM00003kRs59')"},
		"in of nothing":     {soql.In[string]("Email"), "Id = null"},
		"not in":            {soql.NotIn("Email", "a", "b'c"), `Email NOT IN ('a','b\'c')`},
		"not in of nothing": {soql.NotIn[string]("Email"), "Id != null"},
		"anti-join": {
			soql.NotInSelect("Id", sub), "Id NOT IN (SELECT AccountId FROM Contact WHERE Email = 'a@example.com')",
		},
		"semi-join": {
			soql.InSelect("Id", sub), "Id IN (SELECT AccountId FROM Contact WHERE Email = 'a@example.com')",
		},
		"like":           {soql.Like("Name", soql.Text(`5%_\'`), soql.Anything()), `Name LIKE '5\%\_\\\'%'`},
		"and":            {soql.And(email, name, city), "Email = 'a@example.com' AND Name = 'Ada' AND City != null"},
		"and of nothing": {soql.And(soql.Condition{}, soql.Or()), ""},
		"and of one":     {soql.And(soql.Condition{}, name), "Name = 'Ada'"},
		"or in and": {
			soql.And(soql.Or(email, name), city), "(Email = 'a@example.com' OR Name = 'Ada') AND City != null",
		},
		"and in or": {
			soql.Or(city, soql.And(email, name)), "City != null OR (Email = 'a@example.com' AND Name = 'Ada')",
		},
		"or in or":         {soql.Or(city, soql.Or(email, name)), "City != null OR Email = 'a@example.com' OR Name = 'Ada'"},
		"or of one in and": {soql.And(soql.Or(name), city), "Name = 'Ada' AND City != null"},
		"not":              {soql.Not(name), "(NOT Name = 'Ada')"},
		"not of or": {
			soql.And(soql.Not(soql.Or(name, city)), email), "(NOT (Name = 'Ada' OR City != null)) AND Email = 'a@example.com'",
		},
		"not of nothing": {soql.Not(soql.Condition{}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := "SELECT Id, Account.Name FROM Lead"
			if test.want != "" {
				want += " WHERE " + test.want
			}
			q := soql.From(salesforce.ObjectLead, "Id", "Account.Name").Where(test.where)
			got, err := q.Build()
			require.NoError(t, err)
			require.Equal(t, want, got)
			require.Equal(t, want, q.String())
		})
	}
}

func TestSelectTakesChildren(t *testing.T) {
	t.Parallel()
	contacts := soql.From("Contacts", "Id", "LastName").
		Where(soql.Eq("Email", "o'h@example.com")).
		OrderBy("LastName").
		Limit(5)
	accounts := soql.From("Account", "Id").Children(contacts, soql.From("Tasks", "Id")).Where(soql.Eq("Name", "A"))
	require.Equal(
		t,
		`SELECT Id, (SELECT Id, LastName FROM Contacts WHERE Email = 'o\'h@example.com' ORDER BY LastName LIMIT 5), `+
			`(SELECT Id FROM Tasks) FROM Account WHERE Name = 'A'`,
		accounts.String(),
	)
	_, err := soql.From("Account", "Id").Children(soql.From("Contacts", "Id) FROM X")).Build()
	require.ErrorContains(t, err, "malformed field name")
}

func TestSelectOrdersAndLimits(t *testing.T) {
	t.Parallel()
	q := soql.From("Lead", "Id").
		OrderBy("IsConverted", "Owner.Name DESC", "Email NULLS LAST", "Title DESC NULLS FIRST", "Id").
		Limit(7)
	require.Equal(
		t,
		"SELECT Id FROM Lead ORDER BY IsConverted, Owner.Name DESC, Email NULLS LAST, Title DESC NULLS FIRST, Id LIMIT 7",
		q.String(),
	)
}

func TestSelectEscapesControlCharacters(t *testing.T) {
	t.Parallel()
	q := soql.From("Lead", "Id").Where(soql.Eq("Name", "a\n\r\t\f\b\x00\x7f\"é€😀"))
	require.Equal(t, `SELECT Id FROM Lead WHERE Name = 'a\n\r\t\u000C\u0008\u0000\u007F"é€😀'`, q.String())
}

func TestSelectHidesReferenceSyntax(t *testing.T) {
	t.Parallel()
	q := soql.From("Lead", "Id").Where(soql.Eq("Name", "a@{r0.id}@b"))
	require.Equal(t, `SELECT Id FROM Lead WHERE Name = 'a\u0040{r0.id}@b'`, q.String())
}

func TestSelectRefusesWhatAStatementCannotHold(t *testing.T) {
	t.Parallel()
	from := func(c soql.Condition) *soql.Select { return soql.From("Lead", "Id").Where(c) }
	const secret = "s3cret"
	long := strings.Repeat("x", 3990) + secret + "12345"
	for name, test := range map[string]struct {
		query *soql.Select
		want  string
	}{
		"nil":                 {nil, "no statement"},
		"no field":            {soql.From("Lead"), "no field"},
		"field name":          {soql.From("Lead", "Id, Name"), `"Id, Name"`},
		"empty field name":    {soql.From("Lead", ""), "malformed field name"},
		"path":                {soql.From("Lead", "Owner."), `"Owner."`},
		"digit first":         {soql.From("Lead", "1d"), `"1d"`},
		"object name":         {soql.From("Lead WHERE", "Id"), `"Lead WHERE"`},
		"object path":         {soql.From("A.B", "Id"), `"A.B"`},
		"order by":            {soql.From("Lead", "Id").OrderBy("Id ASC"), `"Id ASC"`},
		"order of both nulls": {soql.From("Lead", "Id").OrderBy("Id NULLS FIRST NULLS LAST"), `"Id NULLS FIRST NULLS LAST"`},
		"negative limit":      {soql.From("Lead", "Id").Limit(-1), "limit"},
		"condition field":     {from(soql.Eq("Na me", secret)), `"Na me"`},
		"type":                {from(soql.Eq("Name", struct{ s string }{secret})), "field Name: unsupported type"},
		"order of null":       {from(soql.Lt("Name", nil)), "field Name"},
		"nan":                 {from(soql.Eq("N", math.NaN())), "field N"},
		"infinity":            {from(soql.Eq("N", math.Inf(1))), "field N"},
		"date":                {from(soql.Eq("D", salesforce.Date{Year: 2026, Month: 2, Day: 30})), "field D"},
		"zero date":           {from(soql.Eq("D", salesforce.Date{})), "field D"},
		"year":                {from(soql.Eq("D", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))), "field D"},
		"utf-8":               {from(soql.Eq("Name", secret+"\xff")), "field Name: text is not valid UTF-8"},
		"utf-8 in like":       {from(soql.Like("Name", soql.Text(secret+"\xff"))), "field Name"},
		"long":                {from(soql.Eq("Name", long)), "field Name: text longer than 4000 characters"},
		"long in in":          {from(soql.In("Name", "a", long)), "field Name"},
		"long like":           {from(soql.Like("Name", soql.Text(long[1:]), soql.Anything())), "field Name"},
		"error in and":        {from(soql.And(soql.Eq("A", "b"), soql.Not(soql.Eq("N", math.NaN())))), "field N"},
		"semi-join":           {from(soql.InSelect("Id", soql.From("Lead", "a b"))), `"a b"`},
		"anti-join":           {from(soql.NotInSelect("Id", nil)), "no statement"},
		"utf-8 in not in":     {from(soql.NotIn("Name", secret+"\xff")), "field Name"},
		"order of nulls":      {soql.From("Lead", "Id").OrderBy("Id NULLS"), `"Id NULLS"`},
		"semi-join of none":   {from(soql.InSelect("Id", nil)), "no statement"},
		"field of in":         {from(soql.In("a b", secret)), `"a b"`},
		"bad field, no list":  {from(soql.In[string]("a b")), `"a b"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := test.query.Build()
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), secret)
			require.Empty(t, test.query.String())
		})
	}
}

func TestSelectTakesALiteralOf4000Characters(t *testing.T) {
	t.Parallel()
	_, err := soql.From("Lead", "Id").Where(soql.Eq("Name", strings.Repeat("'", 4000))).Build()
	require.NoError(t, err)
}

func TestSplitValuesFillsStatements(t *testing.T) {
	t.Parallel()
	build := func(values []string) *soql.Select {
		return soql.From("Lead", "Id").Where(soql.In("Email", values...))
	}
	values := make([]string, 100)
	for i := range values {
		values[i] = "user" + strconv.Itoa(i) + "@example.com"
	}
	statements := soql.SplitValues(values, 500, build)
	var whole []string
	for i, statement := range statements {
		text := statement.String()
		require.LessOrEqual(t, len(text), 500)
		if i < len(statements)-1 {
			require.Greater(t, len(text), 500-len(`,'user99@example.com'`), "a statement has room left")
		}
		whole = append(whole, strings.Split(strings.TrimSuffix(strings.SplitN(text, "IN (", 2)[1], ")"), ",")...)
	}
	require.Len(t, whole, len(values))
	for i, value := range values {
		require.Equal(t, "'"+value+"'", whole[i])
	}
}

// The work for each statement depends on its own values, not on all that are left.
func TestSplitValuesBuildsLittleMoreThanItReturns(t *testing.T) {
	t.Parallel()
	built := 0
	values := make([]string, 5000)
	for i := range values {
		values[i] = fmt.Sprintf("user%04d@example.com", i)
	}
	split := func(values []string, limit int) []*soql.Select {
		built = 0
		return soql.SplitValues(values, limit, func(values []string) *soql.Select {
			built += len(values)
			return soql.From("Lead", "Id").Where(soql.In("Email", values...))
		})
	}
	require.Greater(t, len(split(values, 1000)), 100)
	require.Less(t, built, 10*len(values))
	require.Len(t, split(values[:200], 100_000), 1)
	require.Equal(t, 200, built, "once, to see that all fit")
}

func TestSplitValuesGivesATooLongValueItsOwnStatement(t *testing.T) {
	t.Parallel()
	build := func(values []string) *soql.Select {
		return soql.From("Lead", "Id").Where(soql.In("Email", values...))
	}
	long := strings.Repeat("x", 100)
	statements := soql.SplitValues([]string{"a", long, "b"}, 60, build)
	require.Len(t, statements, 3)
	require.Contains(t, statements[1].String(), long)
	require.Empty(t, soql.SplitValues(nil, 60, build))
}

// FuzzLiteral reads each literal back as Salesforce would.
func FuzzLiteral(f *testing.F) {
	for _, seed := range []string{
		"", "plain", `'`, `\`, `\'`, `' OR Id != '`, "\n\r\t\b\f\x00", "é😀\u2028", "%_", "@{r0.id}", "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		statement, err := soql.From("Lead", "Id").Where(soql.Eq("Name", text)).Build()
		if err != nil {
			require.True(t, !utf8.ValidString(text) || utf8.RuneCountInString(text) > 2000)
			return
		}
		literal := strings.TrimPrefix(statement, "SELECT Id FROM Lead WHERE Name = ")
		require.Equal(t, text, unquote(t, literal, ""))

		statement, err = soql.From("Lead", "Id").Where(soql.Like("Name", soql.Text(text))).Build()
		require.NoError(t, err)
		literal = strings.TrimPrefix(statement, "SELECT Id FROM Lead WHERE Name LIKE ")
		require.Equal(t, text, unquote(t, literal, "%_"))
	})
}

// unquote reads a string literal, which must end where literal does. The wild
// characters must not occur without a backslash.
func unquote(t *testing.T, literal, wild string) string {
	require.Equal(t, byte('\''), literal[0])
	plain := map[byte]string{'n': "\n", 'r': "\r", 't': "\t", 'f': "\f", '\\': `\`, '\'': `'`}
	for i := range len(wild) {
		plain[wild[i]] = wild[i : i+1]
	}
	var b strings.Builder
	for i := 1; i < len(literal); i++ {
		switch c := literal[i]; {
		case c == '\'':
			require.Equal(t, len(literal)-1, i, "the literal ends early")
			return b.String()
		case c == '\\' && literal[i+1] == 'u':
			code, err := strconv.ParseUint(literal[i+2:i+6], 16, 32)
			require.NoError(t, err)
			b.WriteRune(rune(code))
			i += 5
		case c == '\\':
			text, ok := plain[literal[i+1]]
			require.True(t, ok, "an unknown escape")
			b.WriteString(text)
			i++
		default:
			require.NotContains(t, wild, string(c))
			b.WriteByte(c)
		}
	}
	t.Fatal("the literal does not end")
	return ""
}

// A raw is a Literal that says it is written as it is.
type raw string

func (r raw) SOQL() (string, error) { return string(r), nil }

func TestLiteralIsNoWayForRawText(t *testing.T) {
	t.Parallel()
	for _, text := range []raw{"TODAY", "LAST_N_DAYS:7", "2026-05-03T01:02:03Z", "-1.5", `''`, `'a\'b'`, `'a\\'`} {
		statement, err := soql.From("Lead", "Id").Where(soql.Eq("Name", text)).Build()
		require.NoError(t, err)
		require.Equal(t, "SELECT Id FROM Lead WHERE Name = "+string(text), statement)
	}
	for _, text := range []raw{
		"", "a b", "1) OR (Id != null", `'`, `'a`, `'a'b'`, `'a\'`, `'' OR Id != ''`, "\"a\"", "é",
	} {
		_, err := soql.From("Lead", "Id").Where(soql.Eq("Name", text)).Build()
		require.EqualError(t, err, "soql: field Name: value is not one literal", "%s", text)
	}
}
