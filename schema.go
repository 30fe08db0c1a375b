package leadsync

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// sessionAge is how long a schema serves before it is read again, so that a
// process that runs for weeks learns of new fields. Asking again costs one call,
// mostly answered with "not modified".
const sessionAge = time.Hour

// compositeReads is how many reads fit one API call (SALESFORCE.md 0).
const compositeReads = 25

// keyFieldName is the key field that is used where Config.ExternalIDs is nil.
const keyFieldName = "LeadsyncKey__c"

// A schema is what a session knows of the org. It is read-only once made, but
// for the reps.
type schema struct {
	at        time.Time
	org, user salesforce.ID // empty where the client does not know them
	orgName   string
	sandbox   bool
	username  string
	inactive  bool // the connected user is known to be inactive
	// apiEnabled and viewsAll say that a permission set or the profile grants API
	// Enabled, and View All Data.
	apiEnabled, viewsAll bool

	describes map[salesforce.Object]*salesforce.Describe // by lower-case name; absent: hidden
	campaigns map[salesforce.ID]*campaignInfo            // by 18-character id
	// recordTypes are the describes narrowed to what a record type offers, by
	// object as above and by id; without an entry they make no difference.
	recordTypes map[salesforce.Object]map[salesforce.ID]*salesforce.Describe

	leadStatuses    []leadStatus
	assignmentRules []orgRule
	duplicateRules  []orgRule

	owner ownerInfo // of Config.FallbackOwner
	reps  reps      // filled as batches ask for them

	// unread holds why something other than a describe could not be read.
	unread map[salesforce.Object]*Error
	reads  int
}

// A campaignInfo is a linked campaign as the connected user sees it.
type campaignInfo struct {
	id       salesforce.ID
	name     string
	exists   bool
	active   bool
	statuses []memberStatus // by SortOrder
}

// A memberStatus is a row of CampaignMemberStatus.
type memberStatus struct {
	label     string
	isDefault bool
	order     int
}

// A leadStatus is a row of LeadStatus.
type leadStatus struct {
	name      string
	isDefault bool
	converted bool
}

// An orgRule is an active assignment or duplicate rule.
type orgRule struct {
	name   string
	object salesforce.Object
}

// describe returns an object's describe, nil when the connected user cannot see
// the object or the session did not ask for it.
func (s *schema) describe(o salesforce.Object) *salesforce.Describe {
	return s.describes[folded(o)]
}

// campaign returns what is known of a linked campaign, nil when it is not linked.
func (s *schema) campaign(id salesforce.ID) *campaignInfo { return s.campaigns[id.ID18()] }

// status returns the campaign's status of that name, compared as Salesforce
// does.
func (c *campaignInfo) status(label string) (memberStatus, bool) {
	for _, status := range c.statuses {
		if strings.EqualFold(status.label, label) {
			return status, true
		}
	}
	return memberStatus{}, false
}

// offLadder returns the campaign's statuses that a ladder lacks, nil without a
// ladder.
func (c *campaignInfo) offLadder(ladder []string) []string {
	var off []string
	for _, status := range c.statuses {
		if len(ladder) > 0 && !containsFold(ladder, status.label) {
			off = append(off, status.label)
		}
	}
	return off
}

// keyField returns the field of o that makes its creates safe to repeat, "" when
// there is none. A field that is configured but is not unique would not make
// them so: it counts as none, and preflight says so.
func (s *schema) keyField(set *mappingSet, o salesforce.Object) string {
	name := set.keyFieldFor(o)
	describe := s.describe(o)
	if name == "" || describe == nil {
		return ""
	}
	field, ok := describe.Field(name)
	if !ok || !field.ExternalID || !field.Unique || !field.Createable {
		return ""
	}
	return field.Name
}

// classify is the package's, with what the session can add.
func (s *schema) classify(op string, object salesforce.Object, err error) *Error {
	e := classify(op, object, err)
	if e != nil && salesforce.StatusOf(e) == "FIELD_CUSTOM_VALIDATION_EXCEPTION" {
		e.User = s.username
	}
	return e
}

// A sessionCache holds the schema of the session. The zero sessionCache is
// empty.
type sessionCache struct {
	flight  singleflight.Group
	mu      sync.Mutex
	current *schema
	looked  *SchemaSnapshot // by the last Preflight
}

func (c *sessionCache) get() *schema {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

func (c *sessionCache) set(s *schema) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = s
}

// lastLook returns what the last Preflight saw, nil for none.
func (c *sessionCache) lastLook() *SchemaSnapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.looked
}

func (c *sessionCache) setLook(s *SchemaSnapshot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked = s
}

// session returns the schema of the session, which it reads when there is none
// or it is old. Callers that come together share one reading. The error is the
// context's own, or a *Error whose code says what the connection lacks.
func (s *Syncer) session(ctx context.Context) (*schema, error) {
	if known := s.cache.get(); known != nil && s.cfg.Now().Sub(known.at) < sessionAge {
		return known, nil
	}
	return s.refresh(ctx)
}

// refresh reads the schema anew, whatever its age.
func (s *Syncer) refresh(ctx context.Context) (*schema, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// The reading serves every caller, so none of them may cancel it; the
	// client's own time limits end it.
	shared := context.WithoutCancel(ctx)
	done := s.cache.flight.DoChan("", func() (any, error) {
		loaded, err := s.loadSchema(shared, s.cache.get())
		if err == nil {
			s.cache.set(loaded)
		}
		return loaded, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-done:
		loaded, _ := result.Val.(*schema)
		return loaded, result.Err
	}
}

// A sessionRead is one of the reads that make a schema.
type sessionRead struct {
	read   salesforce.Read
	object salesforce.Object
	take   func(salesforce.ReadResult)
}

// loadSchema reads all that a session needs with one call of the client. before
// is the schema that the new one replaces, nil at first.
func (s *Syncer) loadSchema(ctx context.Context, before *schema) (*schema, error) {
	loaded := &schema{
		at:        s.cfg.Now(),
		describes: make(map[salesforce.Object]*salesforce.Describe),
		campaigns: make(map[salesforce.ID]*campaignInfo),
		unread:    make(map[salesforce.Object]*Error),

		recordTypes: make(map[salesforce.Object]map[salesforce.ID]*salesforce.Describe),
	}
	if err := s.identify(ctx, loaded, before); err != nil {
		return nil, err
	}
	reads := slices.Concat(
		loaded.describeReads(s.set.objects(), before),
		loaded.identityReads(),
		loaded.campaignReads(s.cfg.Campaigns),
		loaded.ruleReads(),
		loaded.ownerReads(s.cfg.FallbackOwner),
	)
	loaded.reads = len(reads)
	asked := make([]salesforce.Read, len(reads))
	for i, r := range reads {
		asked[i] = r.read
	}
	results, err := readAll(ctx, s.client, "session", asked)
	if err != nil {
		return nil, classify("session", "", err)
	}
	for i, result := range results {
		if result.Err == nil {
			reads[i].take(result)
			continue
		}
		e := classify("session", reads[i].object, result.Err)
		if endsSession(reads[i].read.Kind, e) {
			return nil, e
		}
		if reads[i].read.Kind != salesforce.ReadDescribe {
			loaded.unread[reads[i].object] = e
		}
	}
	if err := s.loadRecordTypes(ctx, loaded, before); err != nil {
		return nil, err
	}
	for _, c := range loaded.campaigns {
		slices.SortStableFunc(c.statuses, func(a, b memberStatus) int { return cmp.Compare(a.order, b.order) })
	}
	return loaded, nil
}

// endsSession reports whether a read that failed leaves nothing to go on with:
// the connection is at fault or the answer did not come. An object that is
// hidden from the user is an answer.
func endsSession(kind salesforce.ReadKind, e *Error) bool {
	if pauses(e) || retryOf(e.Code).passes() || e.Code == UncertainWrite {
		return true
	}
	if kind != salesforce.ReadDescribe {
		return false
	}
	switch e.Code {
	case MissingRemoteField, StaleRemoteRecord, ConnectionPermission:
		return false
	}
	return true
}

// identify asks the client, if it is an Identifier, which org and user it
// connects as. Leads of one org must not go to another because a host
// reconnected with the wrong account.
func (s *Syncer) identify(ctx context.Context, loaded, before *schema) error {
	identifier, ok := s.client.(Identifier)
	if !ok {
		return nil
	}
	org, user, err := identifier.Identity(ctx)
	if err != nil {
		return classify("session", "", err)
	}
	loaded.org, loaded.user = org.ID18(), user.ID18()
	if before != nil && before.org != "" && org != "" && loaded.org != before.org {
		return &Error{Op: "session", Code: Authentication, Reason: "the client is now connected to another org"}
	}
	return nil
}

func (s *schema) describeReads(objects []salesforce.Object, before *schema) []sessionRead {
	reads := make([]sessionRead, len(objects))
	for i, o := range objects {
		var old *salesforce.Describe
		if before != nil {
			old = before.describe(o)
		}
		read := salesforce.DescribeObject(o, "")
		if old != nil {
			read = old.Again()
		}
		take := func(r salesforce.ReadResult) {
			if r.NotModified {
				s.describes[folded(o)] = old
				return
			}
			s.describes[folded(o)] = r.Describe
		}
		reads[i] = sessionRead{read, o, take}
	}
	return reads
}

// identityReads asks for the org and the connected user. What is unknown is
// left out; preflight says so.
func (s *schema) identityReads() []sessionRead {
	var reads []sessionRead
	if s.org != "" {
		reads = append(reads, sessionRead{
			salesforce.Get(salesforce.ObjectOrganization, s.org, "Name", "IsSandbox"), salesforce.ObjectOrganization,
			func(r salesforce.ReadResult) {
				for _, org := range r.Records {
					s.orgName, s.sandbox = org.Text("Name"), org.Bool("IsSandbox")
				}
			}})
	}
	if s.user == "" {
		return reads
	}
	const apiEnabled, viewsAll = "PermissionSet.PermissionsApiEnabled", "PermissionSet.PermissionsViewAllData"
	grants := soql.From(salesforce.ObjectPermissionSetAssignment, apiEnabled, viewsAll).Where(soql.And(
		soql.Eq("AssigneeId", s.user), soql.Or(soql.Eq(apiEnabled, true), soql.Eq(viewsAll, true))))
	return append(reads,
		sessionRead{salesforce.Get(salesforce.ObjectUser, s.user, "Username", "IsActive"), salesforce.ObjectUser,
			func(r salesforce.ReadResult) {
				for _, user := range r.Records {
					active, ok := user.Value("IsActive")
					s.username, s.inactive = user.Text("Username"), ok && active == false
				}
			}},
		// Profiles grant through a permission set of their own (SALESFORCE.md 6).
		sessionRead{salesforce.Query(grants), salesforce.ObjectPermissionSetAssignment, func(r salesforce.ReadResult) {
			for _, grant := range r.Records {
				s.apiEnabled = s.apiEnabled || grant.Bool(apiEnabled)
				s.viewsAll = s.viewsAll || grant.Bool(viewsAll)
			}
		}})
}

func (s *schema) campaignReads(links []CampaignLink) []sessionRead {
	var reads []sessionRead
	var ids []salesforce.ID
	for _, link := range links {
		id, err := salesforce.ParseID(string(link.CampaignID))
		if link.Archived || s.campaign(link.CampaignID) != nil {
			continue
		}
		info := &campaignInfo{id: link.CampaignID.ID18()}
		s.campaigns[info.id] = info
		if err != nil {
			continue // one that cannot exist
		}
		ids = append(ids, id)
		reads = append(reads, sessionRead{salesforce.Get(salesforce.ObjectCampaign, id, "Name", "IsActive"), salesforce.ObjectCampaign,
			func(r salesforce.ReadResult) {
				for _, c := range r.Records {
					info.exists, info.name, info.active = true, c.Text("Name"), c.Bool("IsActive")
				}
			}})
	}
	if len(ids) == 0 {
		return nil
	}
	statuses := soql.From(salesforce.ObjectCampaignMemberStatus, "CampaignId", "Label", "IsDefault", "SortOrder").
		Where(soql.In("CampaignId", ids...))
	return append(reads, sessionRead{salesforce.Query(statuses), salesforce.ObjectCampaignMemberStatus, s.takeStatuses})
}

func (s *schema) takeStatuses(r salesforce.ReadResult) {
	for _, row := range r.Records {
		info := s.campaign(salesforce.ID(row.Text("CampaignId")))
		if info == nil {
			continue
		}
		order, _ := strconv.Atoi(row.Text("SortOrder"))
		info.statuses = append(info.statuses, memberStatus{row.Text("Label"), row.Bool("IsDefault"), order})
	}
}

// ruleReads asks for what may stand in the way of a write. All of it may be
// hidden from the user.
func (s *schema) ruleReads() []sessionRead {
	leadStatuses := soql.From(salesforce.ObjectLeadStatus, "ApiName", "IsDefault", "IsConverted")
	assignment := soql.From(salesforce.ObjectAssignmentRule, "Name", "SobjectType").Where(soql.Eq("Active", true))
	duplicate := soql.From(salesforce.ObjectDuplicateRule, "MasterLabel", "SobjectType").Where(soql.Eq("IsActive", true))
	return []sessionRead{
		{salesforce.Query(leadStatuses), salesforce.ObjectLeadStatus, func(r salesforce.ReadResult) {
			for _, row := range r.Records {
				s.leadStatuses = append(s.leadStatuses, leadStatus{row.Text("ApiName"), row.Bool("IsDefault"), row.Bool("IsConverted")})
			}
		}},
		{salesforce.Query(assignment), salesforce.ObjectAssignmentRule, func(r salesforce.ReadResult) {
			for _, row := range r.Records {
				s.assignmentRules = append(s.assignmentRules, orgRule{row.Text("Name"), salesforce.Object(row.Text("SobjectType"))})
			}
		}},
		{salesforce.Query(duplicate), salesforce.ObjectDuplicateRule, func(r salesforce.ReadResult) {
			for _, row := range r.Records {
				s.duplicateRules = append(s.duplicateRules, orgRule{row.Text("MasterLabel"), salesforce.Object(row.Text("SobjectType"))})
			}
		}},
	}
}
