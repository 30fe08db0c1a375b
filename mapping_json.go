package leadsync

import "github.com/leadsync/leadsync/internal/strictjson"

// UnmarshalJSON reads a mapping. The error is a *Error whose field is the path
// of what is wrong, such as objects[0].rules[3].write. It refuses keys that it
// does not know, and later versions; Validate checks what the rows say.
func (m *Mapping) UnmarshalJSON(data []byte) error {
	type plain Mapping // without this method
	return ofJSON(opSettings, strictjson.Decode(data, (*plain)(m), func(read *plain) error {
		return strictjson.CheckVersion(read.Version, MappingVersion)
	}))
}

// UnmarshalJSON reads the rows for one object; see Mapping.UnmarshalJSON.
func (o *ObjectMapping) UnmarshalJSON(data []byte) error {
	type plain ObjectMapping
	return ofJSON(opSettings, strictjson.Decode(data, (*plain)(o)))
}

// UnmarshalJSON reads one lookup; see Mapping.UnmarshalJSON.
func (l *Lookup) UnmarshalJSON(data []byte) error {
	type plain Lookup
	return ofJSON(opSettings, strictjson.Decode(data, (*plain)(l)))
}

// UnmarshalJSON reads one row; see Mapping.UnmarshalJSON. The numbers of
// Constant and Default become json.Number.
func (r *Rule) UnmarshalJSON(data []byte) error {
	type plain Rule
	return ofJSON(opSettings, strictjson.Decode(data, (*plain)(r)))
}
