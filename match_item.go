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

// leaveCompany sets the pending create of an account apart when it belongs to the
// lead's earlier company: its key and its place are not those of the new one.
func (it *item) leaveCompany() {
	company := companyKeys(it.lead)
	for i, intent := range it.intents {
		if intent.Kind == PartAccount && intent.Company != nil && !shareValue(intent.Company, company) {
			it.intents, it.left = slices.Delete(slices.Clone(it.intents), i, i+1), append(it.left, intent)
			return
		}
	}
}

// shareValue reports whether two lists have a value in common.
func shareValue(a, b []string) bool {
	return slices.ContainsFunc(a, func(value string) bool { return slices.Contains(b, value) })
}
