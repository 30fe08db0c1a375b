// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const (
	maxUpload = 150_000_000 // bytes of a job's data in base64 (docs/salesforce.md, Bulk API)
	bulkBatch = 10_000      // rows that are carried out together (docs/salesforce.md, Bulk API)
	nullCell  = "#N/A"
)

// planIngest reads the definition of an ingest job.
func (b *API) planIngest(job *bulkJob, body wire.Object) *wire.Error {
	name := body.Text("object")
	if job.obj = b.db.Requested(name); job.obj == nil {
		return invalidJob("Unable to find object: " + name)
	}
	switch job.operation {
	case "insert", "update", "delete":
	case "upsert":
		key := body.Text("externalIdFieldName")
		if job.key = db.KeyField(job.obj, key); job.key == nil {
			return invalidJob(fmt.Sprintf(
				"Field name provided, %s does not match an External ID, Salesforce Id, or indexed field for %s",
				key, job.obj.Name))
		}
	case "hardDelete": // code and text unverified
		if !b.db.UserMay("PermissionsBulkApiHardDelete") {
			return wire.Refuse(400, "FEATURENOTENABLED",
				"hardDelete operation requires special user profile permission,"+
					" please contact your system administrator")
		}
	default:
		return invalidJob("Invalid operation: " + job.operation)
	}
	job.state, job.rule = jobOpen, body.Text("assignmentRuleId")
	return nil
}

// loadData accepts a job's data, once (docs/salesforce.md, Bulk API).
func (b *API) loadData(req *wire.Request, job *bulkJob) answer {
	kind, _, _ := strings.Cut(req.Header.Get("Content-Type"), ";")
	switch {
	case !strings.EqualFold(strings.TrimSpace(kind), "text/csv"):
		return direct(wire.UnsupportedMedia(kind).Reply())
	case job.state != jobOpen || job.loaded:
		return direct(invalidState("Uploading to a job that has its data is not allowed").Reply())
	case base64.StdEncoding.EncodedLen(len(req.Raw)) > maxUpload:
		return direct(wire.Refuse(400, "INVALIDBATCH", "InvalidBatch : the data is larger than a job takes").Reply())
	}
	job.loaded = true
	return answer{later: func() *wire.Reply {
		t := job.format.read(req.Raw)
		b.db.Lock()
		defer b.db.Unlock()
		if job.state == jobOpen {
			job.table, job.ready = t, true
		}
		return wire.Answer(201, nil)
	}}
}

// leave marks the rows of the job that are not carried out as unprocessed.
func (j *bulkJob) leave() {
	j.unprocessed, j.rows = j.rows[min(j.next, len(j.rows)):], nil
}

// knows reports whether the job's object has the column: a field, or a parent by its external
// id, such as Account.Key__c or Lead:Who.Key__c.
func (j *bulkJob) knows(column string) bool {
	relationship, parent := parentColumn(column, nil)
	if parent == nil {
		return j.obj.Visible(column) != nil
	}
	return j.obj.Relationship(relationship) != nil && parent[len(parent)-1].Name != ""
}

// parentColumn returns the cell of a parent's external id as JSON would carry it, and the
// relationship to that parent; nil for other columns.
func parentColumn(column string, cell any) (relationship string, parent wire.Object) {
	relationship, key, nested := strings.Cut(column, ".")
	if !nested {
		return "", nil
	}
	if object, after, typed := strings.Cut(relationship, ":"); typed { // Bulk API 2.0 guide, polymorphic fields
		relationship = after
		parent.Add("attributes", wire.Object{{Name: "type", Value: object}})
	}
	parent.Add(key, cell)
	return relationship, parent
}

// carryOutRun writes rows that triggers see at once.
func (b *API) carryOutRun(job *bulkJob, rows [][]string, records []any, twice map[string]bool) {
	refused := b.db.RefuseBatch(job.obj.Name, len(rows))
	ids, made := make([]string, len(rows)), make([]bool, len(rows))
	errs := b.db.SavePartly(b.db.HasTriggers(job.obj.Name), len(rows), func(i int) []*wire.RowError {
		err := refused
		if fields, whole := records[i].(wire.Object); !whole {
			err = job.wrongLength(rows[i])
		} else if err == nil {
			ids[i], made[i], err = b.carryOutRow(job, rows[i], fields, twice)
		}
		return err.List()
	})
	for i, cells := range rows {
		if len(errs[i]) > 0 && made[i] {
			ids[i] = "" // taken back
		}
		job.note(ids[i], made[i], errs[i])
		if len(errs[i]) > 0 {
			if records[i] == nil {
				cells = make([]string, len(job.columns))
			}
			job.failed = append(job.failed, append([]string{ids[i], b.RowError(errs[i][0])}, cells...))
			continue
		}
		job.succeeded = append(job.succeeded, append([]string{ids[i], strconv.FormatBool(made[i])}, job.echo(cells)...))
	}
}

// note keeps what became of the next row of a batch.
func (j *bulkJob) note(id string, made bool, errs []*wire.RowError) {
	switch {
	case !j.unlisted:
	case len(errs) > 0:
		j.results = append(j.results, Result{Error: errs[0]})
	default:
		j.results = append(j.results, Result{ID: id, Created: made})
	}
}

// wrongLength refuses a row with too few or too many cells; its values are lost (recorded; the
// file of failed rows shows the columns empty).
func (j *bulkJob) wrongLength(cells []string) *wire.RowError {
	return wire.NewRowError("INVALID_FIELD",
		fmt.Sprintf("Number of fields in header is different from the row. header = %d row = %d", len(j.columns),
			len(cells)))
}

// fields returns the cells of a row as JSON would carry them: an empty one is absent, and #N/A
// is null.
func (j *bulkJob) fields(cells []string) wire.Object {
	fields := wire.Object{}
	for i, cell := range cells {
		switch relationship, parent := parentColumn(j.columns[i], cell); {
		case cell == "":
		case cell == nullCell && parent != nil:
			fields.Add(relationship, nil)
		case cell == nullCell:
			fields.Add(j.columns[i], nil)
		case parent != nil:
			fields.Add(relationship, parent)
		default:
			fields.Add(j.columns[i], cell)
		}
	}
	return fields
}

// carryOutRow writes one row, by the rules of collections.
func (b *API) carryOutRow(job *bulkJob, cells []string, fields wire.Object,
	twice map[string]bool) (id string, made bool, err *wire.RowError) {
	if err := job.deserialize(cells); err != nil {
		return "", false, err
	}
	c := &db.RowInput{Obj: job.obj}
	for _, m := range fields {
		if f := job.obj.Visible(m.Name); f != nil && f.Kind() == db.KindBlob {
			return "", false, b.db.UnsupportedRow("content in bulk jobs")
		}
		if strings.EqualFold(m.Name, "Id") {
			c.ID = wire.TextOf(m.Value)
		} else {
			c.Fields = append(c.Fields, m)
		}
	}
	s, err := b.planRow(job, c, twice)
	if err != nil {
		return c.ID, false, err
	}
	switch job.operation {
	case "delete":
		return s.Row.ID, false, b.db.Remove(s.Row)
	case "hardDelete":
		return s.Row.ID, false, b.db.RemoveForGood(s.Row)
	}
	s.Headers.AutoAssign = job.rule != ""
	r, errs := b.db.Save(s)
	if len(errs) > 0 {
		return c.ID, false, errs[0]
	}
	return r.ID, s.Op == db.OpCreate, nil
}

func (b *API) planRow(job *bulkJob, c *db.RowInput, twice map[string]bool) (*db.Save, *wire.RowError) {
	switch {
	case job.operation == "upsert":
		return b.db.PlanUpsert(c, job.obj, job.key, twice)
	case job.operation == "insert" && c.ID != "":
		return nil, wire.NewRowError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
	case job.operation == "insert":
		return &db.Save{Op: db.OpCreate, Obj: c.Obj, Sent: c.Fields}, nil
	case c.ID == "":
		return nil, wire.NewRowError("MISSING_ARGUMENT", "Id not specified in an "+job.operation+" call")
	}
	r, err := b.db.RowOf(c.Obj, c.ID)
	return &db.Save{Op: db.OpUpdate, Obj: c.Obj, Row: r, Sent: c.Fields}, err
}

// deserialize refuses a cell that does not fit its field's type. The text is recorded
// (docs/salesforce.md, Bulk API).
func (j *bulkJob) deserialize(cells []string) *wire.RowError {
	for i, cell := range cells {
		f := j.obj.Visible(j.columns[i])
		if f == nil || cell == "" || cell == nullCell {
			continue
		}
		if _, err := f.Parse(cell, 0); err != nil {
			return wire.NewRowError("INVALID_FIELD", fmt.Sprintf(
				"Failed to deserialize field at col %d. Due to, '%s' is not a valid value for the type %s",
				i, cell, f.SoapType()), f.Name)
		}
	}
	return nil
}

// echo returns a row as the file of successful ones shows it: numbers as parsed (Bulk API 2.0
// guide, Bulk Insert), the rest as sent.
func (j *bulkJob) echo(cells []string) []string {
	shown := slices.Clone(cells)
	for i, cell := range cells {
		f := j.obj.Visible(j.columns[i])
		if f == nil || f.Kind() != db.KindNumber {
			continue
		}
		if v, ok := f.FromText(cell); ok {
			shown[i] = cellOf(v)
		}
	}
	return shown
}

// RowError returns sf__Error: the code, the message, and each field followed by a space.
func (b *API) RowError(err *wire.RowError) string {
	message := err.Message
	if b.opts.Message != nil {
		message = b.opts.Message(err.StatusCode, message)
	}
	text := err.StatusCode + ":" + message + ":"
	for _, name := range err.Fields {
		text += name + " "
	}
	return text + "--"
}

// resultFile answers one of the three files of results: the header as it was sent, and
// all values in quotes (recorded, docs/salesforce.md, Bulk API).
func (j *bulkJob) resultFile(req *wire.Request) answer {
	if !j.ended() {
		return direct(invalidState("Results of a job that has not ended are not available").Reply())
	}
	var own []string
	rows, header := j.unprocessed, j.header
	switch req.Path[3] {
	case "successfulResults":
		own, rows = []string{"sf__Id", "sf__Created"}, j.succeeded
	case "failedResults":
		own, rows = []string{"sf__Id", "sf__Error"}, j.failed
	}
	return answer{later: func() *wire.Reply {
		text := j.format.appendQuoted(nil, own)
		if own != nil && header != "" {
			text = append(text, j.format.delimiter)
		}
		text = append(append(text, header...), j.format.ending...)
		for _, row := range rows {
			text = append(j.format.appendQuoted(text, row), j.format.ending...)
		}
		return wire.Answer(200, wire.CSV(text))
	}}
}
