// SPDX-License-Identifier: Apache-2.0

package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/leadsync/leadsync"
)

// demoConfig links the demo's event to the demo org's campaign and maps the
// answers of the demo's leads.
//
//go:embed config.json
var demoConfig []byte

// readConfig reads the -config file, which replaces the demo's settings as a
// whole, or else returns the demo's settings.
func readConfig(path string) (*leadsync.Settings, error) {
	data := demoConfig
	if path != "" {
		var err error
		if data, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("-config: %w", err)
		}
	}
	settings := new(leadsync.Settings)
	err := json.Unmarshal(data, settings)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("-config: line %d: is not JSON: %w",
			1+strings.Count(string(data[:syntax.Offset]), "\n"), syntax)
	case err != nil:
		return nil, configError(err)
	}
	return settings, nil
}

// configError describes what leadsync rejects by its path in the file.
func configError(err error) error {
	var refused *leadsync.Error
	if !errors.As(err, &refused) || len(refused.Fields) == 0 {
		return fmt.Errorf("-config: %w", err)
	}
	if path := refused.Fields[0]; path != "" {
		return fmt.Errorf("-config: %s: %s", path, refused.Reason)
	}
	return fmt.Errorf("-config: %s", refused.Reason)
}
