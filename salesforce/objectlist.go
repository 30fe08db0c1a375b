package salesforce

// An ObjectList is what Salesforce tells the connected user of the org's objects
// (Describe Global). An object that the user may not read is absent from it.
// Source: SALESFORCE.md 1, describe.
type ObjectList struct {
	Objects []ObjectInfo `json:"sobjects"`

	// LastModified and ETag are the reply's headers of these names, the validators
	// of the next read: see Again.
	LastModified string `json:"-"`
	ETag         string `json:"-"`
}

// Again reads the list once more, as Describe.Again does a describe.
func (l *ObjectList) Again() Read {
	return Read{Kind: ReadObjects, Since: l.LastModified, ETag: l.ETag}
}

// An ObjectInfo is one object of an ObjectList. Source: SALESFORCE.md 1, describe.
type ObjectInfo struct {
	Name       Object `json:"name"`
	Label      string `json:"label"`
	KeyPrefix  string `json:"keyPrefix"`
	Custom     bool   `json:"custom"`
	Createable bool   `json:"createable"`
	Updateable bool   `json:"updateable"`
	Deletable  bool   `json:"deletable"`
	Queryable  bool   `json:"queryable"`
}

// Object returns the object of that name, compared without regard to case.
func (l *ObjectList) Object(name Object) (*ObjectInfo, bool) {
	for i := range l.Objects {
		if l.Objects[i].Name.Equal(name) {
			return &l.Objects[i], true
		}
	}
	return nil, false
}
