package mapping

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// unusedAnswers warns of answers that nothing in the configuration reads for the lead's
// event. What a host's own Mapper reads is not known: beside one there is no warning.
func (s *Set) unusedAnswers(lead *leadtype.Lead) []leadtype.Warning {
	if s.mapping() == nil || len(lead.Answers) == 0 {
		return nil
	}
	used := s.answersRead(lead)
	var warnings []leadtype.Warning
	for _, name := range slices.Sorted(maps.Keys(lead.Answers)) {
		source := value.PrefixQualifier + name
		if !used.Has(source) && len(value.TrimmedValues(lead.Answers[name])) > 0 {
			warnings = append(warnings,
				leadtype.Warning{Code: leadtype.NoTagMapping, Field: source, Reason: "answers no qualifier of the event"})
		}
	}
	return warnings
}

// answersRead returns the sources that qualifiers, rows and campaign links read.
func (s *Set) answersRead(lead *leadtype.Lead) value.Set {
	used := make(value.Set)
	for i := range s.qualifiers {
		if q := &s.qualifiers[i]; q.Archived || q.asks(lead) {
			used.Add(q.source())
		}
	}
	for _, section := range s.mapping().Sections {
		addSources(used, section.Rules)
	}
	for _, link := range s.campaigns {
		addSources(used, link.Fields)
		if link.StatusBy != nil {
			used.Add(value.PrefixQualifier + link.StatusBy.Qualifier)
		}
	}
	return used
}

func addSources(sources value.Set, rules []Rule) {
	for i := range rules {
		sources.Add(rules[i].Source)
	}
}

// answerReason names the qualifier whose answers fill a field, "" for none.
// Answers come after rows, and of several qualifiers the last one counts.
func (s *Set) answerReason(object salesforce.Object, field string, leads []*leadtype.Lead) string {
	reason := ""
	for _, lead := range leads {
		for i := range s.qualifiers {
			if q := &s.qualifiers[i]; q.fills(object, field, lead) {
				reason = "answer to " + q.source()
			}
		}
	}
	return reason
}
