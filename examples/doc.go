// SPDX-License-Identifier: Apache-2.0

// Package examples holds programs that show leadsync at work.
package examples

import (
	_ "github.com/leadsync/leadsync"
	_ "github.com/leadsync/leadsync/store/sqlite"
)
