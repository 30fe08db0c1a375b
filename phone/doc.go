// SPDX-License-Identifier: Apache-2.0

// Package phone formats phone numbers as E.164, by the numbering plans of all
// countries (libphonenumber). It is a separate module, so that only hosts that use
// it depend on the plans.
//
// It provides a transform, which a host registers under a name of its choice:
//
//	e164, err := phone.E164("GB")
//	...
//	cfg := &leadsync.Config{
//		Mapper:     rows, // with rows such as {"source": "phone", "field": "Phone", "transforms": ["phone"]}
//		Transforms: map[string]mapping.TransformFunc{"phone": e164},
//	}
//
// For events in several countries register one for each, under different names.
// The built-in transform e164 knows only what each country dials before a number, how long
// its numbers are and how they begin.
package phone
