// SPDX-License-Identifier: Apache-2.0

package leadsync

import "github.com/leadsync/leadsync/leadtype"

// An Activity is something that happened with a lead, such as a call, and becomes a Task
// in Salesforce. Pass those that are known at capture in Lead.Activities, and later ones
// to Syncer.CaptureActivities. See [leadtype.Activity].
type Activity = leadtype.Activity

// An ActivityKind is what kind of thing an Activity was. See [leadtype.ActivityKind].
type ActivityKind = leadtype.ActivityKind

// The kinds of activities.
const (
	ActivityEmail    = leadtype.ActivityEmail
	ActivityCall     = leadtype.ActivityCall
	ActivityMeeting  = leadtype.ActivityMeeting
	ActivityLinkedIn = leadtype.ActivityLinkedIn
	ActivitySMS      = leadtype.ActivitySMS
	ActivityNote     = leadtype.ActivityNote
)
