// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/store"
)

// readSettings reads settings as they are kept: none are zero. With an error they are zero, too.
func readSettings(data []byte) (*leadsync.Settings, error) {
	settings := new(leadsync.Settings)
	if len(data) == 0 {
		return settings, nil
	}
	if !json.Valid(data) { // its own error would quote them
		return settings, &leadsync.Error{Op: verdict.OpSettings, Code: leadsync.DataValueValidation,
			Fields: []string{"settings"}, Reason: "is not JSON, or was cut short"}
	}
	return settings, json.Unmarshal(data, settings)
}

// ErrSettings is wrapped by the *leadsync.Error of a connection whose settings this process cannot use, with the path
// of what is wrong, such as those of a later version of the host. Other processes may be able to.
var ErrSettings = errors.New("this process cannot use the settings of the connection")

// ofSettings names the connection in the error of its settings, nil for none.
func ofSettings(c *store.Connection, err error) error {
	if err == nil {
		return nil
	}
	failure := &leadsync.Error{Op: verdict.OpSettings, Code: leadsync.DataValueValidation, Fields: []string{"settings"},
		Reason: "cannot be read"}
	_ = errors.As(err, &failure)
	named := *failure
	named.Reason = fmt.Sprintf("revision %d of connection %q: %s", c.Settings.Number, c.Name, failure.Reason)
	named.Err = ErrSettings
	return &named
}
