// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"testing"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A CorrectedAgain is a lead whose correction was interrupted before it was settled, and
// that was corrected again.
type CorrectedAgain struct {
	Death Death
	Keys  bool
	// Fresh says that not even the lead's create was settled.
	Fresh bool
	// Deaths is how many corrections in a row were interrupted.
	Deaths int
	// Email is the address of the last correction; the lead had First at first, and those of
	// Wrong then.
	Email string
}

// First is the address that the lead has first, and that of its record.
const First = "ada@first.example"

// Wrong returns the address of an interrupted correction, from 0.
func Wrong(i int) string { return fmt.Sprintf("ada@wrong%d.example", i) }

// Corrections returns the cases to try.
func Corrections() []CorrectedAgain {
	var all []CorrectedAgain
	for _, death := range []Death{BeforeSend, AfterSend, AfterCommit, AnswerLost} {
		for _, email := range []string{First, "ada@third.example", Wrong(0)} {
			for _, keys := range []bool{false, true} {
				for _, fresh := range []bool{false, true} {
					all = append(all, CorrectedAgain{death, keys, fresh, 1, email}, CorrectedAgain{death, keys, fresh, 3, email})
				}
			}
		}
	}
	return all
}

// String names the case.
func (c CorrectedAgain) String() string {
	return fmt.Sprintf("%s/%s/keys %t/fresh %t/%d", c.Death, c.Email, c.Keys, c.Fresh, c.Deaths)
}

// Run returns the lead's entry and the rows of the org. open opens the store as a process
// does that begins; the one before has ended. Run belongs into a bubble of package synctest.
func (c CorrectedAgain) Run(t testing.TB, open func() leadsync.Store) (leadsync.Entry, []map[string]any) {
	t.Helper()
	org := sftest.NewOrg(t, sftest.WithNow(time.Now))
	if c.Keys {
		org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
	process := func(death Death) *Mortal {
		return NewMortal(t, org, leadsync.Config{Store: open()}, death)
	}
	lead := func(email string) *leadsync.Lead {
		ada := Ada()
		ada.Email, ada.JobTitle = email, "Countess"
		return ada
	}
	interrupted := func(s *Mortal, email string) {
		_, err := s.Capture(t.Context(), lead(email))
		fatal(t, err)
		DrainFor(t, s.Syncer, 20*time.Second)
		<-time.After(time.Hour)
	}
	if c.Fresh {
		interrupted(process(AfterCommit), First)
	} else {
		Rounds(t, process("").Syncer, lead(First))
	}
	<-time.After(time.Hour)
	for i := range c.Deaths {
		interrupted(process(c.Death), Wrong(i))
	}
	last := process("")
	Rounds(t, last.Syncer, lead(c.Email))
	return StoredIn(t, last.Syncer)[0], org.Rows("Lead")
}
