package sftest

import (
	"strings"
	"time"
)

const (
	updatedReach = 30 * 24 * time.Hour // how far back (REST API guide, Get Updated)
	deletedReach = 15 * 24 * time.Hour // how far back (REST API guide, Get Deleted)
)

// changes answers /sobjects/X/updated and /deleted: the ids of rows that were
// created or changed, or deleted, from start up to end.
func (a *restAPI) changes(req *request, obj *object, deleted bool) *reply {
	start, end, err := a.changeSpan(req, deleted)
	if err != nil {
		return err.reply()
	}
	ids, rows := []any{}, []any{}
	for _, r := range obj.rows {
		at, _ := r.values["SystemModstamp"].(time.Time)
		if r.deleted() != deleted || at.Before(start) || !at.Before(end) {
			continue
		}
		ids = append(ids, r.id)
		rows = append(rows, jsonObject{{name: "deletedDate", value: at}, {name: "id", value: r.id}})
	}
	covered := a.db.now().UTC()
	if end.Before(covered) {
		covered = end
	}
	if !deleted {
		return answer(200, jsonObject{{name: "ids", value: ids}, {name: "latestDateCovered", value: covered}})
	}
	return answer(200, jsonObject{
		{name: "deletedRecords", value: rows}, {name: "earliestDateAvailable", value: a.db.now().UTC().Add(-deletedReach)}, {name: "latestDateCovered", value: covered},
	})
}

// changeSpan reads start and end, whose seconds do not count. The code is that
// of replication, the texts are from memory.
func (a *restAPI) changeSpan(req *request, deleted bool) (start, end time.Time, err *apiError) {
	reach := updatedReach
	if deleted {
		reach = deletedReach
	}
	var times [2]time.Time
	for i, name := range []string{"start", "end"} {
		text := req.query.Get(name)
		v, ok := parseDatetime(strings.ReplaceAll(text, " ", "+")) // a plus that was not encoded
		if !ok {
			return start, end, refuse(400, "INVALID_FIELD", name+" is not a datetime: "+text)
		}
		times[i] = v.(time.Time).Truncate(time.Minute)
	}
	start, end = times[0], times[1]
	switch now := a.db.now(); {
	case start.After(now):
		err = refuse(400, "INVALID_REPLICATION_DATE", "startDate cannot be in the future")
	case !start.Before(end):
		err = refuse(400, "INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than the startDate")
	case start.Before(now.Add(-reach)):
		err = refuse(400, "INVALID_REPLICATION_DATE", "startDate before the earliest date available")
	}
	return start, end, err
}
