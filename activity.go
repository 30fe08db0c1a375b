package leadsync

import (
	"context"
	"errors"
	"fmt"
	"github.com/leadsync/leadsync/leadtype"

	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/store"
)

// CaptureActivities stores activities of a lead that was captured before. Each is
// logged once, however often it is given: one that the lead already has (by its ID,
// without one by its content) changes nothing. When the lead is cleared it is
// queued again, or frozen under Manual, and only what is new is written. A lead
// that is being synced is synced once more after that. The activities of any other
// lead wait with it, also when it failed or was dismissed. Capturing the lead
// again takes none of them away.
//
// The error is a *Error: one that names the activity that is unfit to be logged,
// or around ErrNoLead when the lead was never captured, or around the store's; or
// the context's own. Capture them again then: it is unknown whether they are stored.
func (s *Syncer) CaptureActivities(ctx context.Context, lead LeadID, activities ...Activity) error {
	for i := range activities {
		if err := activities[i].Check(); err != nil {
			refused := verdict.AsOwn("capture activities", err)
			refused.LeadID, refused.Fields = lead, []string{fmt.Sprintf("activities[%d]", i)}
			return refused
		}
	}
	err := s.state.Under(func(mode Mode) error {
		state := store.StateQueued
		if mode == Manual {
			state = store.StateFrozen
		}
		return s.cfg.Store.AddActivities(ctx, s.cfg.Connection, lead, state, activities)
	})
	if errors.Is(err, store.ErrNoLead) {
		return &Error{Op: "capture activities", LeadID: lead, Code: DataValueValidation, Fields: []string{"id"},
			Reason: "capture the lead first", Err: store.ErrNoLead}
	}
	s.state.Wake()
	return verdict.StoreError(ctx, "capture activities", err)
}

type (
	// An Activity is a touchpoint that becomes a Task; see [leadtype.Activity].
	Activity = leadtype.Activity
	// An ActivityKind is the kind of an Activity, and the Subject of its Task.
	ActivityKind = leadtype.ActivityKind
)

// The kinds of activities.
const (
	ActivityEmail    = leadtype.ActivityEmail
	ActivityCall     = leadtype.ActivityCall
	ActivityMeeting  = leadtype.ActivityMeeting
	ActivityLinkedIn = leadtype.ActivityLinkedIn
	ActivitySMS      = leadtype.ActivitySMS
	ActivityNote     = leadtype.ActivityNote
)
