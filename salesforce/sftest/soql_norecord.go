//go:build !soqlrecord

package sftest

// recordSOQL does nothing but in a build with the tag soqlrecord.
func recordSOQL(string) {}
