// Package archtest holds the tests of how the modules hang together: what is in
// the workspace, and who may import what.
package archtest
