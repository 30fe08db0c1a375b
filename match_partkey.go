package leadsync

// ownKey identifies a lead's person where nothing else does.
func ownKey(lead *Lead) string { return "lead\x00" + string(lead.ID) }

// partKeys returns the keys under which a part of the lead equals one of another
// lead, or of the same lead at another time.
func partKeys(lead *LeadPlan, kind PartKind, key string) []string {
	var values []string
	switch kind {
	case PartPerson:
		values = lead.personKeys
	case PartAccount:
		values = lead.companyKeys
	case PartTask:
		values = []string{string(lead.LeadID) + "\x00" + key}
	}
	keys := make([]string, len(values))
	for i, value := range values {
		keys[i] = string(kind) + "\x00" + value
	}
	return keys
}
