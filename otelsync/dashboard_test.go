// SPDX-License-Identifier: Apache-2.0

package otelsync_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/otelsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A page is the series of a page of metrics: by name, the values of each label.
type page map[string]map[string]map[string]bool

var (
	seriesPattern = regexp.MustCompile(`^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? `)
	labelPattern  = regexp.MustCompile(`([a-z_]+)="([^"]*)"`)
)

func parsePage(lines []string) page {
	read := make(page)
	for _, line := range lines {
		found := seriesPattern.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		if read[found[1]] == nil {
			read[found[1]] = make(map[string]map[string]bool)
		}
		for _, label := range labelPattern.FindAllStringSubmatch(found[2], -1) {
			if read[found[1]][label[1]] == nil {
				read[found[1]][label[1]] = make(map[string]bool)
			}
			read[found[1]][label[1]][label[2]] = true
		}
	}
	return read
}

var (
	selectorPattern = regexp.MustCompile(`\b([a-z][a-z0-9_]*_[a-z0-9_]+)\b(?:\{([^}]*)\})?`)
	matcherPattern  = regexp.MustCompile(`([a-z_]+)(=~|!=|=)"([^"]*)"`)
	groupingPattern = regexp.MustCompile(`\bby \(([^)]*)\)`)
	functionPattern = regexp.MustCompile(`\b[a-z_]+ ?\(`)
)

// check says what an expression asks for that the page does not have.
func (p page) check(expression string) (problems []string) {
	var groups []string
	for _, found := range groupingPattern.FindAllStringSubmatch(expression, -1) {
		groups = append(groups, strings.Split(found[1], ", ")...)
	}
	bare := functionPattern.ReplaceAllString(groupingPattern.ReplaceAllString(expression, ""), "(")
	selectors := selectorPattern.FindAllStringSubmatch(bare, -1)
	if len(selectors) == 0 {
		return []string{"no metric in " + expression}
	}
	for _, found := range selectors {
		labels, ok := p[found[1]]
		if !ok {
			problems = append(problems, "no metric "+found[1])
			continue
		}
		for _, group := range groups {
			if labels[group] == nil {
				problems = append(problems, found[1]+" has no label "+group)
			}
		}
		problems = append(problems, checkMatchers(found[1], labels, found[2])...)
	}
	return problems
}

// checkMatchers says which labels, and which values of them, a metric does not have.
func checkMatchers(metric string, labels map[string]map[string]bool, matchers string) (problems []string) {
	for _, found := range matcherPattern.FindAllStringSubmatch(matchers, -1) {
		name, operator, value := found[1], found[2], found[3]
		if labels[name] == nil {
			problems = append(problems, metric+" has no label "+name)
			continue
		}
		if operator == "!=" || strings.HasPrefix(value, "$") {
			continue
		}
		for _, one := range strings.Split(value, "|") {
			if !labels[name][one] {
				problems = append(problems, metric+" has no "+name+" "+one)
			}
		}
	}
	return problems
}

// expressions returns all queries of a dashboard.
func expressions(t *testing.T, text []byte) (all []string) {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			ID      int
			Type    string
			Title   string
			Targets []struct{ Expr string }
			GridPos struct{ X, Y, W, H int }
		}
		Templating struct{ List []struct{ Query string } }
	}
	require.NoError(t, json.Unmarshal(text, &dashboard))
	ids := make(map[int]bool)
	for _, panel := range dashboard.Panels {
		require.False(t, ids[panel.ID], "panel %q has the id of another", panel.Title)
		ids[panel.ID] = true
		require.LessOrEqual(t, panel.GridPos.X+panel.GridPos.W, 24, panel.Title)
		require.Equal(t, panel.Type == "row", len(panel.Targets) == 0, panel.Title)
		for _, target := range panel.Targets {
			all = append(all, target.Expr)
		}
	}
	for _, variable := range dashboard.Templating.List {
		if inner, ok := strings.CutPrefix(variable.Query, "label_values("); ok {
			metric, label, _ := strings.Cut(strings.TrimSuffix(inner, ")"), ", ")
			all = append(all, "max by ("+label+") ("+metric+")")
		}
	}
	return all
}

// eventful lets everything happen that metrics tell of, and returns the page of them.
func eventful(t *testing.T) page {
	t.Helper()
	telemetry, metrics, err := prometheusMetrics()
	require.NoError(t, err)
	r, org := &rig{telemetry: telemetry}, sftest.NewOrg(t)
	syncer, err := leadsync.New(r.client(t, org, 1), &leadsync.Config{Trace: telemetry.Trace(), Gather: leadsync.NoGather})
	require.NoError(t, err)
	telemetry.Watch(otelsync.HealthOf("default", syncer))
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n > 2 {
			return nil
		}
		return &sftest.Fault{Status: http.StatusServiceUnavailable}
	})
	locked := false
	org.OnRow("Lead", func(string, map[string]any) *sftest.RowError {
		if locked {
			return nil
		}
		locked = true
		return &sftest.RowError{StatusCode: "UNABLE_TO_LOCK_ROW", Message: "unable to obtain exclusive access"}
	})
	all := leads(3)
	all[2].Email = "not an address"
	_, err = syncer.Capture(t.Context(), all...)
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	return parsePage(scrape(metrics))
}

func TestDashboardQueriesWhatIsExported(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/grafana/leadsync.json")
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		exported := eventful(t)
		queried := make(map[string]bool)
		for _, expression := range expressions(t, text) {
			require.Empty(t, exported.check(expression), expression)
			for name := range exported {
				if regexp.MustCompile(`\b` + name + `\b`).MatchString(expression) {
					queried[family(name)] = true
				}
			}
		}
		var ours []string
		for name := range exported {
			if strings.HasPrefix(name, "leadsync_") || strings.HasPrefix(name, "http_client_") {
				ours = append(ours, family(name))
			}
		}
		slices.Sort(ours)
		require.Equal(t, slices.Compact(ours), slices.Sorted(maps.Keys(queried)), "the dashboard shows each metric")
		require.Len(t, queried, 16)
	})
}

// family returns the name of the metric that a series is of.
func family(series string) string {
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		series = strings.TrimSuffix(series, suffix)
	}
	return series
}

// The control: an expression that asks for what is not there is found.
func TestDashboardCheckFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	there := parsePage([]string{"# HELP leadsync_leads_total x",
		`leadsync_leads_total{leadsync_stage="failed",error_type="X"} 1`,
		`leadsync_lag_seconds_bucket{le="1"} 1`, `leadsync_lag_seconds_bucket{le="+Inf"} 1`})
	for _, c := range []struct{ expression, problem string }{
		{`sum by (error_type) (rate(leadsync_leads_total{leadsync_stage=~"failed"}[$__rate_interval]))`, ""},
		{`histogram_quantile(0.5, sum by (le) (rate(leadsync_lag_seconds_bucket[5m])))`, ""},
		{`sum(rate(leadsync_lead_total[5m])) / sum(rate(leadsync_leads_total[5m]))`, "no metric leadsync_lead_total"},
		{`sum by (code) (leadsync_leads_total)`, "leadsync_leads_total has no label code"},
		{`leadsync_leads_total{code="X"}`, "leadsync_leads_total has no label code"},
		{`leadsync_leads_total{error_type="Y"}`, "leadsync_leads_total has no error_type Y"},
		{`sum(rate(leadsync_leads_total{leadsync_stage=~"failed|cleared",error_type!=""}[$__rate_interval]))`,
			"leadsync_leads_total has no leadsync_stage cleared"},
		{`1 + 1`, "no metric in 1 + 1"},
	} {
		var want []string
		if c.problem != "" {
			want = []string{c.problem}
		}
		require.Equal(t, want, there.check(c.expression), c.expression)
	}
}
