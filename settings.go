// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// SettingsVersion is the version of the JSON that Settings are written as.
const SettingsVersion = 1

// Settings are the part of a Config that an administrator decides, as plain data:
// a host keeps them as JSON, edits them in its own pages, and puts them into a
// Config with Fill. What is left out has the default that Config documents.
//
// A Syncer keeps the Config that it was made with. To apply other Settings, make a new
// Syncer with the same Client, Store and Connection, end the Run of the old one, and Run
// the new. It starts in its Config.Mode: see Syncer.SetMode.
//
// Unknown JSON keys are refused. JSON of an older version is read by every later release
// of the same major version.
type Settings struct {
	// Version is SettingsVersion. Zero means the same.
	Version int `json:"version"`
	// Strategy names one of the three built-in strategies, or of Config.Strategies.
	Strategy          string                       `json:"strategy,omitempty"`
	Mapping           *Mapping                     `json:"mapping,omitempty"`
	Qualifiers        []Qualifier                  `json:"qualifiers,omitempty"`
	Campaigns         []CampaignLink               `json:"campaigns,omitempty"`
	Converted         ConvertedPolicy              `json:"converted,omitempty"`
	Ambiguous         AmbiguityPolicy              `json:"ambiguous,omitempty"`
	OtherPerson       leadtype.OtherPersonPolicy   `json:"otherPerson,omitempty"`
	Duplicates        DuplicatePolicy              `json:"duplicates,omitempty"`
	Owners            OwnerPolicy                  `json:"owners,omitempty"`
	FallbackOwner     salesforce.ID                `json:"fallbackOwner,omitempty"`
	AutoAssign        bool                         `json:"autoAssign,omitempty"`
	ExternalIDs       map[salesforce.Object]string `json:"externalIds,omitzero"`
	LeadSource        string                       `json:"leadSource,omitempty"`
	PersonLeads       bool                         `json:"personLeads,omitempty"`
	KeyPrefix         string                       `json:"keyPrefix,omitempty"`
	WaitForEnrichment bool                         `json:"waitForEnrichment,omitempty"`
	// EnrichWithin is Config.EnrichWithin. In JSON it is in nanoseconds.
	EnrichWithin time.Duration `json:"enrichWithin,omitempty"`
}

// UnmarshalJSON reads settings. The error is a *Error whose field is the path of
// what is wrong, such as qualifiers[2].options. It refuses unknown keys and later
// versions; Config.Validate checks whether the settings make sense.
func (s *Settings) UnmarshalJSON(data []byte) error {
	type plain Settings
	err := strictjson.Decode(data, (*plain)(s), func(read *plain) error {
		return strictjson.CheckVersion(read.Version, SettingsVersion)
	})
	var inMapping *Error // the keys are checked before: only its version can be wrong
	if errors.As(err, &inMapping) && len(inMapping.Fields) == 1 {
		err = &strictjson.Error{Path: "mapping." + inMapping.Fields[0], Reason: inMapping.Reason}
	}
	return verdict.OfJSON(verdict.OpSettings, err)
}

// Fill copies the settings into cfg; what they leave out stays as it is there. The error
// is a *Error with the path strategy when no strategy of cfg or the library has the name.
func (s *Settings) Fill(cfg *Config) error {
	if s.Strategy != "" {
		var names []string
		strategies := append(builtinStrategies(), cfg.Strategies...)
		for _, known := range strategies {
			if known != nil {
				names = append(names, known.Name())
			}
		}
		i := slices.IndexFunc(strategies, func(known Strategy) bool { return known != nil && known.Name() == s.Strategy })
		if i < 0 {
			return &Error{Op: verdict.OpSettings, Code: DataValueValidation, Fields: []string{"strategy"},
				Reason: "must be one of " + value.Quoted(names)}
		}
		cfg.Strategy = strategies[i]
	}
	if s.Mapping != nil {
		cfg.Mapper = s.Mapping
	}
	if s.Qualifiers != nil {
		cfg.Qualifiers = s.Qualifiers
	}
	if s.Campaigns != nil {
		cfg.Campaigns = s.Campaigns
	}
	if s.ExternalIDs != nil {
		cfg.ExternalIDs = s.ExternalIDs
	}
	cfg.Converted = cmp.Or(s.Converted, cfg.Converted)
	cfg.Ambiguous = cmp.Or(s.Ambiguous, cfg.Ambiguous)
	cfg.OtherPerson = cmp.Or(s.OtherPerson, cfg.OtherPerson)
	cfg.PersonLeads = s.PersonLeads || cfg.PersonLeads
	cfg.Duplicates = cmp.Or(s.Duplicates, cfg.Duplicates)
	cfg.Owners = cmp.Or(s.Owners, cfg.Owners)
	cfg.FallbackOwner = cmp.Or(s.FallbackOwner, cfg.FallbackOwner)
	cfg.AutoAssign = cfg.AutoAssign || s.AutoAssign
	cfg.LeadSource = cmp.Or(s.LeadSource, cfg.LeadSource)
	cfg.KeyPrefix = cmp.Or(s.KeyPrefix, cfg.KeyPrefix)
	cfg.EnrichWithin = cmp.Or(s.EnrichWithin, cfg.EnrichWithin)
	cfg.WaitForEnrichment = cfg.WaitForEnrichment || s.WaitForEnrichment
	return nil
}
