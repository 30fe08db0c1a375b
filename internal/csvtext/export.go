// SPDX-License-Identifier: Apache-2.0

package csvtext

// OutcomeColumns are the columns that an export of leads has for outcomes. None is named
// like a source field, so that an export can be read in again as leads.
func OutcomeColumns() []string {
	return []string{
		"stage", "action", "object", "recordId", "recordAccountId",
		"errorCode", "errorObject", "errorFields", "errorReason", "errorFix", "warnings", "retryAt", "at",
	}
}
