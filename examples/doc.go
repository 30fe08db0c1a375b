// SPDX-License-Identifier: Apache-2.0

// Package examples contains runnable programs that use leadsync.
package examples

import (
	_ "github.com/leadsync/leadsync"
	_ "github.com/leadsync/leadsync/store/sqlite"
)
