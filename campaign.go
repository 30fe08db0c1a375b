package leadsync

import "github.com/leadsync/leadsync/mapping"

// A CampaignLink makes the leads of an event members of a Salesforce Campaign; see
// [mapping.CampaignLink]. Config.Campaigns holds them.
type CampaignLink = mapping.CampaignLink
