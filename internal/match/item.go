package match

import (
	"slices"

	"github.com/leadsync/leadsync/leadtype"
)

// An Item is one lead on its way through the stages.
type Item struct {
	Lead    *leadtype.Lead
	Intents []leadtype.Intent // journalled by an earlier attempt whose answer was lost
	Left    []leadtype.Intent // those of a company that the lead no longer has
	Last    *leadtype.Outcome // of an earlier sync, nil at first
}

// Intent returns the pending create of a part, nil for none.
func (it *Item) Intent(kind leadtype.PartKind, key string) *leadtype.Intent {
	for i := range it.Intents {
		if it.Intents[i].Kind == kind && it.Intents[i].Key == key {
			return &it.Intents[i]
		}
	}
	return nil
}

// Keyed returns a pending create of a person or an account that carried a key.
func (it *Item) Keyed(kind leadtype.PartKind) *leadtype.Intent {
	for i := range it.Intents {
		if it.Intents[i].Kind == kind && kind != leadtype.PartTask && it.Intents[i].Key != "" {
			return &it.Intents[i]
		}
	}
	return nil
}

// Open returns all pending creates, for a lead that was not written.
func (it *Item) Open() []leadtype.Intent { return slices.Concat(it.Intents, it.Left) }

// leaveCompany sets the pending create of an account apart when it belongs to the
// lead's earlier company: its key and its place are not those of the new one.
func (it *Item) leaveCompany() {
	company := CompanyKeys(it.Lead)
	for i, intent := range it.Intents {
		if intent.Kind == leadtype.PartAccount && intent.Company != nil && !shareValue(intent.Company, company) {
			it.Intents, it.Left = slices.Delete(slices.Clone(it.Intents), i, i+1), append(it.Left, intent)
			return
		}
	}
}

// shareValue reports whether two lists have a value in common.
func shareValue(a, b []string) bool {
	return slices.ContainsFunc(a, func(value string) bool { return slices.Contains(b, value) })
}
