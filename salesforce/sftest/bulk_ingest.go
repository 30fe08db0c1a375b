package sftest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxUpload = 150_000_000 // bytes of a job's data in base64 (SALESFORCE.md 1)
	maxCell   = 32_000      // characters (SALESFORCE.md 1)
	bulkBatch = 10_000      // rows that are carried out together (SALESFORCE.md 1)
	nullCell  = "#N/A"
)

// planIngest reads what an ingest job is to do.
func (b *bulkAPI) planIngest(job *bulkJob, body jsonObject) *apiError {
	name := body.text("object")
	if job.obj = b.db.asked(name); job.obj == nil {
		return invalidJob("Unable to find object: " + name)
	}
	switch job.operation {
	case "insert", "update", "delete":
	case "upsert":
		key := body.text("externalIdFieldName")
		if job.key = keyField(job.obj, key); job.key == nil {
			return invalidJob(fmt.Sprintf("Field name provided, %s does not match an External ID, Salesforce Id, or indexed field for %s", key, job.obj.name))
		}
	case "hardDelete": // code and text from memory
		if !b.db.userMay("PermissionsBulkApiHardDelete") {
			return refuse(400, "FEATURENOTENABLED", "hardDelete operation requires special user profile permission, please contact your system administrator")
		}
	default:
		return invalidJob("Invalid operation: " + job.operation)
	}
	job.state, job.rule = jobOpen, body.text("assignmentRuleId")
	return nil
}

// loadData takes a job's data, once (SALESFORCE.md 1, Bulk 2.0).
func (b *bulkAPI) loadData(req *request, job *bulkJob) *reply {
	kind, _, _ := strings.Cut(req.header.Get("Content-Type"), ";")
	switch {
	case !strings.EqualFold(strings.TrimSpace(kind), "text/csv"):
		return unsupportedMedia(kind).reply()
	case job.state != jobOpen || job.loaded:
		return invalidState("Uploading to a job that has its data is not allowed").reply()
	case base64.StdEncoding.EncodedLen(len(req.raw)) > maxUpload:
		return refuse(400, "INVALIDBATCH", "InvalidBatch : the data is larger than a job takes").reply()
	}
	job.data, job.loaded = req.raw, true
	return answer(201, nil)
}

// split takes the data apart, and notes its header.
func (j *bulkJob) split() ([][]string, error) {
	text := bytes.TrimPrefix(j.data, []byte("\ufeff"))
	rows, err := j.format.split(text)
	if err != nil || len(rows) == 0 {
		return nil, errCSV
	}
	_, rest, _ := j.format.splitRow(text)
	j.header, j.columns = strings.TrimSuffix(string(text[:len(text)-len(rest)]), j.format.ending), rows[0]
	return rows[1:], nil
}

// countRows is how many rows the data holds, 0 where it cannot be read.
func (j *bulkJob) countRows() int {
	rows, _ := j.split()
	return len(rows)
}

// fail ends a job whose data cannot be used as a whole.
func (j *bulkJob) fail(message string) {
	j.state, j.message = jobFailed, message
	j.leave()
}

// leave makes all rows of the job unprocessed.
func (j *bulkJob) leave() {
	j.unprocessed, _ = j.split()
	j.data = nil
}

// carryOut writes the rows of a job.
func (b *bulkAPI) carryOut(req *request, job *bulkJob) {
	rows, message := b.readJob(job)
	if message != "" {
		job.fail(message)
		return
	}
	stop, with := len(rows), b.stopWith
	if with != "" {
		stop = min(stop, b.stopAt)
		b.stopWith = ""
	}
	for batch := range slices.Chunk(rows[:stop], bulkBatch) {
		b.carryOutBatch(req, job, batch)
	}
	job.state, job.message, job.unprocessed, job.data = jobComplete, with, rows[stop:], nil
	if with != "" {
		job.state = jobFailed
	}
	// Results are in no order (SALESFORCE.md 1); this one is the same each time.
	shuffle := rand.New(rand.NewPCG(b.db.serial, 0))
	for _, list := range [][][]string{job.succeeded, job.failed, job.unprocessed} {
		shuffle.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	}
}

// readJob takes the data of a job apart, or says why it cannot be used. Of the
// messages "Field name not found" is recorded, and that on line endings well
// known; the others are made like them.
func (b *bulkAPI) readJob(job *bulkJob) ([][]string, string) {
	first, _, _ := bytes.Cut(job.data, []byte("\n"))
	if bytes.HasSuffix(first, []byte("\r")) != (job.format.ending == "\r\n") {
		name := map[string]string{"\n": "LF", "\r\n": "CRLF"}[job.format.ending]
		return nil, "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is " + name
	}
	if !utf8.Valid(job.data) {
		return nil, "ClientInputError : the data is not UTF-8"
	}
	rows, err := job.split()
	if err != nil {
		return nil, "ClientInputError : failed to parse the CSV data"
	}
	for _, column := range job.columns {
		if !job.knows(column) {
			return nil, "InvalidBatch : Field name not found : " + column
		}
	}
	for _, row := range rows {
		if slices.ContainsFunc(row, func(cell string) bool { return utf8.RuneCountInString(cell) > maxCell }) {
			return nil, "InvalidBatch : a field is longer than 32000 characters"
		}
	}
	return rows, ""
}

// knows says whether the job's object has the column: a field, or a parent by
// its external id, such as Account.Key__c or Lead:Who.Key__c.
func (j *bulkJob) knows(column string) bool {
	relationship, parent := parentColumn(column, nil)
	if parent == nil {
		return j.obj.visible(column) != nil
	}
	return j.obj.relationship(relationship) != nil && parent[len(parent)-1].name != ""
}

// parentColumn is a cell under the name of a parent's external id as JSON would carry
// it, and the relationship to that parent. For other columns it is nil.
func parentColumn(column string, cell any) (relationship string, parent jsonObject) {
	relationship, key, nested := strings.Cut(column, ".")
	if !nested {
		return "", nil
	}
	if object, after, typed := strings.Cut(relationship, ":"); typed { // Bulk API 2.0 guide, polymorphic fields
		relationship = after
		parent.add("attributes", jsonObject{{name: "type", value: object}})
	}
	parent.add(key, cell)
	return relationship, parent
}

func (b *bulkAPI) carryOutBatch(req *request, job *bulkJob, rows [][]string) {
	records := make([]any, len(rows))
	for i, row := range rows {
		if len(row) == len(job.columns) {
			records[i] = job.fields(row)
		}
	}
	var twice map[string]bool
	if job.key != nil {
		twice = repeatedKeys(records, job.key)
	}
	for start := 0; start < len(rows); start += maxRows { // triggers see that many rows at once
		b.carryOutRun(req, job, rows[start:min(start+maxRows, len(rows))], records[start:], twice)
	}
}

func (b *bulkAPI) carryOutRun(req *request, job *bulkJob, rows [][]string, records []any, twice map[string]bool) {
	refused := b.db.refuseBatch(job.obj.name, len(rows))
	ids, made := make([]string, len(rows)), make([]bool, len(rows))
	errs := b.db.partly(b.db.triggers(job.obj.name), len(rows), func(i int) []*rowError {
		err := refused
		if fields, whole := records[i].(jsonObject); !whole {
			err = job.wrongLength(rows[i])
		} else if err == nil {
			ids[i], made[i], err = b.carryOutRow(job, rows[i], fields, twice)
		}
		return err.list()
	})
	for i, cells := range rows {
		if len(errs[i]) > 0 {
			if made[i] {
				ids[i] = "" // taken back
			}
			if records[i] == nil {
				cells = make([]string, len(job.columns))
			}
			job.failed = append(job.failed, append([]string{ids[i], b.rowError(errs[i][0])}, cells...))
			continue
		}
		req.entry.Written++
		job.succeeded = append(job.succeeded, append([]string{ids[i], strconv.FormatBool(made[i])}, job.echo(cells)...))
	}
}

// wrongLength refuses a row by itself, and its values are lost (recorded; the file
// of failed rows shows the columns empty).
func (j *bulkJob) wrongLength(cells []string) *rowError {
	return rowErr("INVALID_FIELD", fmt.Sprintf("Number of fields in header is different from the row. header = %d row = %d", len(j.columns), len(cells)))
}

// fields are the cells of a row as JSON would carry them: an empty one is not
// there, and #N/A is null.
func (j *bulkJob) fields(cells []string) jsonObject {
	fields := jsonObject{}
	for i, cell := range cells {
		switch relationship, parent := parentColumn(j.columns[i], cell); {
		case cell == "":
		case cell == nullCell && parent != nil:
			fields.add(relationship, nil)
		case cell == nullCell:
			fields.add(j.columns[i], nil)
		case parent != nil:
			fields.add(relationship, parent)
		default:
			fields.add(j.columns[i], cell)
		}
	}
	return fields
}

// carryOutRow writes one row, by the rules that hold for collections.
func (b *bulkAPI) carryOutRow(job *bulkJob, cells []string, fields jsonObject, twice map[string]bool) (id string, made bool, err *rowError) {
	if err := job.deserialize(cells); err != nil {
		return "", false, err
	}
	c := &collectionRow{obj: job.obj}
	for _, m := range fields {
		if strings.EqualFold(m.name, "Id") {
			c.id = textOf(m.value)
		} else {
			c.fields = append(c.fields, m)
		}
	}
	s, err := b.planRow(job, c, twice)
	if err != nil {
		return c.id, false, err
	}
	switch job.operation {
	case "delete":
		return s.row.id, false, b.db.remove(s.row)
	case "hardDelete":
		return s.row.id, false, b.db.removeForGood(s.row)
	}
	s.headers.autoAssign = job.rule != ""
	r, errs := b.db.save(s)
	if len(errs) > 0 {
		return c.id, false, errs[0]
	}
	return r.id, s.op == opCreate, nil
}

func (b *bulkAPI) planRow(job *bulkJob, c *collectionRow, twice map[string]bool) (*save, *rowError) {
	switch {
	case job.operation == "upsert":
		return b.db.planUpsert(c, job.obj, job.key, twice)
	case job.operation == "insert" && c.id != "":
		return nil, rowErr("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
	case job.operation == "insert":
		return &save{op: opCreate, obj: c.obj, sent: c.fields}, nil
	case c.id == "":
		return nil, rowErr("MISSING_ARGUMENT", "Id not specified in an "+job.operation+" call")
	}
	r, err := b.db.rowOf(c.obj, c.id)
	return &save{op: opUpdate, obj: c.obj, row: r, sent: c.fields}, err
}

// deserialize refuses a cell that is not a value of its field's type. The text is
// recorded (SALESFORCE.md 1, Bulk 2.0).
func (j *bulkJob) deserialize(cells []string) *rowError {
	for i, cell := range cells {
		f := j.obj.visible(j.columns[i])
		if f == nil || cell == "" || cell == nullCell {
			continue
		}
		if _, err := f.parse(cell, 0); err != nil {
			return rowErr("INVALID_FIELD", fmt.Sprintf("Failed to deserialize field at col %d. Due to, '%s' is not a valid value for the type %s", i, cell, f.soapType()), f.Name)
		}
	}
	return nil
}

// echo is a row as the file of successful ones shows it: numbers as they were
// understood (Bulk API 2.0 guide, Bulk Insert), the rest as sent.
func (j *bulkJob) echo(cells []string) []string {
	shown := slices.Clone(cells)
	for i, cell := range cells {
		f := j.obj.visible(j.columns[i])
		if f == nil || f.kind() != kindNumber {
			continue
		}
		if v, ok := f.fromText(cell); ok {
			shown[i] = cellOf(v)
		}
	}
	return shown
}

// rowError is sf__Error: the code, the message, and each field with a space
// after it.
func (b *bulkAPI) rowError(err *rowError) string {
	message := err.Message
	if b.opts.message != nil {
		message = b.opts.message(err.StatusCode, message)
	}
	text := err.StatusCode + ":" + message + ":"
	for _, name := range err.Fields {
		text += name + " "
	}
	return text + "--"
}

// results answers one of the three files of results: the header as it was sent, and
// all values in quotes (recorded, SALESFORCE.md 1, Bulk 2.0).
func (j *bulkJob) results(resource string) *reply {
	if !j.ended() {
		return invalidState("Results of a job that has not ended are not available").reply()
	}
	var own []string
	rows := j.unprocessed
	switch resource {
	case "successfulResults":
		own, rows = []string{"sf__Id", "sf__Created"}, j.succeeded
	case "failedResults":
		own, rows = []string{"sf__Id", "sf__Error"}, j.failed
	}
	text := j.format.appendQuoted(nil, own)
	if own != nil && j.header != "" {
		text = append(text, j.format.delimiter)
	}
	text = append(append(text, j.header...), j.format.ending...)
	for _, row := range rows {
		text = append(j.format.appendQuoted(text, row), j.format.ending...)
	}
	return answer(200, csvText(text))
}
