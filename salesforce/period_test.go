package salesforce_test

import (
	"testing"
	"time"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/stretchr/testify/require"
)

func TestPeriodRendersADateLiteral(t *testing.T) {
	t.Parallel()
	for want, period := range map[string]salesforce.Period{
		"TODAY":                    salesforce.This(salesforce.Day),
		"THIS_WEEK":                salesforce.This(salesforce.Week),
		"THIS_MONTH":               salesforce.This(salesforce.Month),
		"THIS_QUARTER":             salesforce.This(salesforce.Quarter),
		"THIS_YEAR":                salesforce.This(salesforce.Year),
		"THIS_FISCAL_QUARTER":      salesforce.This(salesforce.FiscalQuarter),
		"THIS_FISCAL_YEAR":         salesforce.This(salesforce.FiscalYear),
		"LAST_N_DAYS:7":            salesforce.Last(7, salesforce.Day),
		"NEXT_N_WEEKS:2":           salesforce.Next(2, salesforce.Week),
		"N_MONTHS_AGO:1":           salesforce.Ago(1, salesforce.Month),
		"LAST_N_FISCAL_QUARTERS:3": salesforce.Last(3, salesforce.FiscalQuarter),
		"N_FISCAL_YEARS_AGO:4":     salesforce.Ago(4, salesforce.FiscalYear),
	} {
		statement, err := salesforce.From("Lead", "Id").Where(salesforce.Ge("CreatedDate", period)).Build()
		require.NoError(t, err)
		require.Equal(t, "SELECT Id FROM Lead WHERE CreatedDate >= "+want, statement)
	}
}

func TestPeriodThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	for want, periods := range map[string][]salesforce.Period{
		"field CreatedDate: period of no units": {salesforce.Last(0, salesforce.Day), salesforce.Next(-1, salesforce.Day), salesforce.Ago(0, salesforce.Week)},
		"field CreatedDate: unknown unit":       {salesforce.This(0), salesforce.This(8), salesforce.Last(1, -1), salesforce.Ago(1, 99)},
		"field CreatedDate: empty period":       {{}},
	} {
		for _, period := range periods {
			_, err := salesforce.From("Lead", "Id").Where(salesforce.Eq("CreatedDate", period)).Build()
			require.ErrorContains(t, err, want)
		}
	}
}

func TestPeriodsSelectTheirDays(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 5, 14, 15, 0, 0, 0, time.UTC)
	org := sftest.NewOrg(t, sftest.WithNow(func() time.Time { return today }))
	for _, days := range []int{-8, -7, -1, 0, 1, 2} {
		at := salesforce.DateOf(today.AddDate(0, 0, days)).String()
		org.Insert("Task", map[string]any{"Subject": at, "ActivityDate": at})
	}
	for name, test := range map[string]struct {
		where salesforce.Condition
		want  []string
	}{
		"today":              {salesforce.Eq("ActivityDate", salesforce.This(salesforce.Day)), []string{"2026-05-14"}},
		"yesterday":          {salesforce.Eq("ActivityDate", salesforce.Ago(1, salesforce.Day)), []string{"2026-05-13"}},
		"tomorrow":           {salesforce.Eq("ActivityDate", salesforce.Next(1, salesforce.Day)), []string{"2026-05-15"}},
		"week and today":     {salesforce.Eq("ActivityDate", salesforce.Last(7, salesforce.Day)), []string{"2026-05-07", "2026-05-13", "2026-05-14"}},
		"last calendar week": {salesforce.Eq("ActivityDate", salesforce.Last(1, salesforce.Week)), []string{"2026-05-06", "2026-05-07"}},
		"later than today":   {salesforce.Gt("ActivityDate", salesforce.This(salesforce.Day)), []string{"2026-05-15", "2026-05-16"}},
		"earlier":            {salesforce.Lt("ActivityDate", salesforce.Last(7, salesforce.Day)), []string{"2026-05-06"}},
		"outside":            {salesforce.Ne("ActivityDate", salesforce.Last(2, salesforce.Week)), []string{"2026-05-13", "2026-05-14", "2026-05-15", "2026-05-16"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := salesforce.From("Task", "Subject").Where(test.where).OrderBy("Subject")
			results, err := connect(t, org).Read(t.Context(), salesforce.Query(q))
			require.NoError(t, err)
			require.NoError(t, results[0].Err)
			var got []string
			for _, record := range results[0].Records {
				got = append(got, record.Text("Subject"))
			}
			require.Equal(t, test.want, got)
		})
	}
}
