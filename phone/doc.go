// SPDX-License-Identifier: Apache-2.0

// Package phone writes phone numbers in the form of E.164 for leadsync, by the
// numbering plans of all countries (libphonenumber). It is a module of its own,
// so that only the hosts which use it get the plans.
//
// It is a transform that a host adds under a name of its choice:
//
//	e164, err := phone.E164("GB")
//	...
//	cfg := &leadsync.Config{
//		Mapper:     mapping, // with rows such as {"source": "phone", "field": "Phone", "transforms": ["phone"]}
//		Transforms: map[string]leadsync.TransformFunc{"phone": e164},
//	}
//
// Events in several countries take several, each under a name of its own. The
// e164 transform that leadsync brings knows no numbering plans: it goes by the
// calling code alone.
package phone
