// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// A Warning is something that a person may want to know of a lead that went
// through: text cut, a field skipped, an answer dropped. It holds no value.
type Warning struct {
	Code   Code              `json:"code"`
	Object salesforce.Object `json:"object,omitempty"`
	Field  string            `json:"field,omitempty"`
	Reason string            `json:"reason"`
}

// String says what the warning is about, without values.
func (w *Warning) String() string {
	where := string(w.Object)
	if w.Field != "" {
		where = strings.TrimPrefix(where+"."+w.Field, ".")
	}
	return strings.TrimPrefix(fmt.Sprintf("%s: %s: %s", where, w.Code, w.Reason), ": ")
}
