// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"net/http"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/bulkv1"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// async checks and counts a call to the first Bulk API and answers it. It has its session in a
// header of its own (docs/salesforce.md, The first Bulk API).
func (o *Org) async(r *http.Request, body []byte, note *wire.Note) *wire.Reply {
	checked := *r
	if session := r.Header.Get("X-SFDC-Session"); session != "" {
		checked.Header = r.Header.Clone()
		checked.Header.Set("Authorization", "Bearer "+session)
	}
	o.db.Lock()
	refused := o.oauth.Admit(&checked)
	if refused == nil {
		o.count(note, 1)
		o.bulk.Tick()
	}
	o.db.Unlock()
	if refused != nil {
		return bulkv1.Refuse(r, refused)
	}
	return o.bulkv1.Serve(&bulkv1.Request{HTTP: r, Body: body, Note: note})
}
