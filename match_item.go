package leadsync

// An item is one lead on its way through the stages.
type item struct {
	lead    *Lead
	intents []Intent // journalled by an earlier attempt whose answer was lost
	left    []Intent // those of a company that the lead no longer has
	last    *Outcome // of an earlier sync, nil at first
}
