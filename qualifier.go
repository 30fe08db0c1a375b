package leadsync

// A Qualifier is a question that reps put to leads, and where its answers go.
type Qualifier struct {
	Name string `json:"name"`
}
