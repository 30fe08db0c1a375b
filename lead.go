// SPDX-License-Identifier: Apache-2.0

package leadsync

import "github.com/leadsync/leadsync/leadtype"

// A Lead is a person whom the host captured, with what it knows of them. Fill in what is
// known: an empty field clears nothing in Salesforce. See [leadtype.Lead].
type Lead = leadtype.Lead

// A LeadID is the host's own key of a Lead; it must not change. See [leadtype.LeadID].
type LeadID = leadtype.LeadID
