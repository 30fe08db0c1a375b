// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/leadtype"
)

// writeLead writes a lead without its strategy, as encoding/json does.
func writeLead(w jsontext.Writer, lead *leadtype.Lead) jsontext.Writer {
	w = w.Open('{').
		Member("id", string(lead.ID)).
		Filled("eventId", lead.EventID).
		Filled("eventName", lead.EventName)
	w = writeTime(w, "capturedAt", lead.CapturedAt)
	w = writeTime(w, "enrichedAt", lead.EnrichedAt)
	w = writeTime(w, "updatedAt", lead.UpdatedAt)
	w = w.Number("revision", lead.Revision).
		Filled("capturedBy", lead.CapturedBy).
		Number("scans", int64(lead.Scans)).
		Filled("provenance", lead.Provenance)
	w = writeCompany(writePerson(w, lead), lead)
	if lead.Score != nil {
		w = w.Name("score").Value(*lead.Score)
	}
	w = w.Filled("scoreBand", lead.ScoreBand).
		Filled("contactId", string(lead.ContactID)).
		Filled("leadId", string(lead.LeadID)).
		Filled("accountId", string(lead.AccountID))
	w = writeAnswers(w, lead.Answers)
	if len(lead.Custom) > 0 {
		w = w.Name("custom").Value(lead.Custom)
	}
	return writeActivities(w, lead.Activities).Close('}')
}

func writePerson(w jsontext.Writer, lead *leadtype.Lead) jsontext.Writer {
	w = w.Filled("firstName", lead.FirstName).
		Filled("lastName", lead.LastName).
		Filled("email", lead.Email)
	w = writeTexts(w, "otherEmails", lead.OtherEmails).
		Filled("jobTitle", lead.JobTitle).
		Filled("phone", lead.Phone).
		Filled("mobilePhone", lead.MobilePhone)
	if len(lead.Phones) > 0 {
		w = w.Name("phones").Value(lead.Phones)
	}
	return w.Filled("linkedin", lead.LinkedIn).
		Filled("facebook", lead.Facebook).
		Filled("twitter", lead.Twitter).
		Filled("street", lead.Street).
		Filled("city", lead.City).
		Filled("state", lead.State).
		Filled("postalCode", lead.PostalCode).
		Filled("country", lead.Country).
		Filled("description", lead.Description).
		Filled("notes", lead.Notes)
}

func writeCompany(w jsontext.Writer, lead *leadtype.Lead) jsontext.Writer {
	return w.Filled("company", lead.Company).
		Filled("website", lead.Website).
		Filled("industry", lead.Industry).
		Filled("companySize", lead.CompanySize).
		Filled("companyRevenue", lead.CompanyRevenue).
		Filled("companyPhone", lead.CompanyPhone).
		Filled("companyLinkedin", lead.CompanyLinkedIn).
		Filled("companyStreet", lead.CompanyStreet).
		Filled("companyCity", lead.CompanyCity).
		Filled("companyState", lead.CompanyState).
		Filled("companyPostalCode", lead.CompanyPostalCode).
		Filled("companyCountry", lead.CompanyCountry)
}

func writeAnswers(w jsontext.Writer, answers map[string][]string) jsontext.Writer {
	if len(answers) == 0 {
		return w
	}
	w = w.Name("qualifiers").Open('{')
	for _, qualifier := range slices.Sorted(maps.Keys(answers)) {
		w = w.AnyName(qualifier).Texts(answers[qualifier])
	}
	return w.Close('}')
}

func writeActivities(w jsontext.Writer, activities []leadtype.Activity) jsontext.Writer {
	if len(activities) == 0 {
		return w
	}
	w = w.Name("activities").Open('[')
	for i := range activities {
		a := &activities[i]
		w = w.Open('{').Filled("id", a.ID).Member("kind", string(a.Kind))
		w = writeTime(w, "at", a.At).Filled("by", a.By).Filled("notes", a.Notes).Close('}')
	}
	return w.Close(']')
}
