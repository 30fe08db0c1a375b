// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const (
	updatedReach = 30 * 24 * time.Hour // how far back (REST API guide, Get Updated)
	deletedReach = 15 * 24 * time.Hour // how far back (REST API guide, Get Deleted)
)

// changes answers /sobjects/X/updated and /deleted: the ids of rows created or changed, or
// deleted, from start to before end.
func (a *API) changes(req *wire.Request, obj *db.Object, deleted bool) *wire.Reply {
	start, end, err := a.changeSpan(req, deleted)
	if err != nil {
		return err.Reply()
	}
	ids, rows := []any{}, []any{}
	for _, r := range obj.Rows {
		at, _ := r.Get("SystemModstamp").(time.Time)
		if r.Deleted() != deleted || at.Before(start) || !at.Before(end) {
			continue
		}
		ids = append(ids, r.ID)
		rows = append(rows, wire.Object{{Name: "deletedDate", Value: at}, {Name: "id", Value: r.ID}})
	}
	covered := a.db.Now().UTC()
	if end.Before(covered) {
		covered = end
	}
	if !deleted {
		return wire.Answer(200, wire.Object{{Name: "ids", Value: ids}, {Name: "latestDateCovered", Value: covered}})
	}
	return wire.Answer(200, wire.Object{
		{Name: "deletedRecords", Value: rows},
		{Name: "earliestDateAvailable", Value: a.db.Now().UTC().Add(-deletedReach)},
		{Name: "latestDateCovered", Value: covered},
	})
}

// changeSpan reads start and end, without their seconds. The code is that of replication, the
// texts are unverified.
func (a *API) changeSpan(req *wire.Request, deleted bool) (start, end time.Time, err *wire.Error) {
	reach := updatedReach
	if deleted {
		reach = deletedReach
	}
	var times [2]time.Time
	for i, name := range []string{"start", "end"} {
		text := req.Query.Get(name)
		v, ok := db.ParseDatetime(strings.ReplaceAll(text, " ", "+")) // a plus that was not encoded
		if !ok {
			return start, end, wire.Refuse(400, "INVALID_FIELD", name+" is not a datetime: "+text)
		}
		times[i] = v.(time.Time).Truncate(time.Minute)
	}
	start, end = times[0], times[1]
	switch now := a.db.Now(); {
	case start.After(now):
		err = wire.Refuse(400, "INVALID_REPLICATION_DATE", "startDate cannot be in the future")
	case !start.Before(end):
		err = wire.Refuse(400, "INVALID_REPLICATION_DATE",
			"endDate must be at least one minute greater than the startDate")
	case start.Before(now.Add(-reach)):
		err = wire.Refuse(400, "INVALID_REPLICATION_DATE", "startDate before the earliest date available")
	}
	return start, end, err
}
