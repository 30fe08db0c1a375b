package leadsync

import "github.com/leadsync/leadsync/mapping"

// A Qualifier is a question that reps answer about a lead, and where its answers
// go; see [mapping.Qualifier]. Config.Qualifiers holds them.
type Qualifier = mapping.Qualifier
