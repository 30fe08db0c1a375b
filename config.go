// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/drain"
	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// Config is the configuration of a Syncer. The zero Config works: each field documents
// what its zero value means. New refuses a value that cannot work, with a *Error that
// names the field.
type Config struct {
	// Strategy finds the records of leads that name no strategy. Captured leads keep the
	// one of their first capture. Nil means LeadsAndContacts.
	Strategy Strategy
	// Strategies are more that leads may name, besides the three built-in ones and
	// Strategy. Nil adds none. New refuses a nil one, one without a name, and different
	// ones of the same name.
	Strategies []Strategy
	// Mapper maps leads to the fields of records. Nil means DefaultMapping(). New refuses
	// a host's own Mapper of objects other than Lead, Contact and Account.
	Mapper Mapper
	// Qualifiers map the answers of leads to fields. Nil maps none.
	Qualifiers []Qualifier
	// Campaigns link events to campaigns. Nil links none.
	Campaigns []CampaignLink
	// Converted says what a match with a converted Lead means. Empty means Follow.
	Converted ConvertedPolicy
	// Ambiguous says what several matches of one probe mean. Empty means TakeBest.
	Ambiguous AmbiguityPolicy
	// OtherPerson says what a record with another person's name means. Empty means HoldOther.
	OtherPerson leadtype.OtherPersonPolicy
	// PersonLeads creates Leads without a Company where person accounts are on.
	PersonLeads bool
	// Duplicates says what happens to a person or an account that the org refuses
	// as a duplicate. Empty means ReuseDuplicate.
	Duplicates DuplicatePolicy
	// Owners says what happens to a record whose owner, by the mapping or as the rep of an
	// activity, is not one active User or is refused by the org. Empty means ReplaceOwner.
	Owners OwnerPolicy
	// FallbackOwner owns the new records that have no other owner: a User, or a Queue
	// for the objects that a queue may own, by its id of 15 or 18 characters. Empty means
	// the connected user, as does one that Salesforce refuses. New refuses an id of
	// anything else.
	FallbackOwner salesforce.ID
	// AutoAssign lets the org's active assignment rule decide who owns a new Lead without
	// another owner, FallbackOwner aside, and notify that owner. Every other write, and each
	// with the default, false, says Sforce-Auto-Assign: FALSE, so that no rule changes the
	// owner that a record has. Part.Owner is who owns the Lead, as far as that is known.
	AutoAssign bool
	// LeadSource is written to the LeadSource of new records by DefaultMapping. Empty means
	// the first active option among Trade Show, Event, Conference and Messe, else none.
	LeadSource string
	// ExternalIDs name a text field per object that is an External ID, unique and takes at
	// least 24 characters. New records get a key there: of KeyPrefix and the lead's id, for
	// a Task also the activity's, for an Account the company's domain or name. A create that
	// carries a key is never doubled. A key longer than the field becomes its hash, so keep
	// the field's length once it is in use. Keys that earlier versions wrote, such as the
	// bare id of a lead, are still read. Nil uses LeadsyncKey__c where the
	// org has it as such; an empty map uses none. New refuses objects other than Lead,
	// Contact, Account and Task: a Mapping's sections have keys of their own.
	ExternalIDs map[salesforce.Object]string
	// KeyPrefix names the system that writes the keys of ExternalIDs, so that several
	// systems that use the same lead ids can write into one org: letters, digits, "-", "_"
	// and ".", at most 64. Choose it before the first sync: records created under another
	// prefix are not found by their key. Empty means Connection, unless that is "default":
	// then systems are not told apart, and Preflight warns. New refuses any other text.
	KeyPrefix string
	// LastSchema is what the first Preflight compares the org with: the Schema that
	// an earlier process's reported. Nil compares with nothing.
	LastSchema *preflight.Schema
	// Transforms add to the named transforms of a Mapping, or replace one. Nil adds none.
	Transforms map[string]mapping.TransformFunc

	// Store keeps captured leads for Capture and Run. Nil means one in memory,
	// which loses them with the process. Where it is set, Sync, Apply and Revert take turns
	// with all that work on the connection: see Syncer.Sync.
	Store Store
	// Connection names this org in the Store, which may serve many. Empty means "default".
	// It belongs to the first org that it is used with, and clients of another are refused:
	// see Syncer.Rebind. It is also the KeyPrefix where that is empty.
	Connection string
	// Sink receives every outcome, and a leadtype.IncidentSink also incidents. Nil sends none.
	Sink Sink
	// SinkTimeout bounds how long a batch waits for the Sink. Zero means 30 seconds;
	// New refuses a negative value.
	SinkTimeout time.Duration
	// Mode says when captured leads are synced, until Syncer.SetMode changes it. Empty
	// means Automatic.
	Mode Mode
	// WaitForEnrichment holds a captured lead in Pre-Sync until it is captured
	// again with EnrichedAt, pushed, or EnrichWithin is over. The default, false, does not
	// wait. Capturing a lead that waits already releases it.
	WaitForEnrichment bool
	// EnrichWithin is how long WaitForEnrichment holds a lead, from the capture without
	// EnrichedAt by which it began to wait. Then it is synced as it is, with a warning, or
	// frozen under Manual. Zero means 24 hours; a negative value holds it without end. It
	// applies to leads that are captured from then on.
	EnrichWithin time.Duration

	// BatchSize is how many leads go through the pipeline together. Zero means
	// 1,000; New refuses a negative value and more than 2,000. A whole batch is held in
	// memory: use a smaller size for large leads, such as those with notes of megabytes.
	BatchSize int
	// BulkAbove is above how many leads, in an org with key fields (ExternalIDs), a Sync is written
	// through jobs of the Bulk API 2.0, up to 150 times BatchSize at once, if the client has
	// salesforce.Client's Ingest. Zero means 12,000: there jobs take half the calls. A
	// negative value uses none. Run and Drain use jobs where it is not zero, as 150 batches
	// take some 2.5 GB of memory. Updates, memberships and creates with a key go in jobs, the rest
	// and what a job refuses in calls as ever. A job may wait in the org's queue for minutes.
	BulkAbove int
	// VerifyAfter is how long after a create whose response was lost the absence of the
	// record proves that the create was not carried out. Zero means 10 minutes, the
	// longest that Salesforce works on a request (docs/salesforce.md, Repeats); New
	// refuses a negative value.
	VerifyAfter time.Duration
	// LeaseTTL bounds how long a dead process holds a connection. Zero means 5
	// minutes; New refuses less than 10 seconds and more than an hour.
	LeaseTTL time.Duration
	// KeepBefore is how long the Store keeps the values of before-images, which are
	// personal data, and the candidates among which a person may choose for a lead that is
	// held. After it they are removed from the outcomes, by Run and Drain now and then and by
	// PruneHistory; Revert then lists the fields instead of restoring them. Zero means 30
	// days; New refuses a negative value.
	KeepBefore time.Duration
	// APIBudget is the share of the org's API calls of 24 hours that may be used, by all
	// tools together, before Run and Drain wait: see Meter. The rest is for the
	// customer's other tools. Zero means 0.9, and 1 all of them; New refuses a
	// negative value and more than 1. Sync and Plan do not wait.
	//
	// While it is spent, a trial now and then finds out whether calls have come free, with one
	// call, or two where the lookup of its lead takes two. A tenth of the budget is kept back
	// for trials, at most 24 calls a day, so that they stay within it unless other tools
	// use more than the budget; then they are what Run uses beyond. A batch that begins
	// within the budget is finished.
	APIBudget float64
	// Gather is how long a captured lead waits for others at most, so that leads which are
	// captured one by one are synced together: they are due when the time of the first is
	// over, or BatchSize of them have come together in the process. Zero means 5 seconds,
	// and longer, up to a minute, where syncing every 5 seconds would take more than a
	// quarter of the org's API calls of a day: see Meter. NoGather waits for none. New
	// refuses other negative values and more than 10 minutes. Drain does not wait, nor do
	// leads that are pushed or chosen, and activities that are captured after their lead.
	Gather time.Duration
	// Poll is how often Run looks for due leads when nothing wakes it. Zero
	// means 1 second; New refuses a negative value.
	Poll time.Duration

	// Logger gets messages for operators, without personal data, each with the connection's
	// name: at Info one for each batch of Sync, Run and Drain, with its leads, what became of
	// them, API calls and milliseconds, and one when syncing resumes; at Error why it waits
	// and what needs a person. When a Strategy, a Mapper, a transform, the Sink or a Trace hook
	// panics, it gets the stack, not the panic's value, and the lead fails with UNKNOWN. Nil
	// logs nothing.
	Logger *slog.Logger
	// Advisor words what Summary, Preflight, Health and ExportCSV give people to read, in the
	// host's language and with the addresses of its help. Nil is English, without help.
	Advisor *leadtype.Advisor
	// Trace holds hooks into the Syncer. Nil sets none.
	Trace *Trace
	// Now is the clock, safe for concurrent use. Nil means time.Now.
	Now func() time.Time
	// NewID makes ids for lease owners and plans, each another one in all processes. Nil: random ones.
	NewID func() string
}

// NoGather as Config.Gather lets no lead wait for others.
const NoGather time.Duration = -1

// complete returns a copy of the configuration with every default filled in. The error
// names the first field that cannot work.
func (c *Config) complete() (Config, error) {
	if err := c.checkNil(); err != nil {
		return Config{}, err
	}
	full := c.withDefaults()
	if err := full.check(); err != nil {
		return Config{}, err
	}
	full.Logger = full.Logger.With("connection", full.Connection)
	full.Trace = drain.GuardTrace(Join(drain.LogTrace(full.Logger), full.Trace), full.Connection, full.Logger)
	return full, nil
}

// defaultConnection is the Connection where none is named.
const defaultConnection = "default"

// withDefaults returns a copy that shares no slice or map with c.
func (c *Config) withDefaults() Config {
	d := *c
	d.Strategies = slices.Clone(c.Strategies)
	d.Qualifiers, d.Campaigns = slices.Clone(c.Qualifiers), slices.Clone(c.Campaigns)
	d.ExternalIDs, d.Transforms = maps.Clone(c.ExternalIDs), maps.Clone(c.Transforms)
	if d.Strategy == nil {
		d.Strategy = LeadsAndContacts
	}
	if d.Mapper == nil {
		d.Mapper = DefaultMapping()
	}
	d.Converted = cmp.Or(d.Converted, Follow)
	d.Ambiguous = cmp.Or(d.Ambiguous, TakeBest)
	d.OtherPerson = cmp.Or(d.OtherPerson, leadtype.HoldOther)
	d.Duplicates = cmp.Or(d.Duplicates, ReuseDuplicate)
	d.Owners = cmp.Or(d.Owners, ReplaceOwner)
	d.EnrichWithin = cmp.Or(d.EnrichWithin, 24*time.Hour)
	d.Connection = cmp.Or(d.Connection, defaultConnection)
	d.SinkTimeout = cmp.Or(d.SinkTimeout, 30*time.Second)
	d.Mode = cmp.Or(d.Mode, Automatic)
	d.BatchSize = cmp.Or(d.BatchSize, 1000)
	d.VerifyAfter = cmp.Or(d.VerifyAfter, 10*time.Minute)
	d.LeaseTTL = cmp.Or(d.LeaseTTL, 5*time.Minute)
	d.APIBudget = cmp.Or(d.APIBudget, 0.9)
	d.Poll = cmp.Or(d.Poll, time.Second)
	d.KeepBefore = cmp.Or(d.KeepBefore, 30*24*time.Hour)
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Store == nil {
		d.Store = memory.New(d.Now)
	}
	d.Logger = cmp.Or(d.Logger, slog.New(slog.DiscardHandler))
	if d.NewID == nil {
		d.NewID = rand.Text
	}
	return d
}

// checkNil names the first field that holds a nil pointer or func as if it were a value.
func (c *Config) checkNil() error {
	for _, f := range []struct {
		name  string
		value any
	}{{"Strategy", c.Strategy}, {"Mapper", c.Mapper}, {"Store", c.Store}, {"Sink", c.Sink}} {
		if f.value != nil && holdsNil(f.value) {
			return configError(f.name, "holds a nil pointer")
		}
	}
	for i, s := range c.Strategies {
		if s != nil && holdsNil(s) {
			return configError(fmt.Sprintf("Strategies[%d]", i), "holds a nil pointer")
		}
	}
	return nil
}

// holdsNil reports whether an interface holds a nil pointer or func, on which a
// call would panic.
func holdsNil(value any) bool {
	v := reflect.ValueOf(value)
	return (v.Kind() == reflect.Pointer || v.Kind() == reflect.Func) && v.IsNil()
}

// check names the first field whose value cannot work.
func (c *Config) check() error {
	switch first := c.NewID(); {
	case first == c.NewID():
		return configError("NewID", "must return another id each time")
	case c.BatchSize < 0 || c.BatchSize > 2000:
		return configError("BatchSize", "must be between 1 and 2000")
	case c.VerifyAfter < 0:
		return configError("VerifyAfter", "must not be negative")
	case c.LeaseTTL < 10*time.Second || c.LeaseTTL > time.Hour:
		return configError("LeaseTTL", "must be between 10 seconds and an hour")
	case c.SinkTimeout < 0:
		return configError("SinkTimeout", "must not be negative")
	case !(c.APIBudget >= 0 && c.APIBudget <= 1):
		return configError("APIBudget", "must be between 0 and 1")
	case c.Gather < 0 && c.Gather != NoGather || c.Gather > 10*time.Minute:
		return configError("Gather", "must be NoGather, or between 0 and 10 minutes")
	case c.Poll < 0:
		return configError("Poll", "must not be negative")
	case c.KeepBefore < 0:
		return configError("KeepBefore", "must not be negative")
	case !slices.Contains([]Mode{Automatic, Manual, Disabled}, c.Mode):
		return configError("Mode", "must be automatic, manual or disabled")
	}
	if err := c.checkMapper(); err != nil {
		return err
	}
	if issues := c.Validate(nil); len(issues) > 0 {
		return refuseConfig(issues[0].Path, issues[0].Reason)
	}
	return nil
}

// checkMapper refuses a host's own Mapper of objects that only a *Mapping can fill.
func (c *Config) checkMapper() error {
	if _, ok := c.Mapper.(*Mapping); ok {
		return nil
	}
	set := c.mappingSet()
	if err := set.MapperFailed(); err != nil {
		return configError("Mapper", err.Reason)
	}
	for _, object := range set.MapperObjects() {
		if value.MatchedObject(object) == "" {
			return configError("Mapper", "only a *Mapping fills objects other than Lead, Contact and Account")
		}
	}
	return nil
}

func configError(field, reason string) error { return refuseConfig("Config."+field, reason) }

// refuseConfig names a path of the Settings' JSON, as Config.Validate does.
func refuseConfig(path, reason string) error {
	return &Error{Op: "new", Code: DataValueValidation, Fields: []string{path}, Reason: reason}
}

// Validate returns what is wrong with those parts of c that Settings hold, nil when
// nothing is. Paths are those of the Settings' JSON. Nil describes check c by itself, as
// New does; with describes of the org's objects, it also checks the mapping against them,
// as Mapping.Validate does.
func (c *Config) Validate(describes map[salesforce.Object]*salesforce.Describe) []mapping.Issue {
	return append(c.settingsIssues(), c.mappingSet().Validate(describes)...)
}

// settingsIssues returns what is wrong with the policies and the ids.
func (c *Config) settingsIssues() []mapping.Issue {
	var issues []mapping.Issue
	refuse := func(path, reason string) {
		issues = append(issues, mapping.Issue{Path: path, Code: DataValueValidation, Reason: reason})
	}
	oneOf := func(path, v string, allowed ...string) {
		if v != "" && !slices.Contains(allowed, v) {
			refuse(path, "must be one of "+value.Quoted(allowed))
		}
	}
	oneOf("converted", string(c.Converted), string(Follow), string(NewLead), string(HoldConverted))
	oneOf("ambiguous", string(c.Ambiguous), string(TakeBest), string(HoldAmbiguous))
	oneOf("otherPerson", string(c.OtherPerson), "hold", "attach", "create")
	oneOf("duplicates", string(c.Duplicates), string(ReuseDuplicate), string(AllowDuplicate), string(HoldDuplicate))
	oneOf("owners", string(c.Owners), string(ReplaceOwner), string(HoldOwner))
	if c.FallbackOwner != "" && org.OwnerObject(c.FallbackOwner) == "" {
		refuse("fallbackOwner", "is not the id of a user or a queue")
	}
	if !match.FitKeyPrefix(c.KeyPrefix) {
		refuse("keyPrefix", "must be at most 64 letters, digits, hyphens, underscores and full stops")
	}
	seen := make(map[salesforce.Object]bool)
	for _, object := range slices.Sorted(maps.Keys(c.ExternalIDs)) {
		path := fmt.Sprintf("externalIds[%q]", string(object))
		switch {
		case !value.IsAPIName(c.ExternalIDs[object]):
			refuse(path, "is not the API name of a field")
		case seen[value.Folded(object)]:
			refuse(path, "differs from another object in case only")
		case value.MatchedObject(object) == "" && !object.Equal(salesforce.ObjectTask):
			refuse(path, "must be Lead, Contact, Account or Task: a section of the mapping has its own key")
		}
		seen[value.Folded(object)] = true
	}
	return issues
}

// keyPrefix returns what the keys begin with, "" for nothing.
func (c *Config) keyPrefix() string {
	if c.KeyPrefix == "" && c.Connection != defaultConnection {
		return c.Connection
	}
	return c.KeyPrefix
}

// knownStrategies returns every strategy that a lead may name, by name, and the name of
// Strategy.
func (c *Config) knownStrategies() (known map[string]match.Strategy, name string, _ error) {
	known = make(map[string]match.Strategy)
	for _, s := range builtinStrategies() {
		known[s.Name()] = s
	}
	for i, s := range append(slices.Clone(c.Strategies), c.Strategy) {
		field := fmt.Sprintf("Strategies[%d]", i)
		if i == len(c.Strategies) {
			field = "Strategy"
		}
		if s == nil {
			return nil, "", configError(field, "is nil")
		}
		p := hook.Call(c.Logger, hook.Hook{Kind: "Strategy.Name"}, func() { name = s.Name() })
		switch {
		case p != nil:
			return nil, "", configError(field, p.Reason())
		case name == "":
			return nil, "", configError(field, "has no name")
		case known[name] != nil && !reflect.DeepEqual(known[name], s): // == panics on some types
			return nil, "", configError(field, "has the name of another strategy")
		}
		known[name] = s
	}
	return known, name, nil
}

// A Store keeps captured leads until they are cleared, and what became of them. Package
// store/memory has one in memory; see the modules store/sqlite, store/postgres, [store.Store].
type Store = store.Store

// A Trace holds hooks that a Syncer calls as it works, for metrics and spans. See
// [leadtype.Trace].
type Trace = leadtype.Trace

// Join returns a Trace that calls the hooks of each of traces in turn; those of BatchDone and
// StageDone in the reverse order, so that spans nest. It skips nil ones. See [leadtype.Join].
func Join(traces ...*Trace) *Trace { return leadtype.Join(traces...) }

// A Mode says when captured leads are synced. See [leadtype.Mode].
type Mode = leadtype.Mode

// The modes.
const (
	Automatic = leadtype.Automatic // as soon as they are captured and enriched
	Manual    = leadtype.Manual    // when they are pushed
	Disabled  = leadtype.Disabled  // not at all: they are kept
)

// A ConvertedPolicy says what a match with a converted Lead means. See
// [leadtype.ConvertedPolicy].
type ConvertedPolicy = leadtype.ConvertedPolicy

// The policies for converted Leads.
const (
	Follow        = leadtype.Follow        // the lead is the Contact that the Lead became
	NewLead       = leadtype.NewLead       // it counts as no match
	HoldConverted = leadtype.HoldConverted // the lead fails, for a person to decide
)

// An AmbiguityPolicy says what it means that several records match. See
// [leadtype.AmbiguityPolicy].
type AmbiguityPolicy = leadtype.AmbiguityPolicy

// The policies for several matches.
const (
	TakeBest      = leadtype.TakeBest      // the last modified counts
	HoldAmbiguous = leadtype.HoldAmbiguous // the lead fails, for Syncer.Choose
)

// A DuplicatePolicy says what happens when the org refuses a new person or account
// because it exists already. See [leadtype.DuplicatePolicy].
type DuplicatePolicy = leadtype.DuplicatePolicy

// The policies for duplicates.
const (
	ReuseDuplicate = leadtype.ReuseDuplicate // the record that exists is used
	AllowDuplicate = leadtype.AllowDuplicate // a second one is created, where the org lets it
	HoldDuplicate  = leadtype.HoldDuplicate  // the lead fails, for a person to decide
)

// An OwnerPolicy says what happens to a record whose owner is not an active User or is
// refused by Salesforce. See [leadtype.OwnerPolicy].
type OwnerPolicy = leadtype.OwnerPolicy

// The policies for owners.
const (
	ReplaceOwner = leadtype.ReplaceOwner // it gets Config.FallbackOwner, or keeps its owner
	HoldOwner    = leadtype.HoldOwner    // the lead fails, for a person to decide
)
