// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"strings"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var textTests = map[string]func(*env){
	"TextFindsTheBeginningsOfWords":  textWords,
	"TextFollowsTheLead":             textFollows,
	"TextFindsNothingOfAForgotten":   textForgotten,
	"TextKeepsToTheConnection":       textConnection,
	"TextOfTooManyWordsFindsNone":    textBounds,
	"TextFindsALeadWithMoreThanFits": textLong,
}

// found returns the leads that a text finds.
func (e *env) found(text string) []leadtype.LeadID {
	e.t.Helper()
	return append([]leadtype.LeadID{}, entryIDs(e.list(store.Filter{Text: text}))...)
}

// people are leads with names as they are.
func people() []*leadtype.Lead {
	return []*leadtype.Lead{
		{ID: "badge-4711", FirstName: "Zoë", LastName: "Müller-O'Neill", Email: "zoe.mueller@büro.example",
			Company: "Größe & Söhne GmbH"},
		{ID: "4712", FirstName: "Юлия", LastName: "Иванова", Company: "山田太郎 Trading",
			OtherEmails: []string{"julia@home.example"}},
		{ID: "ABC_100%", FirstName: "Ada", LastName: "Lovelace", Email: "ada@engines.example"},
	}
}

func textWords(e *env) {
	e.capture(store.StateQueued, people()...)
	const zoe, julia, ada = leadtype.LeadID("badge-4711"), leadtype.LeadID("4712"), leadtype.LeadID("ABC_100%")
	for text, want := range map[string][]leadtype.LeadID{
		"zoe": {zoe}, "ZOË": {zoe}, "mull": {zoe}, "Müll": {zoe}, "o'n": {zoe}, "oneill": {zoe}, "O’Neill": {zoe},
		"muller o": {zoe}, "o muller": {zoe}, "zoe.mue": {zoe}, "buro": {zoe}, "große": {zoe}, "grosse sohne": {zoe},
		"4711": {zoe}, "badge-47": {zoe}, "47": {zoe, julia}, "yul": {julia}, "Юл": {julia}, "иван": {julia},
		"山田": {julia}, "trading": {julia}, "julia@home": {julia}, "ada love": {ada}, "LOVE": {ada},
		"ada@engines.example": {ada}, "abc": {ada}, "abc_100": {ada}, "example": {zoe, julia, ada},
		"ada zoe": {}, "ovelace": {}, "lovelaces": {}, "%": {}, "_": {}, "z%": {zoe}, "*": {}, "": {zoe, julia, ada},
		"ada\x00": {ada}, "711": {}, "太郎": {}, "t": {julia}, "tzoe": {},
	} {
		e.equal("found by "+text, e.found(text), want)
	}
}

func textFollows(e *env) {
	one := &leadtype.Lead{ID: "L1", FirstName: "Ada", LastName: "Byron", Email: "ada@example.com"}
	e.capture(store.StateQueued, one)
	e.equal("found", e.found("byron"), []leadtype.LeadID{"L1"})
	married := *one
	married.LastName = "Lovelace"
	e.capture(store.StateQueued, &married)
	e.equal("found by the former name", e.found("byron"), []leadtype.LeadID{})
	e.equal("found by the new name", e.found("ada lovelace"), []leadtype.LeadID{"L1"})

	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.capture(store.StateQueued, one) // in flight
	e.equal("found in flight", e.found("byron"), []leadtype.LeadID{"L1"})
	e.settle(lease, c, cleared("L1"))
	e.equal("found after it", e.found("ada byron"), []leadtype.LeadID{"L1"})
	e.equal("found by no former name", e.found("lovelace"), []leadtype.LeadID{})
	e.equal("pushed", e.push(store.Filter{Text: "byr"}), 1)
	e.equal("counted", e.count(store.Filter{Text: "byr"}).Groups[0].Leads, 1)
	e.equal("counted", len(e.count(store.Filter{Text: "lov"}).Groups), 0)
}

func textForgotten(e *env) {
	e.capture(store.StateQueued, people()...)
	e.noError(e.store.Forget(e.ctx(), connection, "badge-4711", "", store.Suppress))
	e.equal("found by its name", e.found("zoe"), []leadtype.LeadID{})
	e.equal("found by what others have too", e.found("example"), []leadtype.LeadID{"4712", "ABC_100%"})
	e.queue("L9")
	e.equal("found", e.found("l9"), []leadtype.LeadID{"L9"})
	e.equal("a suppressed lead", e.capture(store.StateQueued, people()...).Suppressed, 1)
	e.equal("found when it is refused", e.found("zoe"), []leadtype.LeadID{})
}

func textConnection(e *env) {
	e.queue("L1")
	_, err := e.store.Capture(e.ctx(), "another", []store.Captured{
		{Lead: &leadtype.Lead{ID: "L2", LastName: "Lovelace"}, State: store.StateQueued}})
	e.noError(err)
	e.equal("found", e.found("lovelace"), []leadtype.LeadID{})
	e.equal("found", e.found("l"), []leadtype.LeadID{"L1"})
}

// textBounds requires that a text of too many words selects none, rather than those that have
// the first of them.
func textBounds(e *env) {
	const one, other = "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba"
	l := lead("L1")
	l.Company = one + " " + other
	e.capture(store.StateQueued, l)
	beginnings := func(n int) string {
		var words []string
		for i := range n {
			words = append(words, one[:i+1], other[:i+1])
		}
		return strings.Join(words, " ")
	}
	e.equal("found by one word many times", e.found(strings.Repeat("example ", 1000)), []leadtype.LeadID{"L1"})
	e.equal("found", e.found(beginnings(store.MaxWords/2)), []leadtype.LeadID{"L1"})
	e.equal("found", e.found(beginnings(store.MaxWords/2+1)), []leadtype.LeadID{})
}

// textLong requires that what is too long of a lead costs only that.
func textLong(e *env) {
	l := lead("L1")
	l.FirstName, l.LastName = "Ada", strings.Repeat("é", 5000)
	words := make([]string, 500)
	for i := range words {
		words[i] = "w" + strings.Repeat("w", i%30) + string(rune('a'+i%26))
	}
	l.Company = strings.Join(words, " ")
	e.capture(store.StateQueued, l)
	for _, text := range []string{"ada", "eee", strings.Repeat("é", 39), strings.Repeat("É", 6000), "example", "wa"} {
		e.equal("found", e.found(text), []leadtype.LeadID{"L1"})
	}
}
