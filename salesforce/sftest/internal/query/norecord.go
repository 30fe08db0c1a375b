//go:build !soqlrecord

package query

// recordSOQL does nothing but in a build with the tag soqlrecord.
func recordSOQL(string) {}
