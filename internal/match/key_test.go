// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// keyField is the key field of an object, of the given length, in an org whose records
// are written under a prefix.
func keyField(t testing.TB, prefix string, object salesforce.Object, length int) match.KeyField {
	t.Helper()
	describe := orgtest.Writable(object, "Id", "Key__c")
	key, _ := describe.Field("Key__c")
	key.ExternalID, key.Unique, key.Length = true, true, length
	session := &org.Session{Describes: map[salesforce.Object]*salesforce.Describe{value.Folded(object): describe}}
	field := match.KeyFieldOf(session, mapping.NewSet(mapping.Config{KeyPrefix: prefix,
		ExternalIDs: map[salesforce.Object]string{object: "Key__c"}}), object)
	require.Equal(t, "Key__c", field.Name)
	return field
}

func TestKeysNamePrefixKindAndParts(t *testing.T) {
	t.Parallel()
	acme, bare := keyField(t, "Acme", "Lead", 255), keyField(t, "", "Lead", 0)
	require.Equal(t, "ls1:6:%41cme,1:p,2:17,", acme.Person("17"))
	require.Equal(t, "ls1:0:,1:p,2:17,", bare.Person("17"))
	require.Equal(t, "ls1:0:,1:p,9:%c3%84%20,", bare.Person("Ä "))
	require.Equal(t, "ls1:0:,1:t,1:l,5:x%2f1,", bare.Task("l", "x/1"))
	require.NotEqual(t, bare.Person("17"), bare.Replacing("17", "00Q000000000001AAA"))
}

func TestKeysFitTheirField(t *testing.T) {
	t.Parallel()
	long := leadtype.LeadID(strings.Repeat("x", leadtype.MaxLeadID))
	for _, length := range []int{org.MinKeyLength, 40, 64, 255, 1000} {
		field := keyField(t, "", "Lead", length)
		require.LessOrEqual(t, len(field.Person(long)), min(length, 255))
		require.Equal(t, field.Person(long), field.Person(long))
		require.NotEqual(t, field.Person(long), field.Person(long[1:]+"y"))
	}
	require.Len(t, keyField(t, "", "Lead", 255).Person(long), len("ls1h:")+52, "a hash")
}

// key is one of the keys that a system writes.
type key struct {
	prefix, kind string
	parts        [2]string
}

func (k key) text(t testing.TB, length int) string {
	field := keyField(t, k.prefix, "Lead", length)
	switch k.kind {
	case "person":
		return field.Person(leadtype.LeadID(k.parts[0]))
	case "replacing":
		return field.Replacing(k.parts[0], salesforce.ID(k.parts[1]))
	case "task":
		return field.Task(leadtype.LeadID(k.parts[0]), k.parts[1])
	}
	return field.Account(&leadtype.Lead{Company: k.parts[0]})
}

// identifies returns what two keys share only when they are the same.
func (k key) identifies() key {
	switch k.kind {
	case "person":
		k.parts[1] = ""
	case "account":
		k.parts = [2]string{identity.Company(k.parts[0])}
	}
	return k
}

// asTheOrgFolds returns text as a database that ignores case, accents, width and spaces
// compares it.
func asTheOrgFolds(text string) string {
	folded := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return cases.Fold().String(folded)
}

func checkKeys(t testing.TB, length int, a, b key) {
	t.Helper()
	one, other := asTheOrgFolds(a.text(t, length)), asTheOrgFolds(b.text(t, length))
	if a.identifies() == b.identifies() {
		require.Equal(t, one, other)
	} else if one != "" || other != "" {
		require.NotEqual(t, one, other, "%+v %+v", a, b)
	}
}

// The control of this test is TestKeysOfEarlierVersionsCollide.
func TestKeysOfDifferentRecordsDiffer(t *testing.T) {
	t.Parallel()
	text := rapid.StringOfN(rapid.SampledFrom([]rune("aAbBéÉßSs1:,/% \u0301\u00a0ıiİＡ")), 0, 6, -1)
	anyKey := rapid.Custom(func(r *rapid.T) key {
		return key{prefix: rapid.SampledFrom([]string{"", "a", "A", "a1:p,"}).Draw(r, "prefix"),
			kind:  rapid.SampledFrom([]string{"person", "replacing", "task", "account"}).Draw(r, "kind"),
			parts: [2]string{text.Draw(r, "part"), text.Draw(r, "part")}}
	})
	rapid.Check(t, func(r *rapid.T) {
		a := anyKey.Draw(r, "a")
		b := rapid.OneOf(anyKey, rapid.Just(a), rapid.Custom(func(r *rapid.T) key {
			near := a // the same but for one thing
			switch rapid.IntRange(0, 3).Draw(r, "what") {
			case 0:
				near.parts[0] = strings.ToUpper(a.parts[0])
			case 1:
				near.parts[1] = strings.ToUpper(a.parts[1])
			case 2:
				near.parts = [2]string{a.parts[0] + "/" + a.parts[1], ""}
			default:
				near.prefix = strings.ToUpper(a.prefix)
			}
			return near
		})).Draw(r, "b")
		checkKeys(t, rapid.SampledFrom([]int{org.MinKeyLength, 64, 255}).Draw(r, "length"), a, b)
	})
}

func FuzzKeysOfDifferentRecordsDiffer(f *testing.F) {
	for _, seed := range [][4]string{{"L", "x/1", "L/x", "1"}, {"aB3", "", "Ab3", ""}, {"straße", "", "STRASSE", ""},
		{"é", "1", "e\u0301", "1"}, {" 1", "a", "1", "a"}, {"1,1:p", "", "1", "1:p"}, {"%41", "", "A", ""}} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, lead, activity, otherLead, otherActivity string) {
		for _, kind := range []string{"person", "replacing", "task"} {
			checkKeys(t, 255, key{kind: kind, parts: [2]string{lead, activity}},
				key{kind: kind, parts: [2]string{otherLead, otherActivity}})
		}
	})
}

func TestKeysOfEarlierVersionsCollide(t *testing.T) {
	t.Parallel()
	require.Equal(t, match.OldTaskKey("L", "x/1"), match.OldTaskKey("L/x", "1"))
	require.Equal(t, asTheOrgFolds(match.OldPersonKey("aB3")), asTheOrgFolds(match.OldPersonKey("Ab3")))
}

func TestOldKeysAreThoseOfEarlierVersions(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 255)
	require.Equal(t, "L1", match.OldPersonKey(" L1 "))
	require.Equal(t, "L1/a", match.OldTaskKey("L1", "a"))
	require.Equal(t, long, match.OldPersonKey(leadtype.LeadID(long)))
	require.Len(t, match.OldTaskKey(leadtype.LeadID(long), "a"), 64, "a hash")
	for _, id := range []string{"ls1:0:,1:p,2:17,", " LS1:x", "ls1h:abc"} {
		require.Empty(t, match.OldPersonKey(leadtype.LeadID(id)), "would be the key of another lead")
	}
}

func TestAccountKeyIsTheDomainElseTheName(t *testing.T) {
	t.Parallel()
	field := keyField(t, "", "Account", 255)
	site := &leadtype.Lead{Website: "https://www.acme.example/about", Company: "Other"}
	mail := &leadtype.Lead{Email: "ada@acme.example"}
	free := &leadtype.Lead{Email: "ada@gmail.com", Company: "ACME GmbH"}
	require.Equal(t, "ls1:0:,1:a,6:domain,12:acme.example,", field.Account(site))
	require.Equal(t, field.Account(site), field.Account(mail))
	require.Equal(t, field.Account(&leadtype.Lead{Company: "Acme"}), field.Account(free))
	require.Equal(t, field.Account(mail), field.Account(free, mail), "a domain of any of the leads")
	require.Empty(t, field.Account(&leadtype.Lead{Email: "ada@gmail.com"}))
}

func TestIdentityKeyFoldsWhatMeansTheSame(t *testing.T) {
	t.Parallel()
	key := func(object, field, value string) string {
		return match.IdentityKey(&leadtype.Probe{Object: salesforce.Object(object), Field: field, Value: value})
	}
	require.Equal(t, key("Lead", "Email", "ada@acme.example"), key("Lead", "Email", " ADA@acme.example"))
	require.Equal(t, key("Lead", "Email", "ada@acme.example"), key("Contact", "Email", "ada@acme.example"))
	require.Equal(t, key("Lead", "Id", "00Q000000000001"), key("Lead", "Id", "00Q000000000001EAA"))
	require.NotEqual(t, key("Lead", "Email", "ada@acme.example"), key("Lead", "Phone", "ada@acme.example"))
	require.Empty(t, key("Lead", "Email", " "))
	require.Empty(t, key("Account", "Name", "Acme"), "colleagues are not one person")
}

func TestKnownIDsAreThoseOfTheLastSync(t *testing.T) {
	t.Parallel()
	const contact, lead, account, other = "003000000000001AAA", "00Q000000000001AAA", "001000000000001AAA",
		"001000000000002AAA"
	for name, tc := range map[string]struct {
		lead leadtype.Lead
		last *leadtype.Outcome
		want leadtype.Lead
	}{
		"none": {leadtype.Lead{LeadID: lead}, nil, leadtype.Lead{LeadID: lead}},
		"a Contact": {leadtype.Lead{}, &leadtype.Outcome{Object: "Contact", ID: contact, AccountID: account},
			leadtype.Lead{ContactID: contact, AccountID: account}},
		"a Lead": {leadtype.Lead{}, &leadtype.Outcome{Object: "Lead", ID: lead}, leadtype.Lead{LeadID: lead}},
		"the host's account": {leadtype.Lead{AccountID: other},
			&leadtype.Outcome{Object: "Contact", ID: contact, AccountID: account},
			leadtype.Lead{ContactID: contact, AccountID: other}},
		"a chosen account": {leadtype.Lead{AccountID: other},
			&leadtype.Outcome{AccountID: account, Trace: leadtype.MatchTrace{
				Choice: leadtype.Choice{ChosenAccount: account}}},
			leadtype.Lead{AccountID: account}},
		"an account chosen with an earlier version": {leadtype.Lead{AccountID: other},
			&leadtype.Outcome{AccountID: account, Trace: leadtype.MatchTrace{Choice: leadtype.Choice{Chosen: account}}},
			leadtype.Lead{AccountID: account}},
	} {
		before := tc.lead
		got, _ := (&match.Item{Lead: &tc.lead, Last: tc.last}).KnownLead()
		require.Equal(t, &tc.want, got, name)
		require.Equal(t, before, tc.lead, name)
	}
}

func TestItemKeepsItsPendingCreatesForTheNextLook(t *testing.T) {
	t.Parallel()
	person := leadtype.Intent{Kind: leadtype.PartPerson, Key: "L1"}
	task := leadtype.Intent{Kind: leadtype.PartTask, Key: "a1"}
	account := leadtype.Intent{Kind: leadtype.PartAccount, Key: "acme.example"}
	item := &match.Item{Lead: &leadtype.Lead{ID: "L1"}, Intents: []leadtype.Intent{person, task},
		Left: []leadtype.Intent{account}}
	require.Equal(t, []leadtype.Intent{person, task, account}, item.Open())
	require.Equal(t, &task, item.Intent(leadtype.PartTask, "a1"))
	require.Nil(t, item.Intent(leadtype.PartTask, "a2"))
	require.Equal(t, &person, item.Keyed(leadtype.PartPerson))
	require.Nil(t, item.Keyed(leadtype.PartTask), "the key of a Task is its activity's")

	outcome := &leadtype.Outcome{LeadID: "L1"}
	item.Settle(outcome, []leadtype.Intent{task})
	require.Equal(t, &match.Item{Lead: item.Lead, Intents: []leadtype.Intent{task}, Last: outcome}, item.Next())
}
