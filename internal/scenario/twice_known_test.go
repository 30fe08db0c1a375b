// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// buyers are leads with first and last names, an address at acme.example and a title, one of
// them new to any org.
func buyers(names ...string) (fill []func(*leadsync.Lead)) {
	for _, name := range append(names, "Nobody Newman") {
		first, last, _ := strings.Cut(name, " ")
		fill = append(fill, func(l *leadsync.Lead) {
			l.FirstName, l.LastName, l.JobTitle = first, last, "Buyer"
			l.Email = strings.ToLower(first) + "@acme.example"
		})
	}
	return fill
}

// at gives all leads of a situation the same fields.
func at(fill []func(*leadsync.Lead), put func(l *leadsync.Lead)) []func(*leadsync.Lead) {
	for i, one := range fill {
		fill[i] = func(l *leadsync.Lead) { one(l); put(l) }
	}
	return fill
}

// fromFile are the leads of a file.
func fromFile(text string) (fill []func(*leadsync.Lead)) {
	list, err := leadcsv.Read(strings.NewReader(text), &leadcsv.Options{EventID: "expo"})
	if err != nil || len(list.Leads) == 0 {
		panic(fmt.Sprint("no leads: ", err))
	}
	for _, lead := range list.Leads {
		fill = append(fill, func(l *leadsync.Lead) { *l = *lead })
	}
	return fill
}

// contactsOf inserts a Contact with the fields into an Account.
func contactsOf(all ...map[string]any) func(*sftest.Org, *leadsync.Config, *leadsync.Mapping) {
	return func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
		account := org.Insert("Account", map[string]any{"Name": "Acme"})
		for _, fields := range all {
			fields = maps.Clone(fields) // other tests beside this one insert them too
			fields["AccountId"] = account
			org.Insert("Contact", fields)
		}
	}
}

// knownPeople are situations in which the org has the people already, or others like them.
func knownPeople() map[string]situation {
	pia := map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": "pia@acme.example"}
	with := func(more map[string]any) map[string]any {
		all := make(map[string]any)
		for _, fields := range []map[string]any{pia, more} {
			for name, v := range fields {
				all[name] = v
			}
		}
		return all
	}
	info := func(l *leadsync.Lead) { l.Email = "info@acme.example" }
	return map[string]situation{
		"Contacts of one address": {prepare: contactsOf(with(map[string]any{"Email": "info@acme.example"}),
			map[string]any{"FirstName": "Samir", "LastName": "Naga", "Email": "info@acme.example", "Title": "Engineer"}),
			fill: at(buyers("Pia Gibson", "Tomas Novak", "Samir Naga"), info)},
		"strangers behind a placeholder": {fill: at(buyers("Ana Lopez", "Ben Meyer", "Cho Park"),
			func(l *leadsync.Lead) { l.Email = "noemail@noemail.com" })},
		"strangers without an address": {fill: at(buyers("Ana Lopez", "Ben Meyer"),
			func(l *leadsync.Lead) { l.Email = "" })},
		"words for nothing over values": {
			prepare: contactsOf(with(map[string]any{"Title": "CFO", "Phone": "+1 555 0100", "MailingCity": "Oslo"})),
			fill: append(buyers(), each(func(l *leadsync.Lead, v string) {
				l.FirstName, l.LastName, l.Email, l.JobTitle, l.Phone, l.City = v, "Gibson", "pia@acme.example", v, v, v
			}, "null", "--", "#N/A", "None", "(blank)", `\N`)...)},
		"a part of an address": {prepare: contactsOf(with(map[string]any{"MailingStreet": "123 Main Street",
			"MailingCity": "Washington", "MailingState": "DC", "MailingPostalCode": "20005", "MailingCountry": "USA"})),
			fill: at(buyers("Pia Gibson"), func(l *leadsync.Lead) { l.City, l.Country = "Berlin", "Germany" })},
		"names in capitals and in short": {prepare: contactsOf(with(map[string]any{"FirstName": "Robert",
			"LastName": "McDonald", "Email": "robert@acme.example"})),
			fill: append(buyers("ROBERT MCDONALD", "JEAN-LUC O'NEILL", "ludwig van der berg"),
				func(l *leadsync.Lead) {
					l.FirstName, l.LastName, l.Email = "Bob", "McDonald, PhD", "robert@acme.example"
				})},
		"a default for the last name": {prepare: func(org *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
			changeRules(m, func(r *leadsync.Rule) { r.Default = "[not provided]" }, "LastName", "Company")
			scenario.InsertLead(org, "Realname", "lonnie@acme.example")
		}, fill: at(buyers("Lonnie", "Mary"), func(l *leadsync.Lead) { l.Company = "" })},
		"person accounts": {options: []sftest.Option{sftest.WithPersonAccounts()},
			prepare: func(org *sftest.Org, cfg *leadsync.Config, _ *leadsync.Mapping) {
				cfg.PersonLeads = true
				org.Insert("Account", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "PersonEmail": "pia@acme.example"})
			}, fill: at(buyers("Pia Gibson", "Tom Novak"), func(l *leadsync.Lead) { l.Company, l.Phone = "", "+1 555 0100" })},
		"merged twice": {prepare: func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
			first := scenario.InsertContact(org, "Gibson", "pia@acme.example")
			second := scenario.InsertContact(org, "Gibson", "b@b.example")
			third := scenario.InsertContact(org, "Gibson", "c@c.example")
			org.Merge("Contact", second, first)
			org.Merge("Contact", third, second)
		}, fill: buyers("Pia Gibson")},
		"erased": {prepare: func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
			org.Delete("Contact", scenario.InsertContact(org, "Gibson", "pia@acme.example"))
		}, fill: buyers("Pia Gibson")},
		"a duplicate rule over objects": {refused: true, prepare: func(org *sftest.Org, cfg *leadsync.Config,
			m *leadsync.Mapping) {
			contactsOf(with(map[string]any{"Email": "private@home.example", "Phone": "+1 555 0100"}))(org, cfg, m)
			org.AddDuplicateRule("Lead", sftest.DuplicateRule{MatchOn: []string{"FirstName", "LastName", "Phone"},
				Against: []string{"Lead", "Contact"}})
		}, fill: at(buyers("Pia Gibson"), func(l *leadsync.Lead) { l.Phone = "+1 555 0100" })},
		"converted, Leads and Contacts": convertedBefore(leadsync.LeadsAndContacts),
		"converted, Leads only":         convertedBefore(leadsync.LeadsOnly),
		"converted, Accounts":           convertedBefore(leadsync.AccountsAndContacts),
	}
}

// convertedBefore is a lead whose Lead has been converted, with a membership and a Task.
func convertedBefore(strategy leadsync.Strategy) situation {
	return situation{prepare: func(org *sftest.Org, cfg *leadsync.Config, _ *leadsync.Mapping) {
		campaign := scenario.Expo(org)
		cfg.Strategy, cfg.Campaigns = strategy, []leadsync.CampaignLink{{CampaignID: campaign, Status: "Responded"}}
		id := scenario.InsertLead(org, "Gibson", "pia@acme.example")
		org.Insert("CampaignMember", map[string]any{"CampaignId": string(campaign), "LeadId": id, "Status": "Sent"})
		org.Convert(id)
	}, fill: at(buyers("Pia Gibson"), func(l *leadsync.Lead) {
		l.Activities = []leadsync.Activity{{ID: "a1", Kind: leadsync.ActivityNote, Notes: "hello"}}
	})}
}

// orgRules are situations in which the org has rules and settings of its own.
func orgRules() map[string]situation {
	call := func(l *leadsync.Lead) {
		l.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: "called back", At: l.CapturedAt}}
	}
	return map[string]situation{
		"Task statuses of another language": {prepare: func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
			org.DefineField("Task", sftest.Field{Name: "Status", Type: "picklist", Restricted: true,
				Options: []string{"Offen", "Erledigt"}, Default: "Offen"})
			org.DefineField("Task", sftest.Field{Name: "TaskSubtype", Type: "picklist", Restricted: true,
				Options: []string{"Task", "Email"}})
		}, fill: at(buyers("Pia Gibson"), call)},
		"a Task field that nothing fills": {prepare: func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
			org.DefineField("Task", sftest.Field{Name: "Outcome__c", Type: "picklist", Required: true,
				Options: []string{"Positive"}})
		}, fill: append(buyers(), at(buyers("Pia Gibson"), call)[0])},
		"a queue and an assignment rule": {prepare: func(org *sftest.Org, cfg *leadsync.Config, _ *leadsync.Mapping) {
			queue := org.Insert("Group", map[string]any{"Name": "Inbound", "Type": "Queue"})
			org.AssignLeadsTo(queue)
			cfg.AutoAssign = true
			scenario.InsertLead(org, "Gibson", "pia@acme.example")
		}, fill: buyers("Pia Gibson", "Tom Novak")},
		"a validation rule that old rows break": {refused: true,
			prepare: func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
				scenario.InsertLead(org, "Gibson", "pia@acme.example")
				org.AddRule("Lead", sftest.Rule{Name: "Source", Message: "no source", Field: "Rating",
					Refuses: func(row map[string]any) bool { return row["Email"] == "pia@acme.example" }})
			}, fill: at(buyers("Pia Gibson"), call)},
		"a trigger that fails for one row": {refused: true, waits: true,
			prepare: func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
				org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
					if row["LastName"] != "Gibson" {
						return nil
					}
					return sftest.FailedTrigger("LeadScoring", "BeforeInsert", "System.NullPointerException")
				})
			}, fill: buyers("Pia Gibson", "Tom Novak")},
		"automation that stands few rows": {prepare: func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
			org.OnBatch("Lead", func(rows int) *sftest.RowError {
				if rows <= 2 {
					return nil
				}
				return sftest.FailedTrigger("Rollup", "AfterInsert", "System.LimitException: Too many SOQL queries: 101")
			})
		}, fill: buyers("Pia Gibson", "Tom Novak", "Ana Lopez", "Ben Meyer", "Cho Park")},
		"companies that are none": {prepare: func(_ *sftest.Org, cfg *leadsync.Config, _ *leadsync.Mapping) {
			cfg.Strategy = leadsync.AccountsAndContacts
		}, fill: append(buyers(), each(func(l *leadsync.Lead, v string) { l.Company = v }, "-", "Self-employed", "N/A",
			"student",
			"M&uuml;ller &amp; S&ouml;hne GmbH", "Fondazione d&#39;Arte", "Fondazione d’Arte", "Fondazione d'Arte")...)},
		"an opt-out that a form says again": {prepare: func(org *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
			org.DefineField("Lead", sftest.Field{Name: "HasOptedOutOfEmail", Type: "boolean"})
			m.Sections[0].Rules = append(m.Sections[0].Rules,
				leadsync.Rule{Source: "custom.x", Field: "HasOptedOutOfEmail", Write: mapping.Raise})
			org.Insert("Lead", map[string]any{"LastName": "Gibson", "Company": "Acme", "Email": "pia@acme.example",
				"HasOptedOutOfEmail": true})
		}, fill: at(buyers("Pia Gibson"), func(l *leadsync.Lead) { l.Custom = map[string]any{"x": "no"} })},
		"record types and their options": {prepare: func(org *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
			org.DefineField("Lead", sftest.Field{Name: "Topic__c", Type: "picklist", Restricted: true,
				Options: []string{"Kitchen", "Bath"}})
			org.DefineRecordType("Lead", sftest.RecordType{Name: "Business", Default: true,
				Picklists: map[string][]string{"Topic__c": {"Bath"}}})
			org.DefineRecordType("Lead", sftest.RecordType{Name: "Person_Lead",
				Picklists: map[string][]string{"Topic__c": {"Kitchen"}}})
			m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "custom.x", Field: "Topic__c"},
				leadsync.Rule{Constant: "Person_Lead", Field: "RecordTypeId", CreateOnly: true})
		}, fill: at(buyers("Pia Gibson"), func(l *leadsync.Lead) { l.Custom = map[string]any{"x": "kitchen"} })},
	}
}

// hardValues are situations with values at the limits, and leads as files and forms have them.
func hardValues() map[string]situation {
	ids := []string{"with-umlaut-ä", "a/b", "a%2Fb", "x+y", "quote'1", `back\slash`, "emoji-🚀", "sp ace", "ABC", "straße",
		"İstanbul", "e\u0301", "https://x.example/1?y=1&z=2", strings.Repeat("k", 255)}
	tokyo, chicago := time.FixedZone("", 9*60*60), time.FixedZone("", -5*60*60)
	days := []time.Time{time.Date(2026, 7, 1, 23, 30, 0, 0, chicago), time.Date(2026, 12, 1, 23, 30, 0, 0, chicago).UTC(),
		time.Date(2026, 7, 1, 16, 0, 0, 0, time.UTC), time.Date(2026, 7, 2, 0, 30, 0, 0, tokyo)}
	var keyed, dated []func(*leadsync.Lead)
	for _, id := range ids {
		keyed = append(keyed, func(l *leadsync.Lead) { l.ID, l.Email = leadtype.LeadID(id), "" })
	}
	for _, day := range days {
		dated = append(dated, func(l *leadsync.Lead) {
			l.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall, At: day, Notes: "call"}}
		})
	}
	return map[string]situation{
		"ids": {prepare: func(org *sftest.Org, _ *leadsync.Config, _ *leadsync.Mapping) {
			org.AddExternalID("Lead", "Contact", "Account", "Task")
		}, fill: keyed},
		"days of activities": {fill: dated},
		"texts at the limits": {fill: each(func(l *leadsync.Lead, v string) {
			l.LastName, l.Company, l.JobTitle, l.Street, l.City, l.Country = v, v+" Ltd", v, v, v, v
		}, strings.Repeat("L", 300), strings.Repeat("é", 80), strings.Repeat("e\u0301", 41),
			strings.Repeat("x", 79)+"👩‍🚀", "שלום בע״מ", "Doe\x00Null\tTab\nBreak\u2028x", strings.Repeat("🚀", 130))},
		"odd addresses": {fill: each(func(l *leadsync.Lead, v string) { l.Email = v }, "Sean.O’Brien@Acme.example",
			"anna‑lena@acme.example", "back\\slash@acme.example", "zero\u200bwidth@acme.example", "dot@acme.example.",
			"jo@münchen.example", "two@acme.example; zwei@acme.example", "ｊｏ@acme.example", "at@@acme.example", "jo@acme")},
		"a report of a webinar": {fill: fromFile("Attendee Report\nTopic,Webinar ID,Unique Viewers\nTalk,000 0000,5\n" +
			"Attendee Details\nAttended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time," +
			"Time in Session (minutes),Country/Region Name\n" +
			"Yes,Pia Gibson,Pia,Gibson,pia@acme.example,9000000001,\"08/13/2026 09:00:00 PM\",99,India\n" +
			"Yes,Pia Gibson,Pia,Gibson,pia@acme.example,9000000001,\"08/13/2026 09:00:00 PM\",109,India\n" +
			"No,Tom Novak,Tom,Novak,tom@acme.example,,\"08/13/2026 09:00:00 PM\",--,\n"),
			prepare: withoutCompany},
		"a German spreadsheet": {fill: fromFile("\ufeffsep=;\r\n" +
			"Vorname;Nachname;Firma;E-Mail;Telefon;Mobil;Strasse;PLZ;Ort;Notiz\r\n" +
			"Jörg;Müller;ACME GmbH;joerg@acme.example;0221 123456;0171 1111111;Musterweg 1;01067;Köln;\"Zeile 1\r\n" +
			"Zeile \"\"2\"\"\"\r\n")},
		"a file in Windows-1252": {fill: fromFile(
			"Vorname;Nachname;Firma;E-Mail\nJ\xf6rg;M\xfcller;ACME GmbH;joerg@acme.example\n")},
		"columns with tabs": {fill: fromFile(
			"id\tcreated_time\tfirst_name\tlast_name\temail\tphone_number\tcompany_name\n" +
				"l:1\t2026-08-09T10:45:00+0200\tJörg\tMüller\tjoerg@acme.example\tp:+491711111111\tACME GmbH\n")},
		"old line ends": {fill: fromFile("id,firstName,lastName,company,email\rx1,Jorg,Muller,ACME,j1@acme.example\r" +
			"x2,Pia,Gibson,ACME,p1@acme.example")},
		"phones of a spreadsheet": {fill: fromFile(
			"id,firstName,lastName,company,email,phone,mobilePhone,postalCode,scans\n" +
				"p1,A,One,Acme,p1@acme1.example,4.91711E+11,\"=\"\"0171 1234567\"\"\",1067,1\n" +
				"p3,A,Three,Acme,p3@acme3.example,#ERROR!,#NAME?,#N/A,1.0\n" +
				"p5,A,Five,Acme,p5@acme5.example,=+491711111111,-491711111111,1067.0,\n")},
		"tickets": {fill: fromFile(
			"Number,Ticket Created Date,Ticket Full Name,Ticket First Name,Ticket Last Name,Ticket Email," +
				"Ticket Company Name,Order Name,Order Email\n" +
				"1,2026-05-05 09:00:00 +0200,Zoe Astrom,Zoe,Astrom,zoe@example.test,\"Example, Ltd\",Purchaser,p@example.test\n")},
		"the limit of the day": {options: []sftest.Option{sftest.WithAPILimit(1000)}, fill: buyers("Pia Gibson"),
			prepare: func(_ *sftest.Org, cfg *leadsync.Config, _ *leadsync.Mapping) { cfg.APIBudget = 0.5 }},
		"several answers in one text": {prepare: func(org *sftest.Org, cfg *leadsync.Config, _ *leadsync.Mapping) {
			org.DefineField("Lead", sftest.Field{Name: "Free__c", Type: "multipicklist",
				Options: []string{"Product Demo", "Pricing", "Sales, Marketing"}})
			cfg.Qualifiers = []leadsync.Qualifier{{Name: "topics", Multiple: true,
				Fields: map[salesforce.Object]string{"Lead": "Free__c"}}}
		}, fill: each(func(l *leadsync.Lead, v string) { l.Answers = map[string][]string{"topics": {v}} },
			"Product Demo, Pricing", "Sales, Marketing", "Product Demo\nPricing")},
	}
}

// withoutCompany gives Leads of people whose company is not known a stand-in.
func withoutCompany(_ *sftest.Org, _ *leadsync.Config, m *leadsync.Mapping) {
	changeRules(m, func(r *leadsync.Rule) { r.Default = "[not provided]" }, "Company")
}
