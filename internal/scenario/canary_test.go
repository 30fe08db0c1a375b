// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// secretWord is part of every value that the leads of the canary test hold.
const secretWord = "canary"

// canaryLead returns a lead whose every text is a canary.
func canaryLead(t *testing.T, id leadsync.LeadID) *leadsync.Lead {
	t.Helper()
	lead := &leadsync.Lead{ID: id,
		Answers:    map[string][]string{"interest": {secretWord + "-answer"}},
		Custom:     map[string]any{"seat": secretWord + "-custom"},
		Activities: []leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: secretWord + "-activity"}},
	}
	for _, source := range leadtype.SourceFields() {
		if lead.Value(source) == nil && source != "eventId" {
			// What does not hold text refuses it, and stays empty.
			_ = lead.Set(source, secretWord+"-"+source)
		}
	}
	lead.Email = fmt.Sprintf("%s-%s@%s.example", secretWord, id, secretWord)
	lead.CapturedBy = "rep@" + secretWord + ".example"
	lead.Phones = []leadtype.Phone{{Number: secretWord + "-phone"}}
	lead.ContactID, lead.LeadID, lead.AccountID = "", "", ""
	lead.CompanySize, lead.CompanyRevenue = "250", "1000000" // numbers in Salesforce
	lead.Website = "https://" + secretWord + ".example"
	return lead
}

// A listener gathers all that a host may log of a Syncer.
type listener struct {
	mu   sync.Mutex
	text bytes.Buffer
	// failed counts the errors that were seen by code.
	failed map[leadsync.Code]int
}

func (l *listener) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *listener) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// see writes down an error in every way that errors are printed.
func (l *listener) see(err error) {
	if err == nil {
		return
	}
	var own *leadsync.Error
	if errors.As(err, &own) {
		l.mu.Lock()
		l.failed[own.Code]++
		l.mu.Unlock()
	}
	fmt.Fprintf(l, "%v %+v %s\n", err, err, err)
	l.logger().Error("seen", "error", err)
}

// seeAll writes down what is meant to be shown of outcomes.
func (l *listener) seeAll(t *testing.T, outcomes []*leadsync.Outcome) {
	for _, o := range outcomes {
		fmt.Fprintf(l, "%s\n%v %+v\n", leadsync.Explain(o), o.Trace, o.Trace)
		if o.Err != nil {
			l.see(o.Err)
		}
		for _, part := range o.Parts {
			if part.Err != nil {
				l.see(part.Err)
			}
		}
		for _, shown := range []any{o.Trace, o.Warnings, o.ForHistory()} {
			data, err := json.Marshal(shown)
			require.NoError(t, err)
			fmt.Fprintf(l, "%s\n", data)
		}
	}
}

func (l *listener) trace(t *testing.T) *leadsync.Trace {
	return &leadsync.Trace{
		BatchDone: func(_ context.Context, outcomes []*leadsync.Outcome, _ time.Duration, err error) {
			l.see(err)
			l.seeAll(t, outcomes)
		},
		Paused: func(_ context.Context, reason *leadsync.Error) { l.see(reason) },
	}
}

// refuseEach makes the org refuse rows with messages that quote them, in turn
// with each status.
func refuseEach(org *sftest.Org, statuses ...string) {
	n := 0
	org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
		n++
		if n > len(statuses) {
			return nil
		}
		return &sftest.RowError{StatusCode: statuses[n-1], Message: fmt.Sprintf("no: %v", row), Fields: []string{"Email"}}
	})
}

// Logs, errors and traces name leads, records, fields and rules. Not a value and
// no token is in any of them, whatever goes wrong.
func TestNothingPrintedHoldsPersonalDataOrSecrets(t *testing.T) {
	t.Parallel()
	dropped := func(*http.Request, int) *sftest.Fault { return &sftest.Fault{DropBefore: true} }
	garbage := func(*http.Request, int) *sftest.Fault {
		return &sftest.Fault{Status: 400, Body: `[{"errorCode":"MALFORMED_QUERY","message":"near ` + secretWord + `"}]`}
	}
	cases := []struct {
		name    string
		prepare func(*sftest.Org)
		cfg     leadsync.Config
		want    leadsync.Code // seen; "" for none
	}{
		{"all goes well", nil, leadsync.Config{}, ""},
		{"rows are refused", func(org *sftest.Org) {
			refuseEach(org, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "STRING_TOO_LONG", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
		}, leadsync.Config{}, leadsync.DataValueValidation},
		{"a trigger fails", func(org *sftest.Org) {
			refuseEach(org, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "DUPLICATES_DETECTED", "NOBODY_KNOWS_THIS")
		}, leadsync.Config{}, leadsync.RemoteAutomation},
		{"several match", func(org *sftest.Org) {
			for range 2 {
				scenario.InsertLead(org, secretWord, canaryLead(t, "L1").Email)
			}
		}, leadsync.Config{Ambiguous: leadsync.HoldAmbiguous}, leadsync.AmbiguousMatch},
		{"a value does not convert", nil,
			leadsync.Config{Mapper: &leadsync.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []leadsync.Rule{
				{Source: "lastName", Field: "LastName"}, {Source: "company", Field: "Company"},
				{Source: "notes", Field: "NumberOfEmployees"}}}}}}, leadsync.DataValueValidation},
		{"the session ends", func(org *sftest.Org) { org.ExpireToken() }, leadsync.Config{}, leadsync.Authentication},
		{"the connection breaks", func(org *sftest.Org) { org.Fail(dropped) }, leadsync.Config{}, leadsync.RemoteUnavailable},
		{"the answer quotes the request", func(org *sftest.Org) { org.Fail(garbage) }, leadsync.Config{}, leadsync.Unknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			token := org.Token()
			synctest.Test(t, func(t *testing.T) {
				defer org.Close()
				l := &listener{failed: make(map[leadsync.Code]int)}
				cfg := c.cfg
				cfg.Logger, cfg.Trace = l.logger(), l.trace(t)
				s := timelessSyncer(t, org, &cfg)
				if c.prepare != nil {
					c.prepare(org)
				}
				leads := []*leadsync.Lead{canaryLead(t, "L1"), canaryLead(t, "L2"), canaryLead(t, "L3")}
				l.use(t, s, leads)
				require.NotEmpty(t, l.text.String())
				if c.want != "" {
					require.NotZero(t, l.failed[c.want], "the test did not get where it wanted: %v", l.failed)
				} else {
					require.Empty(t, l.failed, l.text.String())
				}
				require.NotContains(t, strings.ToLower(l.text.String()), secretWord)
				require.NotContains(t, l.text.String(), token)
			})
		})
	}
}

// use calls whatever a host calls.
func (l *listener) use(t *testing.T, s *leadsync.Syncer, leads []*leadsync.Lead) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	outcomes, err := s.Sync(ctx, leads...)
	l.see(err)
	l.seeAll(t, outcomes)
	_, err = s.Plan(ctx, leads...)
	l.see(err)
	unfit := *leads[0]
	unfit.Custom = map[string]any{"seat": func() {}}
	_, err = s.Capture(ctx, &unfit, leads[1], leads[1], leads[2])
	require.Error(t, err)
	fmt.Fprintf(l, "%v\n", err)
	_, err = s.Capture(ctx, leads[0])
	l.see(err)
	if err := s.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		l.see(err)
	}
	fmt.Fprintf(l, "%v\n", s.Choose(t.Context(), "L1", secretWord))
	health, err := s.Health(t.Context())
	l.see(err)
	fmt.Fprintf(l, "%+v\n", health)
	for _, lead := range leads {
		steps, err := s.History(t.Context(), lead.ID)
		require.NoError(t, err)
		data, err := json.Marshal(steps)
		require.NoError(t, err)
		fmt.Fprintf(l, "%s\n", data)
		require.NoError(t, s.Forget(t.Context(), lead.ID))
	}
}
