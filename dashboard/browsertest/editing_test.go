// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/mapping"
)

// Each state of the pages that edit settings is examined as all pages are.
func TestPagesOfSettings(t *testing.T) {
	t.Parallel()
	browser, rules := startBrowser(t), axe(t)
	site, _ := serveFleet(t)
	looks := views()
	if os.Getenv(screenshots) == "" {
		looks = []view{looks[0], looks[3]} // both widths and both schemes
	}
	for _, v := range looks {
		t.Run(v.name, func(t *testing.T) {
			b := openTab(t, browser, site, v)
			examine := func(name string) {
				b.shot(name)
				require.Empty(t, b.violations(rules), name)
				overflow := get(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth - window.innerWidth`))
				require.LessOrEqual(t, overflow, 0, "%s is wider than the screen", name)
			}
			b.open("/leads/5")
			require.Contains(t, b.text(), "differs")
			examine("compared")
			b.open("/qualifiers")
			require.Contains(t, b.text(), "1 option is missing")
			examine("options-missing")
			b.open("/campaigns")
			b.enter(`#campaign`, "expo")
			b.click(`main form[role=search] button`)
			examine("campaign-found")
			b.open("/mapping")
			examine("rows")
			b.click(`button[value="edit:0:0"]`)
			examine("row-edited")
			b.fill(`input[name=source]`, "shoeSize")
			b.click(`#edit button.primary`)
			examine("row-refused")
			b.open("/mapping?lead=1")
			b.click(`button[value="clear:0"]`)
			examine("rows-missing")
			b.click(`button[value=try]`)
			examine("row-tried")
		})
	}
}

func TestAMappingRowIsChangedAfterSeeingItsEffect(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for _, v := range flowViews() {
		t.Run(v.name, func(t *testing.T) {
			site, f := serveFleet(t)
			b := openTab(t, browser, site, v)
			b.open("/mapping?lead=1")
			b.click(`button[value="edit:1:3"]`)
			b.fill(`input[name=source]`, "company")
			b.fill(`select[name=write]`, "")
			b.click(`#edit button.primary`)
			require.Contains(t, b.text(), "Not saved yet")
			b.click(`button[value=try]`)
			require.Contains(t, b.text(), "overwrite from company")
			require.Contains(t, b.text(), "Engines")
			require.Nil(t, mappingOf(t, f))
			b.click(`button[value=save]`)
			require.Contains(t, b.text(), "Saved.")
			require.Equal(t, mapping.Rule{Source: "company", Field: "Title", Unfit: mapping.Skip},
				mappingOf(t, f).Sections[1].Rules[3])
		})
	}
}

func TestALeadIsDecidedBesideItsCandidates(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for _, v := range flowViews() {
		t.Run(v.name, func(t *testing.T) {
			site, f := serveFleet(t)
			b := openTab(t, browser, site, v)
			b.open("/leads/5")
			b.press(`input[value=new]`)
			b.click(`form.choose button`)
			require.Contains(t, b.text(), "Decided.")
			syncer, err := f.Syncer(t.Context(), "acme")
			require.NoError(t, err)
			require.Equal(t, leadsync.PreSync, stageOf(t, syncer, "grace"))
			b.open("/reconciliation?stage=failed")
			b.press(`input[name=lead]`)
			b.click(`.pages button`)
			require.Contains(t, get(b, chromedp.Location()), "stage=failed")
		})
	}
}

func TestAnswersAndCampaignsAreSet(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for _, v := range flowViews() {
		t.Run(v.name, func(t *testing.T) {
			site, f := serveFleet(t)
			b := openTab(t, browser, site, v)
			b.open("/qualifiers")
			b.fill(`tr:nth-child(2) input[name=to]`, "Glazing")
			b.click(`main form button`)
			require.Contains(t, b.text(), "Saved.")
			require.NotContains(t, b.text(), "missing")
			b.open("/campaigns")
			b.enter(`#campaign`, "expo")
			b.click(`main form[role=search] button`)
			b.fill(`select[name=event]`, "fair")
			b.click(`button[value=link]`)
			require.Contains(t, b.text(), "Saved.")
			require.Contains(t, b.text(), "Expo 2026")
			settings, _, err := f.Settings(t.Context(), "acme")
			require.NoError(t, err)
			require.Equal(t, "Glazing", settings.Qualifiers[0].Options["Wheels"])
			require.Equal(t, "fair", settings.Campaigns[0].EventID)
		})
	}
}

func mappingOf(t *testing.T, f *fleet.Fleet) *mapping.Mapping {
	t.Helper()
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	return settings.Mapping
}
