// Package leadsync keeps a Salesforce org in step with leads captured at events.
package leadsync
