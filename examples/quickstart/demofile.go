// SPDX-License-Identifier: Apache-2.0

package main

import _ "embed"

// demoLeads is a file of leads as events produce them: good ones, some that exist
// in the demo org, the same people twice, and invalid values.
//
//go:embed leads.csv
var demoLeads []byte

// demoEvent is the event that the demo's config links to the demo org's
// campaign.
const demoEvent = "expo-2026"
