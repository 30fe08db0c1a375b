// SPDX-License-Identifier: Apache-2.0

package org

import (
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// OwnerObject is the object of an owner's id, "" for an id that owns nothing.
func OwnerObject(id salesforce.ID) salesforce.Object {
	if _, err := salesforce.ParseID(string(id)); err != nil {
		return ""
	}
	object := value.ObjectOfID(id)
	if object != salesforce.ObjectUser && object != value.ObjectGroup {
		return ""
	}
	return object
}

// An Owner is what a session knows of Config.FallbackOwner.
type Owner struct {
	Exists bool
	Fit    bool // an active User, or a Queue
}
