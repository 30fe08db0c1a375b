// SPDX-License-Identifier: Apache-2.0

package soql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/soql"
)

func TestPeriodRendersADateLiteral(t *testing.T) {
	t.Parallel()
	for want, period := range map[string]soql.Period{
		"TODAY":                    soql.This(soql.Day),
		"THIS_WEEK":                soql.This(soql.Week),
		"THIS_MONTH":               soql.This(soql.Month),
		"THIS_QUARTER":             soql.This(soql.Quarter),
		"THIS_YEAR":                soql.This(soql.Year),
		"THIS_FISCAL_QUARTER":      soql.This(soql.FiscalQuarter),
		"THIS_FISCAL_YEAR":         soql.This(soql.FiscalYear),
		"LAST_N_DAYS:7":            soql.Last(7, soql.Day),
		"NEXT_N_WEEKS:2":           soql.Next(2, soql.Week),
		"N_MONTHS_AGO:1":           soql.Ago(1, soql.Month),
		"LAST_N_FISCAL_QUARTERS:3": soql.Last(3, soql.FiscalQuarter),
		"N_FISCAL_YEARS_AGO:4":     soql.Ago(4, soql.FiscalYear),
	} {
		statement, err := soql.From("Lead", "Id").Where(soql.Ge("CreatedDate", period)).Build()
		require.NoError(t, err)
		require.Equal(t, "SELECT Id FROM Lead WHERE CreatedDate >= "+want, statement)
	}
}

func TestPeriodThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	for want, periods := range map[string][]soql.Period{
		"field CreatedDate: period of no units": {soql.Last(0, soql.Day), soql.Next(-1, soql.Day), soql.Ago(0, soql.Week)},
		"field CreatedDate: unknown unit":       {soql.This(0), soql.This(8), soql.Last(1, -1), soql.Ago(1, 99)},
		"field CreatedDate: empty period":       {{}},
	} {
		for _, period := range periods {
			_, err := soql.From("Lead", "Id").Where(soql.Eq("CreatedDate", period)).Build()
			require.ErrorContains(t, err, want)
		}
	}
}
