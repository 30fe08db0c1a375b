// SPDX-License-Identifier: Apache-2.0

// Package soql builds SOQL statements. [From] names the object and the fields;
// conditions such as [Eq], [In] and [Like] quote every value, and identifiers are
// checked, so that no raw text gets into a statement:
//
//	soql.From("Contact", "Id", "LastName").Where(soql.And(
//		soql.In("Email", addresses...),
//		soql.Ge("CreatedDate", soql.Last(7, soql.Day)),
//	))
//
// Reference: https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select.html
package soql
