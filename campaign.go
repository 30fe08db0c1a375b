// SPDX-License-Identifier: Apache-2.0

package leadsync

import "github.com/leadsync/leadsync/mapping"

// A CampaignLink makes the leads of an event members of a Salesforce Campaign.
// Config.Campaigns has them. See [mapping.CampaignLink].
type CampaignLink = mapping.CampaignLink
