// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"os"
	"strconv"
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
		looks = []view{looks[0], looks[3]} // both widths, schemes and languages
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
			b.do(chromedp.WaitReady(chromedp.CSS(".differs")))
			examine("compared")
			b.open("/qualifiers")
			b.do(chromedp.WaitReady(chromedp.CSS(".chip.bad")))
			examine("options-missing")
			b.open("/qualifiers?edit=0")
			b.fill(`#edit input[name=name]`, "  ")
			b.press(`input[name=multiple]`)
			b.fill(`select[name=type]`, "number")
			b.click(`button[value=save]`)
			b.do(chromedp.WaitReady(chromedp.CSS("#edit .badtext")))
			examine("question-refused")
			b.open("/campaigns")
			b.enter(`#campaign`, "expo")
			b.click(`main form[role=search] button`)
			examine("campaign-found")
			b.open("/campaigns?edit=0")
			for _, list := range []string{"ladder", "ladder", "answer", "field"} {
				b.click(`button[value="more:0::` + list + `"]`)
			}
			b.fill(`input[name=status]`, "Elsewhere")
			b.fill(`.line input[name=ladder]`, "Sent")
			b.fill(`.line input[name=from]`, "Yes")
			b.fill(`.line input[name=field]`, "Nonsense__c")
			b.click(`button.primary[value="save:0"]`)
			b.do(chromedp.WaitReady(chromedp.CSS("#edit .badtext")))
			examine("link-refused")
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
			require.Contains(t, b.text(), "overwrite, from company")
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
			b.click(`form[action*="qualifiers/"] button`)
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
			require.Equal(t, "fair", settings.Campaigns[1].EventID)
		})
	}
}

func TestALinkAndAQuestionAreChangedInForms(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for _, v := range flowViews() {
		t.Run(v.name, func(t *testing.T) {
			site, f := serveFleet(t)
			b := openTab(t, browser, site, v)
			b.open("/campaigns")
			b.click(`a[href$="edit=0#edit"]`)
			for range 3 {
				b.click(`button[value="more:0::ladder"]`)
			}
			for i, status := range []string{"Responded", "Sent", "Gone"} {
				b.fill(`.line:nth-of-type(`+strconv.Itoa(i+1)+`) input[name=ladder]`, status)
			}
			b.click(`button[value="less:0:2:ladder"]`)
			b.click(`button[value="up:0:1:ladder"]`)
			b.click(`button[value="more:0::answer"]`)
			b.fill(`input[name=question]`, "interest")
			b.fill(`input[name=from]`, "Kilns")
			b.fill(`input[name=to]`, "Responded")
			b.click(`button.primary[value="save:0"]`)
			require.Contains(t, b.text(), "Saved.")
			b.open("/qualifiers")
			b.click(`a[href$="edit=new#edit"]`)
			b.enter(`#edit input[name=name]`, "budget")
			b.fill(`input[name=object][value=Lead] + input`, "AnnualRevenue")
			b.click(`button.primary[value=save]`)
			require.Contains(t, b.text(), "Saved.")
			settings, _, err := f.Settings(t.Context(), "acme")
			require.NoError(t, err)
			require.Equal(t, []string{"Sent", "Responded"}, settings.Campaigns[0].Ladder)
			require.Equal(t, map[string]string{"Kilns": "Responded"}, settings.Campaigns[0].StatusBy.Statuses)
			require.Equal(t, "AnnualRevenue", settings.Qualifiers[1].Fields["Lead"])
		})
	}
}

func mappingOf(t *testing.T, f *fleet.Fleet) *mapping.Mapping {
	t.Helper()
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	return settings.Mapping
}
