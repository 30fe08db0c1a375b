package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

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
	Mapper      *leadsync.Mapping            `json:"mapping"`
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

// configError says what leadsync.New refuses by its path in the file.
func configError(err error) error {
	var refused *leadsync.Error
	if !errors.As(err, &refused) || len(refused.Fields) == 0 {
		return fmt.Errorf("-config: %w", err)
	}
	path := strings.TrimPrefix(refused.Fields[0], "Config.")
	return fmt.Errorf("-config: %s: %s", jsonPath(path, reflect.TypeFor[fileConfig]()), refused.Reason)
}

// jsonPath turns a path of Go names within a type, such as
// Campaigns[0].CampaignID, into one of JSON keys, and leaves alone what is none
// of the type's.
func jsonPath(path string, t reflect.Type) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return path
	}
	step, rest, deeper := strings.Cut(path, ".")
	name, index, indexed := strings.Cut(step, "[")
	for _, f := range reflect.VisibleFields(t) {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key == "" || !strings.EqualFold(name, f.Name) && !strings.EqualFold(name, key) {
			continue
		}
		if indexed {
			key += "[" + index
		}
		if deeper {
			key += "." + jsonPath(rest, f.Type)
		}
		return key
	}
	return path
}
