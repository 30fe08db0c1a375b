package mapping

import (
	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/verdict"
)

// UnmarshalJSON reads one lookup; see Mapping.UnmarshalJSON.
func (l *Lookup) UnmarshalJSON(data []byte) error {
	type plain Lookup
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(l)))
}
