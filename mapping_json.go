package leadsync

// UnmarshalJSON reads a mapping. The error is a *Error whose field is the path
// of what is wrong, such as objects[0].rules[3].write. It refuses keys that it
// does not know, and later versions; what the rows say is for Validate.
func (m *Mapping) UnmarshalJSON(data []byte) error {
	type plain Mapping // without this method
	var read plain
	if err := decodeStrict(data, &read); err != nil {
		return err
	}
	if err := checkVersion(read.Version, MappingVersion); err != nil {
		return err
	}
	*m = Mapping(read)
	return nil
}

// UnmarshalJSON reads the rows for one object; see Mapping.UnmarshalJSON.
func (o *ObjectMapping) UnmarshalJSON(data []byte) error {
	type plain ObjectMapping
	var read plain
	if err := decodeStrict(data, &read); err != nil {
		return err
	}
	*o = ObjectMapping(read)
	return nil
}

// UnmarshalJSON reads one lookup; see Mapping.UnmarshalJSON.
func (l *Lookup) UnmarshalJSON(data []byte) error {
	type plain Lookup
	var read plain
	if err := decodeStrict(data, &read); err != nil {
		return err
	}
	*l = Lookup(read)
	return nil
}

// UnmarshalJSON reads one row; see Mapping.UnmarshalJSON. The numbers of
// Constant and Default become json.Number.
func (r *Rule) UnmarshalJSON(data []byte) error {
	type plain Rule
	var read plain
	if err := decodeStrict(data, &read); err != nil {
		return err
	}
	*r = Rule(read)
	return nil
}
