package leadsync

import (
	"context"
	"log/slog"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A Client is what a Syncer needs of Salesforce. *salesforce.Client is one; a
// host or a test may bring its own. It must be safe for concurrent use and keep
// no argument. Its methods have the contract of salesforce.Client's.
type Client interface {
	Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error)
	Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error)
}

// An Identifier is a Client that knows which org and user it is connected as.
type Identifier interface {
	Identity(ctx context.Context) (org, user salesforce.ID, err error)
}

// A Mode says when captured leads are synced.
type Mode string

// The modes.
const (
	// Automatic syncs leads as soon as they are captured and enriched.
	Automatic Mode = "automatic"
	// Manual holds captured leads as frozen until they are pushed.
	Manual Mode = "manual"
	// Disabled pauses everything; leads are still captured.
	Disabled Mode = "disabled"
)

// Config is what a Syncer can be told. The zero Config works: each field says
// what its zero value means.
type Config struct {
	// Strategy finds the records of leads that name no strategy, and is pinned
	// to leads when they are captured. Nil means LeadsAndContacts.
	Strategy Strategy
	// Strategies are others that captured leads may name. The three built-in
	// ones are always known. Two of one name are refused by New.
	Strategies []Strategy
	// Mapper says what goes where. Nil means DefaultMapping().
	Mapper Mapper
	// Qualifiers say where the answers of leads go.
	Qualifiers []Qualifier
	// Campaigns link events to campaigns. Nil links none.
	Campaigns []CampaignLink
	// Converted says what a hit on a converted Lead means. Empty means Follow.
	Converted ConvertedPolicy
	// Ambiguous says what several hits of one probe mean. Empty means TakeBest.
	Ambiguous AmbiguityPolicy
	// ExternalIDs name a field per object that is an External ID and unique; a
	// create that carries it is never doubled. Nil uses LeadsyncKey__c where the
	// org has it as such; an empty map uses none.
	ExternalIDs map[salesforce.Object]string
	// Transforms add to the named transforms of a Mapping, or replace one.
	Transforms map[string]TransformFunc

	// Store keeps captured leads for Capture and Run. Nil means one in memory,
	// which loses them with the process.
	Store Store
	// Connection names this org in the Store. Empty means "default".
	Connection string
	// Sink is told of every outcome. Nil tells none.
	Sink Sink
	// Mode says when captured leads are synced. Empty means Automatic.
	Mode Mode
	// WaitForEnrichment holds a captured lead in Pre-Sync until it is captured
	// again with EnrichedAt. The default, false, does not wait.
	WaitForEnrichment bool

	// BatchSize is how many leads go through the pipeline together. Zero means
	// 1,000; New refuses a negative value and more than 2,000.
	BatchSize int
	// VerifyAfter is how long after an unanswered create its absence proves that
	// it was not carried out. Zero means 10 minutes, the longest that Salesforce
	// works on a request (SALESFORCE.md 8); New refuses a negative value.
	VerifyAfter time.Duration
	// LeaseTTL bounds how long a dead process holds a connection. Zero means 5
	// minutes; New refuses less than 10 seconds.
	LeaseTTL time.Duration
	// Poll is how often Run looks for due leads when nothing wakes it. Zero
	// means 1 second.
	Poll time.Duration

	// Logger gets what an operator wants to know, free of personal data. Nil
	// logs nothing.
	Logger *slog.Logger
	// Trace hooks into the Syncer. Nil hooks nothing and costs nothing.
	Trace *Trace
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// NewID makes ids for lease owners. Nil means random ones.
	NewID func() string
}

// A ConvertedPolicy says what a hit on a converted Lead means.
type ConvertedPolicy string

// The policies for converted Leads.
const (
	// Follow goes on with the Contact that the Lead became, where the strategy
	// deals in Contacts; where it does not, the hit counts as none.
	Follow ConvertedPolicy = "follow"
	// NewLead counts a converted hit as none, whatever the strategy.
	NewLead ConvertedPolicy = "new-lead"
	// HoldConverted fails the lead with STALE_REMOTE_RECORD for a person to decide.
	HoldConverted ConvertedPolicy = "hold"
)

// An AmbiguityPolicy says what several hits of one probe mean.
type AmbiguityPolicy string

// The policies for several hits.
const (
	// TakeBest takes the unconverted, then the last modified, then the smallest
	// id.
	TakeBest AmbiguityPolicy = "take-best"
	// HoldAmbiguous fails the lead with AMBIGUOUS_MATCH for a person to choose.
	HoldAmbiguous AmbiguityPolicy = "hold"
)
