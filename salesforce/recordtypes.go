// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"encoding/json"
	"errors"
	"strings"
)

// RecordTypePicklists reads the picklist values of each record type of an object. It
// costs a call: it is not documented whether a composite may carry it. It is useful
// only for an object whose describe has more than the master record type.
func RecordTypePicklists(object Object) Read { return Read{Kind: ReadRecordTypes, Object: object} }

// Picklists are the active values of a record type, by field.
// Source: docs/salesforce.md, Fields.
type Picklists map[string][]string

func parseLayouts(body []byte) (map[ID]Picklists, error) {
	var reply struct {
		Mappings []struct {
			ID        ID `json:"recordTypeId"`
			Picklists []struct {
				Name   string          `json:"picklistName"`
				Values []PicklistValue `json:"picklistValues"`
			} `json:"picklistsForRecordType"`
		} `json:"recordTypeMappings"`
	}
	wrong := errors.New("reply is not an object's layouts")
	if json.Unmarshal(body, &reply) != nil || reply.Mappings == nil {
		return nil, wrong
	}
	types := make(map[ID]Picklists, len(reply.Mappings))
	for _, mapping := range reply.Mappings {
		id := idWithPrefix("012", string(mapping.ID))
		if id == "" {
			return nil, wrong
		}
		offered := make(Picklists, len(mapping.Picklists))
		for _, list := range mapping.Picklists {
			offered[list.Name] = activeValues(list.Values)
		}
		types[id] = offered
	}
	return types, nil
}

func activeValues(list []PicklistValue) []string {
	values := []string{}
	for _, v := range list {
		if v.Active {
			values = append(values, v.Value)
		}
	}
	return values
}

// ForRecordType returns the describe for records of a type that offers only some of the
// picklist values: in a restricted picklist the others are not active. An unrestricted
// picklist accepts any value, whatever the record type offers.
func (d *Describe) ForRecordType(offered Picklists) *Describe {
	narrowed := *d
	narrowed.Fields = make([]Field, len(d.Fields))
	for i, f := range d.Fields {
		if values, ok := offered[f.Name]; ok && f.RestrictedPicklist {
			f.PicklistValues = narrow(f.PicklistValues, values)
		}
		narrowed.Fields[i] = f
	}
	return &narrowed
}

func narrow(options []PicklistValue, offered []string) []PicklistValue {
	narrowed := make([]PicklistValue, len(options))
	for i, option := range options {
		option.Active = option.Active && containsFold(offered, option.Value)
		narrowed[i] = option
	}
	return narrowed
}

func containsFold(list []string, text string) bool {
	for _, s := range list {
		if strings.EqualFold(s, text) {
			return true
		}
	}
	return false
}
