package leadtype

// A CauseKey identifies what failures have in common that one fix resolves: code,
// object, fields and rule. It is a digest and reveals none of them. Stores keep it.
type CauseKey string
