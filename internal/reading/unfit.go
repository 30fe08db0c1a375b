// SPDX-License-Identifier: Apache-2.0

package reading

// An Unfit is why a text cannot be read. It never holds the text, so that it may be shown.
type Unfit string

// Error is the reason.
func (u Unfit) Error() string { return string(u) }

// fromSpreadsheet ends a reason where a spreadsheet has changed the text.
const fromSpreadsheet = ": format the column as text before the export"
