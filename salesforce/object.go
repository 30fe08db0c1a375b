package salesforce

import "strings"

// An Object is the API name of a Salesforce object, standard or custom.
// Salesforce compares these names without regard to case (from memory); this
// package writes them as they are given. Source: SALESFORCE.md 2 and 7.
type Object string

// Equal reports whether both name the same object.
func (o Object) Equal(other Object) bool { return strings.EqualFold(string(o), string(other)) }

// The standard objects that this module deals with.
const (
	ObjectAccount                 Object = "Account"
	ObjectAssignmentRule          Object = "AssignmentRule"
	ObjectCampaign                Object = "Campaign"
	ObjectCampaignMember          Object = "CampaignMember"
	ObjectCampaignMemberStatus    Object = "CampaignMemberStatus"
	ObjectContact                 Object = "Contact"
	ObjectDuplicateRule           Object = "DuplicateRule"
	ObjectLead                    Object = "Lead"
	ObjectLeadStatus              Object = "LeadStatus"
	ObjectOrganization            Object = "Organization"
	ObjectPermissionSetAssignment Object = "PermissionSetAssignment"
	ObjectTask                    Object = "Task"
	ObjectUser                    Object = "User"
)

// Fields maps field API names to values: string, ID, bool, int, int64, float64,
// json.Number, Date, time.Time for a datetime (sent in UTC with milliseconds), and
// nil for null. Those of a Record are as JSON carries them. Null clears a field on
// update; a field that is absent stays as it is. Source: SALESFORCE.md 1 and 7.
type Fields map[string]any
