package verdict

import (
	"errors"

	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/leadtype"
)

// OfJSON makes a *Error of what package strictjson refuses. Other errors stay as they
// are.
func OfJSON(op string, err error) error {
	var e *strictjson.Error
	if !errors.As(err, &e) {
		return err
	}
	return &leadtype.Error{Op: op, Code: leadtype.DataValueValidation, Fields: []string{e.Path}, Reason: e.Reason}
}

// OpSettings is the Op of errors about settings that cannot be read.
const OpSettings = "read settings"
