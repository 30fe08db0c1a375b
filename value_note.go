package leadsync

// The notes on candidates that are no match.
const (
	noteDeleted = "deleted"
	noteNoHit   = "converted, counts as no hit"
)
