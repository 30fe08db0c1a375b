// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// ended looks at a job once and returns its description.
func (a *api) ended(job, state string) *response {
	a.t.Helper()
	res := a.do("GET", job, nil)
	require.Equal(a.t, state, res.at("state"), res.Text)
	return res
}

// lines are the rows of a result, without its header, sorted.
func (a *api) lines(path string) []string {
	a.t.Helper()
	res := a.do("GET", path, nil)
	require.Equal(a.t, 200, res.Status, res.Text)
	require.Equal(a.t, "text/csv", res.Header.Get("Content-Type"))
	rows := strings.Split(strings.TrimSuffix(res.Text, "\n"), "\n")[1:]
	slices.Sort(rows)
	return rows
}

var leadingID = regexp.MustCompile(`"[0-9A-Za-z]{18}",`)

func TestBulkIngestWritesByTheRulesOfRows(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	old := org.Insert("Lead", map[string]any{
		"LeadsyncKey__c": "old", "LastName": "Before", "Company": "Co", "Phone": "1", "Title": "T",
	})
	account := org.Insert("Account", map[string]any{"Name": "Acme", "LeadsyncKey__c": "acme"})
	job := a.load(upsertLeads, "\ufeffLeadsyncKey__c,LastName,Company,Phone,Title,Email\n"+
		"new,New,Co,,#N/A,\n"+
		"OLD,\"After, \"\"x\"\"\ny\",,#N/A,,\n"+
		"short,,,,,\n"+
		"mail,L,C,,,none\n"+
		"twice,L,C,,,\nTwice,L,C,,,\n"+
		",L,C,,,\n")
	res := a.ended(job, "JobComplete")
	require.EqualValues(t, 7, res.at("numberRecordsProcessed"))
	require.EqualValues(t, 5, res.at("numberRecordsFailed"))

	row := org.Row("Lead", old)
	require.Equal(t, "After, \"x\"\ny", row["LastName"])
	require.Equal(t, "Co", row["Company"], "an empty cell leaves the field")
	require.Nil(t, row["Phone"], "#N/A clears it")
	require.Equal(t, "T", row["Title"])

	text := a.do("GET", job+"/successfulResults", nil).Text
	require.True(t,
		strings.HasPrefix(text, "\"sf__Id\",\"sf__Created\",LeadsyncKey__c,LastName,Company,Phone,Title,Email\n"), text)
	require.Contains(t, text, `"`+old+`","false","OLD","After, ""x""`+"\ny\",\"\",\"#N/A\",\"\",\"\"\n")
	require.Regexp(t, `"00Q\w{15}","true","new","New","Co","","#N/A",""\n`, text)
	require.Equal(t, []string{
		`"","DUPLICATE_VALUE:Duplicate external id specified: Twice:LeadsyncKey__c --","Twice","L","C","","",""`,
		`"","DUPLICATE_VALUE:Duplicate external id specified: twice:LeadsyncKey__c --","twice","L","C","","",""`,
		`"","INVALID_EMAIL_ADDRESS:Email: invalid email address: none:Email --","mail","L","C","","","none"`,
		`"","MISSING_ARGUMENT:LeadsyncKey__c not specified:--","","L","C","","",""`,
		`"","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName, Company]:LastName Company --","short","",` +
			`"","","",""`,
	}, a.lines(job+"/failedResults"))
	require.Empty(t, a.lines(job+"/unprocessedrecords"))

	insert := map[string]any{"object": "Contact", "operation": "insert"}
	// the last line needs no break
	job = a.load(insert, "LastName,Account.LeadsyncKey__c,Birthdate\nA,acme,1990-01-02\nB,nobody,\nC,,soon")
	a.ended(job, "JobComplete")
	require.Len(t, a.lines(job+"/successfulResults"), 1)
	require.Equal(t, account, org.Rows("Contact")[0]["AccountId"])
	failed := a.lines(job + "/failedResults")
	require.Contains(t, failed[0],
		"INVALID_FIELD:Failed to deserialize field at col 2. Due to, 'soon' is not a valid value for the type "+
			"xsd:date:Birthdate --")
	require.Contains(t, failed[1], "INVALID_FIELD:Foreign key external ID: nobody not found")

	org.DefineField("Contact", sftest.Field{Name: "Met__c", Type: "datetime"})
	job = a.load(insert, "LastName,Met__c\nD,soon\n")
	a.ended(job, "JobComplete")
	require.Contains(t, a.lines(job + "/failedResults")[0], "xsd:dateTime:Met__c --")
	job = a.load(map[string]any{"object": "Account", "operation": "insert"}, "Name,AnnualRevenue\nA,much\n")
	a.ended(job, "JobComplete")
	require.Contains(t, a.lines(job + "/failedResults")[0],
		"'much' is not a valid value for the type xsd:double:AnnualRevenue --")

	job = a.load(map[string]any{"object": "Lead", "operation": "update"},
		"Id,Title\n"+old[:15]+",Chief\n,x\n00Q000000000009,x\njunk,x\n")
	a.ended(job, "JobComplete")
	require.Equal(t, []string{`"` + old + `","false","` + old[:15] + `","Chief"`}, a.lines(job+"/successfulResults"))
	require.Equal(t, "Chief", org.Row("Lead", old)["Title"])
	codes := regexp.MustCompile(`[A-Z_]{6,}`).FindAllString(strings.Join(a.lines(job+"/failedResults"), "\n"), -1)
	require.ElementsMatch(t, []string{"MISSING_ARGUMENT", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"}, codes)

	job = a.load(map[string]any{"object": "Lead", "operation": "delete"}, "Id\n"+old+"\n"+old+"\n")
	a.ended(job, "JobComplete")
	require.Equal(t, []string{`"` + old + `","false","` + old + `"`}, a.lines(job+"/successfulResults"))
	require.Equal(t, []string{`"","ENTITY_IS_DELETED:entity is deleted:--","` + old + `"`},
		stripped(a.lines(job+"/failedResults")))

	job = a.load(map[string]any{"object": "Lead", "operation": "insert"}, "Id,LastName,Company\n"+old+",L,C\n")
	a.ended(job, "JobComplete")
	require.Contains(t, a.lines(job + "/failedResults")[0],
		"INVALID_FIELD_FOR_INSERT_UPDATE:cannot specify Id in an insert call:Id --")
}

// The column of a polymorphic reference says which object is meant (Bulk API 2.0
// guide).
func TestBulkIngestNamesTheObjectOfAPolymorphicParent(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	lead := org.Insert("Lead", map[string]any{"LeadsyncKey__c": "k", "LastName": "L", "Company": "C"})
	insert := map[string]any{"object": "Task", "operation": "insert"}
	job := a.load(insert, "Subject,Lead:Who.LeadsyncKey__c\nA,k\nB,other\nC,\n")
	a.ended(job, "JobComplete")
	require.Contains(t, a.lines(job + "/failedResults")[0], "INVALID_FIELD:Foreign key external ID: other not found")
	parents := map[any]any{}
	for _, task := range org.Rows("Task") {
		parents[task["Subject"]] = task["WhoId"]
	}
	require.Equal(t, map[any]any{"A": lead, "C": nil}, parents)
	job = a.load(insert, "Subject,Account:Who.LeadsyncKey__c,Who.LeadsyncKey__c\nA,k,\nB,,k\n")
	a.ended(job, "JobComplete")
	require.Len(t, a.lines(job+"/failedResults"), 2, "of no object that a task's person may be, and of no object at all")
}

// stripped empties the ids at the starts of lines.
func stripped(lines []string) []string {
	for i := range lines {
		lines[i] = leadingID.ReplaceAllString(lines[i], `"",`)
	}
	return lines
}

func TestBulkIngestReadsEveryFormat(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	n := 0
	for name, delimiter := range map[string]string{
		"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`",
	} {
		for ending, end := range map[string]string{"LF": "\n", "CRLF": "\r\n"} {
			body := map[string]any{"object": "Lead", "operation": "insert", "columnDelimiter": name, "lineEnding": ending}
			last := fmt.Sprintf("x%sy%sz", delimiter, end)
			job := a.load(body, "LastName"+delimiter+"Company"+end+`"`+last+`"`+delimiter+"C"+end)
			a.ended(job, "JobComplete")
			n++
			rows := org.Rows("Lead")
			require.Len(t, rows, n)
			require.Equal(t, last, rows[n-1]["LastName"])
			text := a.do("GET", job+"/successfulResults", nil).Text
			require.True(t, strings.HasSuffix(text, delimiter+`"`+last+`"`+delimiter+`"C"`+end), "%q", text)
		}
	}
}

// Numbers are written as Java writes them: in the answers to queries, and in the
// file of successful rows (Bulk API 2.0 guide, Bulk Insert).
func TestNumbersAreWrittenAsJavaDoes(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	org.DefineField("Account", sftest.Field{Name: "Size__c", Type: "double", Precision: 18, Scale: 5})
	for sent, want := range map[string]string{
		"0": "0.0", "7": "7.0", "-1.5": "-1.5", "9999999": "9999999.0", "10000000": "1.0E7",
		"164329406": "1.64329406E8", "-71664061.5": "-7.16640615E7",
		"0.001": "0.001", "0.00025": "2.5E-4", "1e3": "1000.0",
	} {
		job := a.load(map[string]any{"object": "Account", "operation": "insert"},
			"Name,Size__c,NumberOfEmployees\nA,"+sent+",20000000\n")
		a.ended(job, "JobComplete")
		require.Regexp(t, `^"001\w{15}","true","A","`+regexp.QuoteMeta(want)+`","20000000"$`,
			a.lines(job + "/successfulResults")[0])
		text := a.query("SELECT Size__c, NumberOfEmployees FROM Account ORDER BY Id DESC LIMIT 1").Text
		require.Contains(t, text, `"Size__c":`+want+`,"NumberOfEmployees":20000000}`)
	}
	org.Insert("Account", fields{"Name": "None"})
	require.Contains(t, a.query("SELECT Size__c FROM Account WHERE Name = 'None'").Text, `"Size__c":null`)
}

func TestBulkIngestFailsOnDataItCannotRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ data, message string }{
		"column":       {"LastName,Nope\nL,x\n", "InvalidBatch : Field name not found : Nope"},
		"relationship": {"LastName,Nope.Key__c\nL,x\n", "InvalidBatch : Field name not found : Nope.Key__c"},
		"line ending": {
			"LastName,Company\r\nL,C\r\n",
			"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
		},
		"quote":       {"LastName,Company\n\"L,C\n", "ClientInputError : failed to parse the CSV data"},
		"after quote": {"LastName,Company\n\"L\" ,C\n", "ClientInputError : failed to parse the CSV data"},
		"nothing":     {"", "ClientInputError : failed to parse the CSV data"},
		"UTF-8":       {"LastName,Company\nL,\xff\n", "ClientInputError : the data is not UTF-8"},
		"length": {
			"LastName,Company\nL," + strings.Repeat("x", 32_001) + "\n",
			"InvalidBatch : a field is longer than 32000 characters",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, a := newBulk(t)
			job := a.load(map[string]any{"object": "Lead", "operation": "insert"}, c.data)
			require.Equal(t, c.message, a.ended(job, "Failed").at("errorMessage"))
			require.Empty(t, a.lines(job+"/successfulResults"))
			require.Zero(t, org.Count("Lead"))
		})
	}
}

func TestBulkIngestGivesResultsInAnOrderOfItsOwn(t *testing.T) {
	t.Parallel()
	var texts []string
	for range 2 {
		_, a := newBulk(t)
		data := "LeadsyncKey__c,LastName,Company\n"
		for i := range 50 {
			data += fmt.Sprintf("%02d,L,C\n", i)
		}
		job := a.load(upsertLeads, data)
		a.ended(job, "JobComplete")
		text := a.do("GET", job+"/successfulResults", nil).Text
		rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")[1:]
		require.Len(t, rows, 50)
		keys := make([]string, len(rows))
		for i, row := range rows {
			keys[i] = strings.Split(row, ",")[2]
		}
		require.False(t, slices.IsSorted(keys))
		texts = append(texts, strings.Join(keys, " "))
	}
	require.Equal(t, texts[0], texts[1], "a failing test fails the same way twice")
}

func TestBulkIngestFailsWhereATestWantsIt(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	org.FailBulk(1, "InternalServerError : oops")
	data := "LeadsyncKey__c,LastName,Company\na,L,C\nb,L,C\n"
	job := a.load(upsertLeads, data)
	res := a.ended(job, "Failed")
	require.Equal(t, "InternalServerError : oops", res.at("errorMessage"))
	require.EqualValues(t, 1, res.at("numberRecordsProcessed"))
	require.Len(t, a.lines(job+"/successfulResults"), 1)
	require.Equal(t, []string{`"b","L","C"`}, a.lines(job+"/unprocessedrecords"))
	require.Equal(t, 1, org.Count("Lead"))
	a.ended(a.load(upsertLeads, data), "JobComplete")

	var batches []int
	org.OnBatch("Lead", func(rows int) *sftest.RowError {
		batches = append(batches, rows)
		return &sftest.RowError{StatusCode: "UNABLE_TO_LOCK_ROW", Message: "busy"}
	})
	job = a.load(upsertLeads, "LeadsyncKey__c\n"+strings.Repeat("x\n", 250))
	a.ended(job, "JobComplete")
	require.Equal(t, []int{200, 50}, batches)
	require.Equal(t, `"","UNABLE_TO_LOCK_ROW:busy:--","x"`, a.lines(job + "/failedResults")[0])
}

func TestBulkIngestAnswersInTheLanguageOfTheOrg(t *testing.T) {
	t.Parallel()
	_, a := newBulk(t, sftest.WithMessages(func(code, _ string) string { return "hoppla " + code }))
	job := a.load(upsertLeads, "LeadsyncKey__c\nx\n")
	a.ended(job, "JobComplete")
	require.Equal(t, []string{`"","REQUIRED_FIELD_MISSING:hoppla REQUIRED_FIELD_MISSING:LastName Company --","x"`},
		a.lines(job+"/failedResults"))
}

// A row with other columns than the header fails alone; what it held is lost.
func TestBulkIngestRefusesRowsOfAnotherLength(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	job := a.load(upsertLeads, "LeadsyncKey__c,\"LastName\",Company\na,L,C\nb,L\nc,L,C,more\n")
	require.EqualValues(t, 2, a.ended(job, "JobComplete").at("numberRecordsFailed"))
	require.Equal(t, []string{
		`"","INVALID_FIELD:Number of fields in header is different from the row. header = 3 row = 2:--","","",""`,
		`"","INVALID_FIELD:Number of fields in header is different from the row. header = 3 row = 4:--","","",""`,
	}, a.lines(job+"/failedResults"))
	require.Regexp(t, `^"sf__Id","sf__Created",LeadsyncKey__c,"LastName",Company\n"00Q\w{15}","true","a","L","C"\n$`,
		a.do("GET", job+"/successfulResults", nil).Text)
	require.Equal(t, 1, org.Count("Lead"))
}

func TestBulkIngestAssignsOnlyByARule(t *testing.T) {
	t.Parallel()
	org, a := newBulk(t)
	owner := org.Insert("User", map[string]any{
		"LastName": "Queue", "Username": "q@example.com", "Email": "q@example.com", "Alias": "q",
	})
	org.AssignLeadsTo(owner)
	data := "LastName,Company\nL,C\n"
	a.ended(a.load(map[string]any{"object": "Lead", "operation": "insert"}, data), "JobComplete")
	a.ended(a.load(map[string]any{"object": "Lead", "operation": "insert", "assignmentRuleId": "01Q000000000001"}, data),
		"JobComplete")
	rows := org.Rows("Lead")
	require.Equal(t, org.UserID(), rows[0]["OwnerId"])
	require.Equal(t, owner, rows[1]["OwnerId"])
}
