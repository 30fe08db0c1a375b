// SPDX-License-Identifier: Apache-2.0

package org

import (
	"sync"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A Reps remembers, for a session, which active User has which e-mail address,
// and which owners the org refuses. It is safe for concurrent use.
type Reps struct {
	mu      sync.Mutex
	users   map[string]salesforce.ID // by folded e-mail address; empty: there is none
	refuses value.Set                // ids of owners
}

// sandboxMark is what Salesforce puts behind the address of each User when it makes or
// refreshes a sandbox, so that no mail leaves it; an administrator takes it off
// where a User is needed (docs/salesforce.md, Fields).
const sandboxMark = ".invalid"

// RepEmails returns the addresses that Users with the addresses given may have in the org: in
// a sandbox also those that Salesforce has marked.
func (s *Session) RepEmails(emails []string) []string {
	if !s.Sandbox {
		return emails
	}
	all := make([]string, 0, 2*len(emails))
	for _, email := range emails {
		all = append(all, email, email+sandboxMark)
	}
	return all
}

// Learn keeps what a query for the RepEmails of emails found.
func (r *Reps) Learn(emails []string, users []salesforce.Record) {
	byEmail := make(map[string][]salesforce.Record)
	for _, user := range users {
		email := identity.Email(user.Text("Email"))
		byEmail[email] = append(byEmail[email], user)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users == nil {
		r.users = make(map[string]salesforce.ID)
	}
	for _, email := range emails {
		users := byEmail[email]
		if len(users) == 0 {
			users = byEmail[email+sandboxMark]
		}
		r.users[email] = oneUser(email, users)
	}
}

// oneUser returns the only one of users, or the one whose user name is the address.
// An address that several users share identifies none of them: administrators use
// theirs for integrations too.
func oneUser(email string, users []salesforce.Record) salesforce.ID {
	for _, user := range users {
		if identity.Email(user.Text("Username")) == email {
			return user.ID
		}
	}
	if len(users) == 1 {
		return users[0].ID
	}
	return ""
}

// RepEmail returns the e-mail address in the text that names a rep, such as
// "Ann <ann@acme.example>", in the form in which addresses are compared.
func RepEmail(text string) string {
	if text == "" {
		return ""
	}
	if address, err := reading.ReadEmail(text); err == nil {
		text = address
	}
	return identity.Email(text)
}

// Known reports whether the address was looked up.
func (r *Reps) Known(email string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.users[RepEmail(email)]
	return ok
}

// User returns the active User with an e-mail address.
func (r *Reps) User(email string) (salesforce.ID, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := r.users[RepEmail(email)]
	return id, id != ""
}

// Refuse notes that the org refused an owner. It is then refused for every object: a
// lead has two passes, and its records the same owner.
func (r *Reps) Refuse(owner salesforce.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuses == nil {
		r.refuses = make(value.Set)
	}
	r.refuses.Add(string(owner.ID18()))
}

// Refused reports whether the org refused an owner.
func (r *Reps) Refused(owner salesforce.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refuses.Has(string(owner.ID18()))
}
