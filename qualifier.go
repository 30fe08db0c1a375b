// SPDX-License-Identifier: Apache-2.0

package leadsync

import "github.com/leadsync/leadsync/mapping"

// A Qualifier is a question that reps answer about a lead, with the fields and options
// that its answers are written to. Config.Qualifiers has them. See [mapping.Qualifier].
type Qualifier = mapping.Qualifier
