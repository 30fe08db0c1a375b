package leadtype

// A Mode says when captured leads are synced.
type Mode string

// The modes.
const (
	// Automatic syncs leads as soon as they are captured and enriched.
	Automatic Mode = "automatic"
	// Manual holds captured leads as frozen until they are pushed.
	Manual Mode = "manual"
	// Disabled pauses everything; leads are still captured.
	Disabled Mode = "disabled"
)
