// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// The errors of Connections.
var (
	// ErrRevision is returned by SetSettings when the settings have changed since they were
	// read.
	ErrRevision = errors.New("leadsync: the settings have changed since they were read")
	// ErrTokenSwapped is returned by SwapToken when the token has changed since it was read:
	// read the connection again and use the token that it has now.
	ErrTokenSwapped = errors.New("leadsync: the token has changed since it was read")
	// ErrTokenLocked is returned by LockToken while another owner has the lock.
	ErrTokenLocked = errors.New("leadsync: another process refreshes the token")
)

// The bounds of what Connections keeps as bytes. More is refused with DATA_VALUE_VALIDATION.
const (
	MaxTokenBytes    = 64 << 10
	MaxSettingsBytes = 4 << 20
	MaxIncidentBytes = 64 << 10
	MaxSchemaBytes   = 64 << 20
	MaxOnceBytes     = 64 << 10
)

// CallHours is how many hours of API calls are kept of a connection.
const CallHours = 48

// Connections is what a Store keeps of its connections beside their leads, so that every
// process of a host sees the same: a host with many customers needs it, and a Syncer that is
// made with its own client and Config does not. The Stores of this module implement it;
// storetest.RunConnections checks an implementation.
//
// A connection is identified by its name, and need not be made: what nothing was kept of is
// zero, and its leads can be captured before it has been connected to an org. Settings,
// tokens, incidents and schemas are opaque bytes here, also where they are JSON. A token must be
// sealed before it is kept (login.TokenCipher).
//
// The rules of Store apply: it is safe for concurrent use, keeps no argument, and each method
// is one transaction. by is who decided a change (Step.By), and the change is a step of the
// connection's own history.
type Connections interface {
	// Connection returns what is kept of a connection.
	Connection(ctx context.Context, name string) (Connection, error)

	// ListConnections returns the connections that have leads, are bound to an org, or that
	// Connect, SetMode or SetSettings was called for: in order of the bytes of their names,
	// after a name, and at most limit.
	ListConnections(ctx context.Context, after string, limit int) ([]Connection, error)

	// Connect keeps the link to an org and its token, in place of the earlier ones, and ends
	// the incident. It does not bind the connection: see Store.Bind.
	Connect(ctx context.Context, name string, link Link, sealed []byte, by string) error

	// Disconnect drops the token. Leads, settings, mode and the link stay. A connection
	// without a token changes nothing.
	Disconnect(ctx context.Context, name, by string) error

	// SwapToken replaces the token if its version is still the one that was read, so that of
	// several processes that refresh it only one succeeds. The version then is one higher.
	// ErrTokenSwapped, and nothing is kept, when it is another, or the token was dropped.
	SwapToken(ctx context.Context, name string, version int64, sealed []byte) error

	// LockToken locks the token for owner until ttl from now, or longer where the owner has the
	// lock already, so that one process at a time refreshes it: with rotation Salesforce ends
	// the grant when a refresh token is sent twice. ErrTokenLocked while another owner has it.
	// The lock does not keep anyone from the other methods.
	LockToken(ctx context.Context, name, owner string, ttl time.Duration) error

	// UnlockToken gives the owner's lock back. Without it nothing changes.
	UnlockToken(ctx context.Context, name, owner string) error

	// UseToken notes that the token was used now. A Store may leave out what is within a
	// minute of the last use that it noted.
	UseToken(ctx context.Context, name string) error

	// SetMode keeps the mode. It releases no lead: see Store.Push. The same mode again is no
	// change.
	SetMode(ctx context.Context, name string, mode leadtype.Mode, by string) error

	// SetSettings keeps settings under the next revision if the current one is still the one
	// that was read, 0 for the first, else ErrRevision. Earlier ones are kept.
	SetSettings(ctx context.Context, name string, revision int64, settings []byte, by string) error

	// Revisions returns the settings that a connection has had, the latest first: those below
	// revision before, or all with 0, and at most limit.
	Revisions(ctx context.Context, name string, before int64, limit int) ([]Revision, error)

	// SetIncident keeps why a connection needs a person, nil when it does not any more.
	SetIncident(ctx context.Context, name string, incident []byte) error

	// Schema returns the snapshot of the org's schema that SetSchema kept last, nil before.
	Schema(ctx context.Context, name string) ([]byte, error)
	SetSchema(ctx context.Context, name string, schema []byte) error

	// KeepOnce keeps data under a key until it is taken, or ttl from now, such as a sign-in that
	// a browser is to finish. The key is the caller's, of any connection: data under the same key
	// is replaced.
	KeepOnce(ctx context.Context, key string, data []byte, ttl time.Duration) error

	// TakeOnce returns the data that is kept under the key and drops it, so that one of several
	// callers gets it: nil for the others, for a key that is not known, and after its time.
	TakeOnce(ctx context.Context, key string) ([]byte, error)

	// AddCalls adds API calls to the current hour of the Store's clock, in UTC, and drops the
	// hours that are older than CallHours.
	AddCalls(ctx context.Context, name string, calls int64) error

	// Calls returns the calls of the last CallHours hours, the current one included, the
	// oldest first, without hours that have none.
	Calls(ctx context.Context, name string) ([]CallHour, error)

	// DueConnections returns the connections that have leads which can be claimed now, as
	// Store.Due says, or frozen ones although the mode that SetMode kept is Automatic, and whose
	// lease nobody holds or waits for: in order of the bytes of their names, after a name, and at
	// most limit. It reads no lead of those that have none of either.
	DueConnections(ctx context.Context, after string, limit int) ([]string, error)
}

// CheckSize refuses bytes of more than limit, naming the field that Connections keeps them in.
func CheckSize(field string, data []byte, limit int) error {
	if len(data) <= limit {
		return nil
	}
	return &leadtype.Error{Op: "store", Code: leadtype.DataValueValidation, Fields: []string{field},
		Reason: fmt.Sprintf("has more than %d bytes", limit)}
}

// A Connection is what is kept of a connection beside its leads. To be written as JSON, its settings
// and its incident have to be JSON, as those of a fleet.Fleet are.
type Connection struct {
	Name string `json:"name"`
	// Org is the one that it is bound to (Store.Bind).
	Org salesforce.ID `json:"org"`
	// Link is the one of the last Connect.
	Link Link `json:"link"`
	// Mode is empty before the first SetMode.
	Mode leadtype.Mode `json:"mode"`
	// Settings are the current ones, zero before the first.
	Settings Revision `json:"settings"`
	// Token is zero where the connection is not connected.
	Token Token `json:"-"`
	// Incident is why it needs a person, nil for no reason.
	Incident json.RawMessage `json:"incident"`
}

// A Link says which org a connection was connected to, and as whom.
type Link struct {
	// InstanceURL is where the org's API is, LoginURL where its user signed in.
	InstanceURL string        `json:"instanceUrl"`
	LoginURL    string        `json:"loginUrl"`
	Org         salesforce.ID `json:"org"`
	OrgName     string        `json:"orgName"`
	UserID      salesforce.ID `json:"userId"`
	// User is the name of the user that leads are written as.
	User    string `json:"user"`
	Sandbox bool   `json:"sandbox"`
	// At is when it was connected: the Store sets it.
	At time.Time `json:"at"`
}

// A Token is the sealed token of a connection.
type Token struct {
	// Version counts the tokens of the connection, from 1, also across Disconnect.
	Version int64
	Sealed  []byte
	// UsedAt is when it was last noted as used, kept, or swapped.
	UsedAt time.Time
}

// A Revision is settings that a connection has or had.
type Revision struct {
	// Number counts them, from 1.
	Number   int64           `json:"number"`
	Settings json.RawMessage `json:"settings"`
	At       time.Time       `json:"at"`
	By       string          `json:"by"`
}

// A CallHour is the API calls of an hour.
type CallHour struct {
	Hour  time.Time `json:"hour"` // its beginning
	Calls int64     `json:"calls"`
}
