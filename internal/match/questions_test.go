// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// questionsOn returns no questions yet, to an org with some objects.
func questionsOn(m *mapping.Mapping, describes ...*salesforce.Describe) *questions {
	session := &org.Session{Describes: make(map[salesforce.Object]*salesforce.Describe)}
	for _, d := range describes {
		session.Describes[value.Folded(d.Name)] = d
	}
	return newQuestions(mapping.NewSet(mapping.Config{Mapper: m}), session, 0)
}

// With more addresses than one statement holds, the answer to one statement says
// nothing about the addresses that another one asks for.
func TestUsersOfSeveralStatementsAreAllKnown(t *testing.T) {
	t.Parallel()
	q := questionsOn(new(mapping.Mapping))
	emails := make([]string, 2000)
	for i := range emails {
		emails[i] = fmt.Sprintf("rep%04d@%s.example", i, strings.Repeat("x", 60))
		addEmail(q.newReps, emails[i])
	}
	statements := q.users()
	require.Greater(t, len(statements), 1)

	for n, st := range statements {
		var answer []salesforce.Record
		for i, email := range emails {
			if strings.Contains(st.read.Query.String(), email) {
				answer = append(answer, salesforce.Record{ID: salesforce.ID(fmt.Sprintf("005%012dAAA", i)),
					Fields: salesforce.Fields{"Email": email, "Username": email}})
			}
		}
		st.take(newIndex(), answer)
		if n < len(statements)-1 {
			require.False(t, q.session.Reps.Known(emails[len(emails)-1]), "it was not asked for yet")
		}
	}

	for i, email := range emails {
		id, ok := q.session.Reps.User(email)
		require.True(t, ok, email)
		require.Equal(t, salesforce.ID(fmt.Sprintf("005%012dAAA", i)), id)
	}
}

// The same questions make the same statements, in the same order.
func TestStatementsAreInOrder(t *testing.T) {
	t.Parallel()
	fields := []string{"A__c", "B__c", "C__c", "D__c", "E__c", "F__c"}
	statements := func() []string {
		q := questionsOn(&mapping.Mapping{Sections: []mapping.Section{{Object: "Visit__c", Key: "A__c"}}},
			orgtest.Writable("Visit__c", fields...), orgtest.Writable("Lead", append(fields, "LastName")...))
		for _, field := range fields {
			q.want("Visit__c", field, "1")
			q.want("Lead", field, "1")
		}
		var text []string
		for _, st := range append(q.objects(), q.records()...) {
			text = append(text, st.read.Query.String())
		}
		return text
	}
	first := statements()
	require.Len(t, first, len(fields)+1)
	for range 20 {
		require.Equal(t, first, statements())
	}
}

func TestKeyedTasksBeginWithTheirStems(t *testing.T) {
	t.Parallel()
	for _, length := range []int{40, maxKey} {
		q := &questions{taskKey: KeyField{Name: "Key__c", length: length}}
		own, old := make([]string, 0, 4), make([]string, 0, 4)
		for i, id := range []string{"17", " A b ", strings.Repeat("long", 60), "ls1:x"} {
			activity := fmt.Sprint("activity ", i)
			q.coverTask(leadtype.LeadID(id), activity)
			own = append(own, q.taskKey.Task(leadtype.LeadID(id), activity))
			if key := OldTaskKey(leadtype.LeadID(id), activity); key != "" {
				old = append(old, key)
			}
		}
		require.Len(t, q.taskStems.own, len(own))
		require.Len(t, q.taskStems.old, len(old))
		for i, key := range own {
			require.True(t, strings.HasPrefix(key, q.taskStems.own[i]), key)
		}
		for i, key := range old {
			require.True(t, strings.HasPrefix(key, q.taskStems.old[i]), key)
		}
	}
}
