package leadsync

import (
	"errors"

	"github.com/leadsync/leadsync/internal/strictjson"
)

// ofJSON makes a *Error of what package strictjson refuses. Other errors stay as they
// are.
func ofJSON(op string, err error) error {
	var e *strictjson.Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{Op: op, Code: DataValueValidation, Fields: []string{e.Path}, Reason: e.Reason}
}

// opSettings is the Op of errors about settings that cannot be read.
const opSettings = "read settings"
