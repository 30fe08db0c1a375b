// SPDX-License-Identifier: Apache-2.0

package bulkv1

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// The states of a job.
const (
	open    = "Open"
	closed  = "Closed"
	aborted = "Aborted"
)

// A job holds batches that do the same to one object.
type job struct {
	id, operation, mode, content string
	obj                          *db.Object
	key                          *db.Field // of an upsert
	rule                         string    // assignmentRuleId
	version                      int
	user                         string
	created, modified            time.Time
	state                        string
	batches                      []*batch
}

// reads reports whether the job is a query.
func (j *job) reads() bool { return j.operation == "query" || j.operation == "queryAll" }

// create makes a job of a jobInfo. The texts of refusals are unverified.
func (a *API) create(r *Request, version string) *wire.Reply {
	number, _ := strconv.Atoi(version)
	wanted, whole := readInfo(r.Body, r.json)
	switch {
	case r.HTTP.Method != http.MethodPost:
		return wire.WrongMethod(r.HTTP.Method, http.MethodPost)
	case number < wire.OldestVersion || number > wire.NewestVersion:
		return refuse(r, "InvalidVersion", "Api version not found: "+version+".0")
	case !whole:
		return refuse(r, "InvalidJob", "Unable to parse Job")
	}
	j := &job{
		operation: wanted["operation"], mode: cmp.Or(wanted["concurrencyMode"], "Parallel"),
		content: cmp.Or(wanted["contentType"], "XML"), rule: wanted["assignmentRuleId"], version: number,
		user: a.db.UserID, created: a.db.SaveTime(), state: open,
	}
	j.modified = j.created
	if j.content == "XML" || j.content == "ZIP_XML" || j.content == "ZIP_CSV" || j.content == "ZIP_JSON" {
		return a.db.Unsupported("jobs of the first Bulk API with " + j.content)
	}
	j.obj = a.db.Requested(wanted["object"])
	if name := a.db.TakeUnsupported(); name != "" {
		return a.db.Unsupported("the object " + name + ", which Org.DefineObject can add")
	}
	j.key = j.keyField(wanted["externalIdFieldName"])
	if problem := a.problem(j, wanted); problem != "" {
		return refuse(r, "InvalidJob", problem)
	}
	j.id = a.db.NewID("750")
	a.jobs[j.id] = j
	return j.info().reply(r, 201)
}

func (j *job) keyField(name string) *db.Field {
	if j.obj == nil || name == "" {
		return nil
	}
	return db.KeyField(j.obj, name)
}

// problem returns why there can be no such job, "" if there can.
func (a *API) problem(j *job, wanted map[string]string) string {
	operations := []string{"insert", "update", "upsert", "delete", "hardDelete", "query", "queryAll"}
	switch {
	case !slices.Contains(operations, j.operation):
		return "Invalid operation: " + j.operation
	case j.content != "CSV" && j.content != "JSON":
		return "Invalid contentType: " + j.content
	case j.mode != "Parallel" && j.mode != "Serial":
		return "Invalid concurrencyMode: " + j.mode
	case j.obj == nil:
		return "Unable to find object: " + wanted["object"]
	case j.operation == "upsert" && wanted["externalIdFieldName"] == "":
		return "External ID was blank for " + j.obj.Name + ". An External ID must be specified for upsert."
	case j.operation == "upsert" && j.key == nil:
		return fmt.Sprintf("Field name provided, %s does not match an External ID for %s", wanted["externalIdFieldName"],
			j.obj.Name)
	case j.operation == "hardDelete" && !a.db.UserMay("PermissionsBulkApiHardDelete"):
		return "hardDelete operation requires special user profile permission, please contact your system administrator"
	}
	return ""
}

// job answers the address of a job: its info, or a new state.
func (a *API) job(r *Request, j *job) *wire.Reply {
	switch r.HTTP.Method {
	case http.MethodGet:
		return j.info().reply(r, 200)
	case http.MethodPost:
	default:
		return wire.WrongMethod(r.HTTP.Method, http.MethodGet, http.MethodPost)
	}
	wanted, whole := readInfo(r.Body, r.json)
	state := wanted["state"]
	switch {
	case !whole || state != closed && state != aborted:
		return refuse(r, "InvalidJob", "Invalid job state: "+state)
	case j.state == aborted, j.state == closed && state == closed: // the code and the text are unverified
		return refuse(r, "InvalidJobState", "Job is already "+j.state)
	}
	j.state, j.modified = state, a.db.SaveTime()
	if state == aborted {
		for _, t := range j.batches {
			t.run.Abort()
		}
	}
	return j.info().reply(r, 200)
}

// info describes the job, in the order in which XML has it.
func (j *job) info() info {
	states := map[string]int{}
	processed, failed, busy := 0, 0, 0
	for _, t := range j.batches {
		state, _ := t.run.State()
		states[state]++
		n, bad := t.run.Counts()
		processed, failed, busy = processed+n, failed+bad, busy+t.run.Busy()
	}
	i := info{element: "jobInfo"}
	i.add("id", j.id)
	i.add("operation", j.operation)
	i.add("object", j.obj.Name)
	i.add("createdById", j.user)
	i.add("createdDate", j.created)
	i.add("systemModstamp", j.modified)
	i.add("state", j.state)
	if j.key != nil {
		i.add("externalIdFieldName", j.key.Name)
	}
	i.add("concurrencyMode", j.mode)
	i.add("contentType", j.content)
	i.add("numberBatchesQueued", states["Queued"])
	i.add("numberBatchesInProgress", states["InProgress"])
	i.add("numberBatchesCompleted", states["Completed"])
	i.add("numberBatchesFailed", states["Failed"])
	i.add("numberBatchesTotal", len(j.batches))
	i.add("numberRecordsProcessed", processed)
	i.add("numberRetries", 0)
	i.add("apiVersion", float64(j.version))
	i.addText("assignmentRuleId", j.rule)
	i.add("numberRecordsFailed", failed)
	i.add("totalProcessingTime", busy)
	i.add("apiActiveProcessingTime", busy)
	i.add("apexProcessingTime", busy)
	return i
}
