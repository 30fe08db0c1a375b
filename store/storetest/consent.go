// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var consentTests = map[string]func(*env){
	"CaptureTakesNoOptOutBack":             captureOptOut,
	"CaptureOfOlderNewsTakesConsent":       captureOlderConsent,
	"CaptureByForceTakesConsentAsItIs":     captureForcedConsent,
	"CaptureKeepsAConsentThatIsTheSame":    captureSameConsent,
	"CaptureKeepsTheAnswerToAQualifierToo": captureAnsweredConsent,
}

// consents are an opt-out and a consent.
var consents = []leadtype.ConsentSource{
	{Source: "custom.out", Keep: true, Values: map[string]string{"Keine Werbung": "true"}},
	{Source: "custom.news", Keep: false},
	{Source: "qualifier.mail", Keep: false},
}

// consenting returns a revision of a lead that says an opt-out and a consent.
func consenting(revision int64, out, news any) *leadtype.Lead {
	l := revised("L1", revision, "")
	l.Custom = map[string]any{"out": out, "news": news, "other": "yes"}
	return l
}

// captureConsent captures a lead of which the consents are known.
func (e *env) captureConsent(lead *leadtype.Lead) store.CaptureReport {
	e.t.Helper()
	return e.captureAs(store.Captured{Lead: lead, State: store.StateQueued, Consents: consents})
}

// says requires what the stored lead says.
func (e *env) says(what string, out, news any) {
	e.t.Helper()
	lead := e.entry("L1").Lead
	e.equal(what, []any{lead.Custom["out"], lead.Custom["news"]}, []any{out, news})
}

// A capture that leaves the question out, or says the contrary, takes nothing back that
// another has said before it was synced.
func captureOptOut(e *env) {
	e.captureConsent(consenting(1, "yes", "no"))
	e.reported("without the question", e.captureConsent(consenting(2, nil, "")), 0, 1, 0, 0)
	e.says("without the question", "yes", "no")
	e.captureConsent(consenting(3, false, true))
	e.says("with the contrary", "yes", "no")
	e.captureConsent(consenting(4, "keine werbung", "no"))
	e.says("said again", "keine werbung", "no")
}

// Of older news an opt-out counts, and nothing else.
func captureOlderConsent(e *env) {
	newer := consenting(5, false, true)
	newer.Custom["other"] = "no"
	e.captureConsent(newer)
	e.reported("older", e.captureConsent(consenting(4, "Keine Werbung", "no")), 0, 0, 0, 1)
	e.says("older", "Keine Werbung", "no")
	e.equal("what is no consent", e.entry("L1").Lead.Custom["other"], any("no"))
	e.equal("revision", e.entry("L1").Lead.Revision, int64(5))
	e.reported("older yet", e.captureConsent(consenting(3, false, true)), 0, 0, 0, 1)
	e.says("older yet", "Keine Werbung", "no")
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), cleared("L1"))
	e.captureConsent(consenting(2, "no", "yes"))
	e.at("L1", leadtype.Cleared, "")
}

func captureForcedConsent(e *env) {
	e.captureConsent(consenting(1, true, false))
	e.captureAs(store.Captured{Lead: consenting(1, false, true), State: store.StateQueued, Consents: consents,
		Force: true})
	e.says("by force", false, true)
}

func captureSameConsent(e *env) {
	e.captureConsent(consenting(1, true, "no"))
	e.reported("the same", e.captureConsent(consenting(1, true, "no")), 0, 0, 1, 0)
	e.reported("the contrary alone", e.captureConsent(consenting(1, false, "yes")), 0, 0, 1, 0)
}

func captureAnsweredConsent(e *env) {
	answering := func(revision int64, answers ...string) *leadtype.Lead {
		l := revised("L1", revision, "")
		l.Answers = map[string][]string{"mail": answers}
		return l
	}
	e.captureConsent(answering(2, "yes"))
	e.captureConsent(answering(1, "no"))
	e.equal("answer", e.entry("L1").Lead.Answers["mail"], []string{"no"})
	e.captureConsent(answering(3, "yes"))
	e.equal("answer", e.entry("L1").Lead.Answers["mail"], []string{"no"})
}
