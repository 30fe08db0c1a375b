//go:build !soqlrecord

package query

// recordSOQL does nothing without the build tag soqlrecord.
func recordSOQL(string) {}
