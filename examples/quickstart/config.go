package main

import (
	_ "embed"
	"fmt"
	"os"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
)

// demoConfig links the demo's event to the demo org's campaign and says where
// the answers of the demo's leads go.
//
//go:embed config.json
var demoConfig []byte

// A fileConfig is what a -config file may say. It takes the place of the demo's
// whole; a key that is absent is as in leadsync.Config.
type fileConfig struct {
	Mapping     *leadsync.Mapping            `json:"mapping"`
	Qualifiers  []leadsync.Qualifier         `json:"qualifiers"`
	Campaigns   []leadsync.CampaignLink      `json:"campaigns"`
	ExternalIDs map[salesforce.Object]string `json:"externalIds"`
}

// readConfig reads the -config file, or the demo's config where none is given.
func readConfig(path string) (*fileConfig, error) {
	data := demoConfig
	if path != "" {
		var err error
		if data, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("-config: %w", err)
		}
	}
	c := new(fileConfig)
	if err := decodeStrict(data, c); err != nil {
		return nil, fmt.Errorf("-config: %w", err)
	}
	return c, nil
}
