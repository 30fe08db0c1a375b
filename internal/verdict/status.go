// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"net/http"

	"github.com/leadsync/leadsync/leadtype"
)

// HTTPStatus is the status of the reply to a request that failed with a code: 422 for what the call was refused for,
// 409 for what does not fit what there is now, 503 for what passes, and 500 for all else.
func HTTPStatus(code leadtype.Code) int {
	switch code {
	case leadtype.DataValueValidation, leadtype.RequiredFieldMissing, leadtype.NoTagMapping, leadtype.MissingRemoteField:
		return http.StatusUnprocessableEntity
	case leadtype.Authentication, leadtype.ConnectionPermission, leadtype.RowContention, leadtype.StaleRemoteRecord,
		leadtype.RecordLocked, leadtype.DuplicateRecord, leadtype.AmbiguousMatch, leadtype.PersonAccount:
		return http.StatusConflict
	case leadtype.RateLimit, leadtype.RemoteUnavailable, leadtype.UncertainWrite:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
