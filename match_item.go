package leadsync

import "slices"

// An item is one lead on its way through the stages.
type item struct {
	lead    *Lead
	intents []Intent // journalled by an earlier attempt whose answer was lost
	left    []Intent // those of a company that the lead no longer has
	last    *Outcome // of an earlier sync, nil at first
}

// intent returns the pending create of a part, nil for none.
func (it *item) intent(kind PartKind, key string) *Intent {
	for i := range it.intents {
		if it.intents[i].Kind == kind && it.intents[i].Key == key {
			return &it.intents[i]
		}
	}
	return nil
}

// keyed returns a pending create of a person or an account that carried a key.
func (it *item) keyed(kind PartKind) *Intent {
	for i := range it.intents {
		if it.intents[i].Kind == kind && kind != PartTask && it.intents[i].Key != "" {
			return &it.intents[i]
		}
	}
	return nil
}

// open returns all pending creates, for a lead that was not written.
func (it *item) open() []Intent { return slices.Concat(it.intents, it.left) }
