package leadsync

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// unusedAnswers warns of answers that nothing in the configuration reads for the lead's
// event. What a host's own Mapper reads is not known: beside one there is no warning.
func (s *mappingSet) unusedAnswers(lead *Lead) []Warning {
	if s.mapping() == nil || len(lead.Answers) == 0 {
		return nil
	}
	used := s.answersRead(lead)
	var warnings []Warning
	for _, name := range slices.Sorted(maps.Keys(lead.Answers)) {
		source := prefixQualifier + name
		if !used.has(source) && len(trimmedValues(lead.Answers[name])) > 0 {
			warnings = append(warnings,
				Warning{Code: NoTagMapping, Field: source, Reason: "answers no qualifier of the event"})
		}
	}
	return warnings
}

// answersRead returns the sources that qualifiers, rows and campaign links read.
func (s *mappingSet) answersRead(lead *Lead) set {
	used := make(set)
	for i := range s.qualifiers {
		if q := &s.qualifiers[i]; q.Archived || q.asks(lead) {
			used.add(q.source())
		}
	}
	for _, section := range s.mapping().Sections {
		addSources(used, section.Rules)
	}
	for _, link := range s.campaigns {
		addSources(used, link.Fields)
		if link.StatusBy != nil {
			used.add(prefixQualifier + link.StatusBy.Qualifier)
		}
	}
	return used
}

func addSources(sources set, rules []Rule) {
	for i := range rules {
		sources.add(rules[i].Source)
	}
}

// answerReason names the qualifier whose answers fill a field, "" for none.
// Answers come after rows, and of several qualifiers the last one counts.
func (s *mappingSet) answerReason(object salesforce.Object, field string, leads []*Lead) string {
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
