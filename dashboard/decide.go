// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"errors"
	"strings"
	"unicode"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// comparedMax is how many candidates stand side by side. The others are listed.
const comparedMax = 5

// A comparison is a lead beside the records that it may be.
type comparison struct {
	Candidates []candidateView
	Others     []candidateView
	Rows       []comparedRow
	Failed     *leadtype.Advice // why the records could not be read
}

// A comparedRow is what the lead and each candidate say of one thing.
type comparedRow struct {
	Label string // the key of a text
	Lead  longText
	Cells []comparedCell
}

// A comparedCell is a candidate's value.
type comparedCell struct {
	Value   longText
	Same    bool
	Differs bool
}

// A comparable is a thing that leads and records have: a source of the lead, and its field by object.
type comparable struct {
	label  string
	source string
	fields map[salesforce.Object]string
	loose  bool // only letters and digits count
}

func comparables() []comparable {
	person := func(label, source, field string) comparable {
		return comparable{label: label, source: source, fields: map[salesforce.Object]string{"Lead": field, "Contact": field}}
	}
	phone, mobile := person("Phone", "phone", "Phone"), person("Mobile", "mobilePhone", "MobilePhone")
	phone.fields[salesforce.ObjectAccount] = "Phone"
	phone.loose, mobile.loose = true, true
	company := person("Company", "company", "Company")
	company.fields[salesforce.ObjectContact], company.fields[salesforce.ObjectAccount] = "Account.Name", "Name"
	city := person("City", "city", "City")
	city.fields[salesforce.ObjectContact], city.fields[salesforce.ObjectAccount] = "MailingCity", "BillingCity"
	company.loose, city.loose = true, true
	return []comparable{
		person("First name", "firstName", "FirstName"), person("Last name", "lastName", "LastName"),
		person("E-mail", "email", "Email"), person("Title", "jobTitle", "Title"),
		company, phone, mobile, city,
		{"Website", "website", map[salesforce.Object]string{"Lead": "Website", "Account": "Website"}, true},
		{"Last changed", "", map[salesforce.Object]string{
			"Lead": "LastModifiedDate", "Contact": "LastModifiedDate", "Account": "LastModifiedDate"}, false},
	}
}

// A candidateView is a record that a lead may be.
type candidateView struct {
	ID     salesforce.ID
	Object string
	Link   string
	Note   string
	Why    leadtype.CandidateWhy
	Field  string
}

func (v *visit) candidates(all []leadtype.Candidate) []candidateView {
	var views []candidateView
	for _, c := range all {
		views = append(views, candidateView{
			ID: c.ID, Object: string(c.Object), Link: v.org.link(c.ID), Note: c.Note, Why: c.Why, Field: c.Field,
		})
	}
	return views
}

// compare reads the candidates of a lead from the org, for one call or two. It is nil where there is no
// client, or nothing may be shown.
func (v *visit) compare(lead *leadtype.Lead, candidates []candidateView) *comparison {
	client, err := v.org.client(v.ctx())
	if client == nil || err != nil || v.opts.Redact || len(candidates) == 0 {
		return nil
	}
	n := min(len(candidates), comparedMax)
	c := &comparison{Candidates: candidates[:n], Others: candidates[n:]}
	records, err := v.readCandidates(c.Candidates)
	if err != nil {
		c.Failed = v.adviceOn(err)
		return c
	}
	for _, thing := range comparables() {
		row := comparedRow{Label: thing.label, Lead: valueText(lead.Value(thing.source))}
		any := row.Lead != ""
		for _, candidate := range c.Candidates {
			cell := thing.cell(string(row.Lead), records[candidate.ID])
			any = any || cell.Value != ""
			row.Cells = append(row.Cells, cell)
		}
		if any {
			c.Rows = append(c.Rows, row)
		}
	}
	return c
}

func (c comparable) cell(lead string, record *salesforce.Record) comparedCell {
	if record == nil || c.fields[record.Object] == "" {
		return comparedCell{}
	}
	text := record.Text(c.fields[record.Object])
	if at, ok := record.Time(c.fields[record.Object]); ok {
		text = at.UTC().Format("2006-01-02")
	}
	cell := comparedCell{Value: longText(text)}
	if lead != "" && text != "" {
		cell.Same = c.equal(lead, text)
		cell.Differs = !cell.Same
	}
	return cell
}

// equal reports whether two texts say the same.
func (c comparable) equal(a, b string) bool {
	if !c.loose {
		return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
	}
	bare := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}
	return strings.Map(bare, a) == strings.Map(bare, b)
}

// readCandidates returns the records by their ids, with those of the fields that the connected user sees.
func (v *visit) readCandidates(candidates []candidateView) (map[salesforce.ID]*salesforce.Record, error) {
	ids := map[salesforce.Object][]salesforce.ID{}
	for _, c := range candidates {
		ids[salesforce.Object(c.Object)] = append(ids[salesforce.Object(c.Object)], c.ID)
	}
	org, err := v.schema(sortedKeys(ids)...)
	if err != nil {
		return nil, err
	}
	var reads []salesforce.Read
	for _, object := range sortedKeys(ids) {
		fields := fieldsToCompare(org.describes[object], object)
		reads = append(reads, salesforce.Query(soql.From(object, fields...).Where(soql.In("Id", ids[object]...))))
	}
	client, err := v.org.client(v.ctx())
	if err != nil {
		return nil, err
	}
	results, err := v.ask(client, reads...)
	if err != nil {
		return nil, err
	}
	found := map[salesforce.ID]*salesforce.Record{}
	for i := range results {
		err = cmp.Or(err, results[i].Err)
		for j := range results[i].Records {
			found[results[i].Records[j].ID] = &results[i].Records[j]
		}
	}
	if len(found) == 0 && err == nil {
		err = errGone
	}
	return found, err
}

var errGone = errors.New("dashboard: no candidate is there any more")

// fieldsToCompare are those of an object that its describe has.
func fieldsToCompare(d *salesforce.Describe, object salesforce.Object) []string {
	fields := []string{"Id"}
	for _, thing := range comparables() {
		name := thing.fields[object]
		if name == "" || d == nil {
			continue
		}
		own := name
		if name == "Account.Name" {
			own = "AccountId"
		}
		if _, ok := d.Field(own); ok {
			fields = append(fields, name)
		}
	}
	return fields
}
