// SPDX-License-Identifier: Apache-2.0

package query

// Bounds are how much a search does for a page.
type Bounds struct {
	// Walked is how many leads are looked at in their order at most, and Indexed where an index has all that is
	// looked at.
	Walked, Indexed int64
	// Crowded is how many of them are looked at together at most.
	Crowded int64
	// Pages is how many pages of table word_content are read at most.
	Pages int64
	// FewLeads is how many leads are put in order at most, and FewRows how many of those are read, which lie far
	// apart.
	FewLeads, FewRows int
}

// Usual are the bounds outside of tests.
func Usual() Bounds {
	return Bounds{Walked: 10_000, Indexed: 50_000, Crowded: 4_000, Pages: 350, FewLeads: 12_000, FewRows: 700}
}
