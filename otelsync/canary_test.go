// SPDX-License-Identifier: Apache-2.0

package otelsync_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/otelsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// canary is part of every value that the leads of the canary test hold, and changes when it is
// encoded. bird is what a search looks for.
const (
	canary = "Kanarien vogel&é"
	bird   = "kanarien"
)

// traces returns what of the canary text has: as it is, in any case, or in an encoding.
func traces(text string) []string {
	var found []string
	if strings.Contains(strings.ToLower(text), bird) {
		found = append(found, "plain")
	}
	// Every letter may be %-encoded, and that once more.
	for decoded, i := text, 0; i < 3; i++ {
		decoded = percent(decoded)
		if i > 0 || decoded != text {
			if strings.Contains(strings.ToLower(decoded), bird) && len(found) == 0 {
				found = append(found, "percent")
			}
		}
	}
	for _, word := range []string{bird, "Kanarien", strings.ToUpper(bird)} {
		if strings.Contains(strings.ToLower(text), hex.EncodeToString([]byte(word))) {
			found = append(found, "hex")
		}
		// Where it begins within three bytes is not known: what is the same in any case is left.
		for shift := range 3 {
			encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + word))
			from := []int{0, 2, 3}[shift]
			inner := encoded[from : len(encoded)-2]
			if strings.Contains(text, inner) || strings.Contains(text, strings.NewReplacer("+", "-", "/", "_").Replace(inner)) {
				found = append(found, "base64")
			}
		}
	}
	return found
}

// percent decodes each %XX of text that is one.
func percent(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+3 <= len(text) {
			if c, err := hex.DecodeString(text[i+1 : i+3]); err == nil {
				b.Write(c)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// exportedText is all text that is exported, metrics and spans.
func (r *rig) exportedText(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	write := func(attributes []attribute.KeyValue) {
		for _, kv := range attributes {
			fmt.Fprintf(&b, " %s=%s", kv.Key, kv.Value.String())
		}
		b.WriteByte('\n')
	}
	for _, span := range r.spans() {
		b.WriteString(span.Name + " " + span.Status.Description + span.SpanContext.TraceState().String())
		write(span.Attributes)
		for _, event := range span.Events {
			b.WriteString(event.Name)
			write(event.Attributes)
		}
		for _, link := range span.Links {
			write(link.Attributes)
		}
		write(span.Resource.Attributes())
	}
	for _, scope := range r.collect(t).ScopeMetrics {
		for _, m := range scope.Metrics {
			b.WriteString(m.Name + m.Description + m.Unit)
			for _, p := range pointsOf(m.Data) {
				write(p.of.ToSlice())
			}
		}
	}
	return b.String()
}

// canaryLead returns a lead whose every text is a canary, also its id.
func canaryLead(t *testing.T, n int) *leadsync.Lead {
	t.Helper()
	lead := &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint(canary, n)),
		Answers:    map[string][]string{"interest": {canary + "-answer"}},
		Custom:     map[string]any{"seat": canary + "-custom"},
		Activities: []leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: canary + "-activity"}},
	}
	for _, source := range leadtype.SourceFields() {
		if lead.Value(source) == nil {
			_ = lead.Set(source, canary+"-"+source) // what holds no text refuses it
		}
	}
	lead.EventID = canary
	lead.Email = fmt.Sprintf("%s-%d@%s.example", bird, n, bird)
	lead.CapturedBy, lead.Phones = bird+"@rep.example", []leadtype.Phone{{Number: canary}}
	lead.ContactID, lead.LeadID, lead.AccountID = "", "", ""
	lead.CompanySize, lead.CompanyRevenue, lead.Website = "250", "1000000", "https://"+bird+".example"
	return lead
}

// quoting makes the org refuse rows with a message that quotes them.
func quoting(statuses ...string) func(*sftest.Org) {
	return func(org *sftest.Org) {
		n := 0
		org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
			n++
			if n > len(statuses) {
				return nil
			}
			return &sftest.RowError{StatusCode: statuses[n-1], Message: fmt.Sprintf("no: %v", row), Fields: []string{"Email"}}
		})
	}
}

// A leaking transport fails with errors that quote the address and the canary.
type leaking struct{ http.RoundTripper }

func (l leaking) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "composite") {
		return l.RoundTripper.RoundTrip(r)
	}
	return nil, &url.Error{Op: canary, URL: r.URL.String() + "?" + url.QueryEscape(canary), Err: errors.New(canary)}
}

// hostError is what a host's Mapper may return.
func hostError(any) (any, error) {
	return nil, &leadsync.Error{Code: canary, Reason: canary, Op: canary}
}

func TestNothingExportedHoldsPersonalData(t *testing.T) {
	t.Parallel()
	mapped := leadsync.DefaultMapping()
	for i := range mapped.Sections {
		for k := range mapped.Sections[i].Rules {
			if rule := &mapped.Sections[i].Rules[k]; rule.Source == "lastName" {
				rule.Transforms = []string{"host"}
			}
		}
	}
	cases := map[string]struct {
		prepare func(*sftest.Org)
		over    func(http.RoundTripper) http.RoundTripper
		cfg     leadsync.Config
		want    string // error.type of a lead or of an incident, "" for none
	}{
		"all goes well": {},
		"rows are refused": {prepare: quoting("FIELD_CUSTOM_VALIDATION_EXCEPTION", "STRING_TOO_LONG", "NOBODY_KNOWS_THIS"),
			want: "DATA_VALUE_VALIDATION"},
		"a trigger fails": {prepare: quoting("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "DUPLICATES_DETECTED"),
			want: "REMOTE_AUTOMATION"},
		"the session ends": {prepare: (*sftest.Org).ExpireToken, want: "AUTHENTICATION"},
		"the reply quotes the request": {prepare: func(org *sftest.Org) {
			org.Fail(func(*http.Request, int) *sftest.Fault {
				return &sftest.Fault{Status: 400, Body: `[{"errorCode":"MALFORMED_QUERY","message":"near ` + canary + `"}]`}
			})
		}, want: "UNKNOWN"},
		"the reply is a page": {prepare: func(org *sftest.Org) {
			org.Fail(func(*http.Request, int) *sftest.Fault { return &sftest.Fault{Status: 502, HTML: true, Body: canary} })
		}, want: "REMOTE_UNAVAILABLE"},
		"the transport quotes the request": {over: func(inner http.RoundTripper) http.RoundTripper { return leaking{inner} },
			want: "REMOTE_UNAVAILABLE"},
		"code of the host fails": {cfg: leadsync.Config{Mapper: mapped,
			Transforms: map[string]mapping.TransformFunc{"host": hostError}}, want: "DATA_VALUE_VALIDATION"},
		"code of the host panics": {cfg: leadsync.Config{Mapper: mapped,
			Transforms: map[string]mapping.TransformFunc{"host": func(any) (any, error) { panic(canary) }}}, want: "UNKNOWN"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t)
				token := org.Token()
				r := newRig(t, otelsync.Config{})
				transport := org.Transport()
				if c.over != nil {
					transport = c.over(transport)
				}
				client, err := salesforce.New("https://acme.my.salesforce.com",
					oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}),
					&salesforce.Config{HTTPClient: &http.Client{Transport: transport}, OnCall: r.telemetry.OnCall})
				require.NoError(t, err)
				cfg := c.cfg
				cfg.Trace, cfg.Connection, cfg.Gather = r.telemetry.Trace(), "acme", leadsync.NoGather
				syncer, err := leadsync.New(client, &cfg)
				require.NoError(t, err)
				if c.prepare != nil {
					c.prepare(org)
				}
				r.telemetry.Watch(otelsync.HealthOf("acme", syncer))
				useAll(t, r, syncer, client)
				data := r.collect(t)
				if c.want != "" {
					of := "error.type=" + c.want
					require.NotZero(t, total(data, "leadsync.leads", of)+total(data, "leadsync.incidents", of),
						"the test did not get where it wanted")
				}
				text := r.exportedText(t)
				require.Contains(t, text, "leadsync.match")
				require.Contains(t, text, "error.type=")
				require.Empty(t, traces(text), text)
				require.NotContains(t, text, token)
				require.NotContains(t, text, "00Q", "no ids of records")
			})
		})
	}
}

// useAll calls whatever a host calls, within a span of its own.
func useAll(t *testing.T, r *rig, syncer *leadsync.Syncer, client *salesforce.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	ctx, span := r.tracers.Tracer("host").Start(ctx, "host")
	defer span.End()
	all := []*leadsync.Lead{canaryLead(t, 1), canaryLead(t, 2), canaryLead(t, 3), {ID: canary + "-none"}}
	_, _ = syncer.Sync(ctx, all...)
	if planned, err := syncer.Plan(ctx, all...); err == nil {
		_, _ = syncer.Apply(ctx, planned)
	}
	_, err := syncer.Capture(ctx, all[:3]...)
	require.NoError(t, err)
	_ = syncer.Drain(ctx)
	_, _ = syncer.Preflight(ctx)
	// Requests whose addresses have values.
	_, _ = client.Write(ctx, salesforce.Write{Op: salesforce.OpUpsert, Object: "Lead", UpdateOnly: true,
		Key:    salesforce.ExternalKey{Field: "Email", Value: canary},
		Fields: salesforce.Fields{"Title": canary}})
	_, _ = client.Read(ctx, salesforce.Query(soql.From("Lead", "Id").Where(soql.Eq("LastName", canary))))
	r.telemetry.OnCall(ctx, salesforce.Call{Method: canary,
		Path: "/services/data/v62.0/sobjects/" + canary + "/" + canary + "/" + url.PathEscape(canary) + "?q=" + canary,
		Err:  errors.New(canary), Host: "acme.my.salesforce.com"})
}

// The control: what looks for the canary finds it in each form.
func TestTracesOfTheCanaryAreFound(t *testing.T) {
	t.Parallel()
	encoded := ""
	for i := range len(bird) {
		encoded += fmt.Sprintf("%%%02x", bird[i])
	}
	for text, want := range map[string]string{
		"x KANARIEN": "plain", canary: "plain", encoded: "percent", url.QueryEscape(encoded): "percent",
		hex.EncodeToString([]byte("Kanarien")): "hex",
	} {
		require.Equal(t, []string{want}, traces(text), text)
	}
	for _, before := range []string{"", "a", "ab", "abc", "abcd"} {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
			require.Contains(t, traces(encoding.EncodeToString([]byte(before+canary))), "base64", before)
		}
	}
	require.Empty(t, traces("POST /services/data/v62.0/composite 200 %zz %"))
	r := newRig(t, otelsync.Config{})
	_, span := r.tracers.Tracer("host").Start(t.Context(), "host")
	span.RecordError(errors.New(canary))
	span.End()
	require.Equal(t, []string{"plain"}, traces(r.exportedText(t)))
}
