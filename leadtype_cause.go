package leadsync

// A CauseKey identifies what failures have in common that one fix resolves: code,
// object, fields and rule. It is a digest and reveals none of them. Stores keep it.
type CauseKey string

// OnlyFailed returns the outcomes that failed, in their order.
func OnlyFailed(outcomes []*Outcome) []*Outcome {
	var failed []*Outcome
	for _, o := range outcomes {
		if o != nil && o.Stage == Failed {
			failed = append(failed, o)
		}
	}
	return failed
}
