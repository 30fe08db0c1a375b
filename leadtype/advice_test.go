// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

func TestTheCatalogueHasTheTextsOfEveryCode(t *testing.T) {
	t.Parallel()
	catalogue := leadtype.Catalogue()
	for _, code := range leadtype.Codes() {
		require.Equal(t, (*leadtype.Advisor)(nil).Code(code),
			leadtype.Advice{Description: code.Description(), Fix: code.Fix()})
		require.Contains(t, catalogue, "description."+string(code))
		require.Contains(t, catalogue, "fix."+string(code))
	}
	sentence := regexp.MustCompile(`^[A-Z{].*\.$`)
	for key, words := range catalogue {
		if strings.HasPrefix(key, "part.") {
			continue
		}
		require.Regexp(t, sentence, words, key)
		if strings.HasPrefix(key, "preflight.") {
			continue
		}
		_, code, _ := strings.Cut(key, ".")
		code, _, _ = strings.Cut(code, ".")
		require.Contains(t, leadtype.Codes(), leadtype.Code(code), key)
	}
	catalogue["fix.UNKNOWN"] = "mine"
	require.NotEqual(t, "mine", leadtype.Catalogue()["fix.UNKNOWN"], "the caller's own")
}

func TestEveryPlaceHolderIsFilled(t *testing.T) {
	t.Parallel()
	open := regexp.MustCompile(`\{[a-z]+\}`)
	var keys []string
	asked := &leadtype.Advisor{Words: func(text leadtype.Text) string {
		keys = append(keys, text.Key)
		require.Empty(t, open.FindString(text.String()), text.Key)
		return ""
	}}
	for _, e := range everyCause() {
		advice := asked.Error(e)
		require.NotEmpty(t, advice.Description, e)
		require.NotEmpty(t, advice.Fix, e)
		require.Equal(t, advice, leadtype.Advice{Description: e.Description(), Fix: e.Fix()})
	}
	for key := range leadtype.Catalogue() {
		if strings.HasPrefix(key, "preflight.") {
			continue // internal/check shows them
		}
		require.Contains(t, keys, key, "a text that nothing shows")
	}
}

// everyCause has an error for each text of the catalogue.
func everyCause() []*leadtype.Error {
	const lead = salesforce.ObjectLead
	refused := func(code leadtype.Code, status salesforce.StatusCode, message string) *leadtype.Error {
		return &leadtype.Error{Code: code, Object: lead, Fields: []string{"Tier__c"},
			Err: &salesforce.Error{Code: status, Message: message}}
	}
	var errs []*leadtype.Error
	for _, code := range leadtype.Codes() {
		errs = append(errs, &leadtype.Error{Code: code})
	}
	for _, says := range []string{"expired authorization code", "ip restricted", "inactive user", "inactive organization",
		"expired access/refresh token", "authentication failure", "user hasn't approved this consumer",
		"app must be installed into org",
		"this app is blocked by admin", "expired password", "no client credentials user enabled", "audience is invalid"} {
		errs = append(errs, refused(leadtype.Authentication, salesforce.InvalidGrant, says))
	}
	for _, code := range []salesforce.StatusCode{salesforce.InvalidClient, "invalid_scope", "redirect_uri_mismatch",
		"access_denied", salesforce.UnsupportedGrantType, "invalid_request"} {
		errs = append(errs, refused(leadtype.Authentication, code, ""))
	}
	errs = append(errs, causesOfRecords(refused)...)
	for _, code := range []leadtype.Code{leadtype.ConnectionPermission, leadtype.Unknown} {
		whole := refused(code, salesforce.TxnSecurityNoAccess, "")
		whole.Err.(*salesforce.Error).HTTPStatus, whole.Err.(*salesforce.Error).WholeCall = 403, true
		errs = append(errs, whole)
	}
	return append(errs,
		refused(leadtype.RemoteUnavailable, salesforce.InvalidGrant, "token request is already being processed"),
		&leadtype.Error{Code: leadtype.Authentication, Err: salesforce.ErrAddressChanged},
		&leadtype.Error{Code: leadtype.NoTagMapping, Object: lead, Fields: []string{"Industry"},
			Reason: "has no value for the text of the lead: the rule does not map it"},
		&leadtype.Error{Code: leadtype.NoTagMapping, Object: lead, Fields: []string{"qualifier.tier"},
			Reason:  `Lead.Tier__c has no active option "Gold", and is a restricted picklist`,
			Options: map[string][]string{"Tier__c": {"Gold"}}},
		refused(leadtype.DataValueValidation, salesforce.InvalidOrNullForRestrictedPicklist, ""),
		refused(leadtype.DataValueValidation, salesforce.InvalidOrNullForRestrictedPicklist, "Tier: bad value: Gold"),
		refused(leadtype.DataValueValidation, salesforce.FieldCustomValidationException, "Budget is required"),
		&leadtype.Error{Code: leadtype.DataValueValidation, Err: leadtype.ErrUnreadable},
		&leadtype.Error{Op: "choose", Code: leadtype.DataValueValidation, Fields: []string{"record"}, Reason: "is none"},
		&leadtype.Error{Op: "choose", Code: leadtype.RowContention, LeadID: "L1", Reason: "the lead has changed"},
		&leadtype.Error{Op: "apply", Code: leadtype.StaleRemoteRecord, Fields: []string{"id"}, Reason: "applied before"},
		&leadtype.Error{Op: "dismiss", Code: leadtype.RequiredFieldMissing, Fields: []string{"by"}, Reason: "is blank"},
		&leadtype.Error{Code: leadtype.RequiredFieldMissing, Object: lead,
			Reason: "the mapping has no section for Lead, so none can be created"},
		&leadtype.Error{Code: leadtype.Authentication, Err: salesforce.ErrOtherOrg},
		refused(leadtype.ConnectionPermission, salesforce.InvalidFieldForInsertUpdate, ""),
		&leadtype.Error{Code: leadtype.RateLimit, Err: leadtype.ErrBudget},
		&leadtype.Error{Code: leadtype.Unknown, Err: leadtype.ErrPanicked},
		&leadtype.Error{Op: "map", Code: leadtype.Unknown, Err: errors.New("no")},
	)
}

// causesOfRecords has the errors of what Salesforce, or the library before it, refuses of a record.
func causesOfRecords(refused func(leadtype.Code, salesforce.StatusCode, string) *leadtype.Error) []*leadtype.Error {
	var errs []*leadtype.Error
	for code, of := range map[leadtype.Code][]salesforce.StatusCode{
		leadtype.DataValueValidation: {salesforce.FieldFilterValidationException, salesforce.StringTooLong,
			salesforce.InvalidEmailAddress, salesforce.NumberOutsideValidRange, salesforce.InvalidTypeOnFieldInRecord,
			salesforce.InvalidField},
		leadtype.MissingRemoteField: {salesforce.InvalidType},
		leadtype.ConnectionPermission: {salesforce.APICurrentlyDisabled, salesforce.APIDisabledForOrg,
			salesforce.CannotInsertUpdateActivateEntity, salesforce.InvalidCrossReferenceKey, salesforce.TxnSecurityNoAccess,
			salesforce.InsufficientAccessOrReadonly, salesforce.InsufficientAccessOnCrossReferenceEntity},
		leadtype.StaleRemoteRecord: {salesforce.CannotUpdateConvertedLead, salesforce.EntityIsDeleted},
		leadtype.DuplicateRecord:   {salesforce.DuplicateValue},
	} {
		for _, status := range of {
			errs = append(errs, refused(code, status, "says"))
		}
	}
	for code, reasons := range map[leadtype.Code][]string{
		leadtype.DataValueValidation: {"is not an option for the value of Country",
			"must be a text field that is an External ID", "is not an active option of the country", "takes one option",
			"no strategy of that name is configured", "the activity has an unknown kind: it must be one of them",
			"finds no record: it is encrypted, not text, or otherwise not filterable"},
		leadtype.MissingRemoteField: {"does not exist or is hidden from the connected user, and leads are matched by it"},
		leadtype.ConnectionPermission: {"may not be written by the connected user: Salesforce computes it",
			"may not be written by the connected user: Salesforce numbers the records itself"},
		leadtype.RequiredFieldMissing: {"has no answer", "person accounts are on: no Lead without a company"},
		leadtype.OwnerInvalid:         {"there is not exactly one active user with that e-mail address"},
		leadtype.CampaignStatus:       {"the campaign is deleted or hidden from the connected user"},
		leadtype.AmbiguousMatch:       {"in Code__c, which is unique, has not the lead's name"},
		leadtype.Unknown:              {"the store failed"},
	} {
		for _, reason := range reasons {
			errs = append(errs, &leadtype.Error{Code: code, Object: "Lead", Fields: []string{"Tier__c"}, Reason: reason})
		}
	}
	duplicate := refused(leadtype.DuplicateRecord, salesforce.DuplicatesDetected, "Use one of these records?")
	duplicate.Err.(*salesforce.Error).Duplicates = []salesforce.Duplicate{{Object: "Lead", ID: "00Q000000000001EAA"}}
	unique := refused(leadtype.DuplicateRecord, salesforce.DuplicateValue, "duplicates value on record with id")
	unique.Err.(*salesforce.Error).Duplicates = duplicate.Err.(*salesforce.Error).Duplicates
	return append(errs, duplicate, unique,
		refused(leadtype.RemoteAutomation, salesforce.CannotExecuteFlowTrigger, `because the "Keep Tasks" process failed.`),
		refused(leadtype.RemoteAutomation, salesforce.CannotInsertUpdateActivateEntity, "Fill: execution of BeforeInsert"),
		&leadtype.Error{Code: leadtype.DataValueValidation, Err: leadtype.ErrSuppressed})
}

func TestAHostWordsTheTextsInItsLanguage(t *testing.T) {
	t.Parallel()
	german := map[string]string{
		"description.DATA_VALUE_VALIDATION":  "Ein Wert passt nicht.",
		"fix.DATA_VALUE_VALIDATION.picklist": "Ergänzen Sie {options} in {field}.",
		"part.named":                         "{options}",
	}
	advisor := &leadtype.Advisor{
		Words: func(text leadtype.Text) string { return text.Fill(german[text.Key]) },
		Help:  func(code leadtype.Code) string { return "https://help.example/" + strings.ToLower(string(code)) },
	}
	lacks := &leadtype.Error{Code: leadtype.DataValueValidation, Object: "Lead", Fields: []string{"Tier__c"},
		Reason:  "is not an active option of the restricted picklist",
		Options: map[string][]string{"Tier__c": {"{field}", "Gold"}}}
	require.Equal(t, leadtype.Advice{
		Description: "Ein Wert passt nicht.",
		Fix:         `Ergänzen Sie "{field}", "Gold" in Lead.Tier__c.`,
		Help:        "https://help.example/data_value_validation",
	}, advisor.Error(lacks))
	require.Equal(t, leadtype.OwnerInvalid.Fix(), advisor.Code(leadtype.OwnerInvalid).Fix,
		"English where there is no other")

	broken := &leadtype.Advisor{Words: func(leadtype.Text) string { panic("words") },
		Help: func(leadtype.Code) string { panic("help") }}
	require.Equal(t, leadtype.Advice{Description: lacks.Description(), Fix: lacks.Fix()}, broken.Error(lacks))
}

func TestAWarningSaysWhatTheErrorWouldSay(t *testing.T) {
	t.Parallel()
	var advisor *leadtype.Advisor
	e := &leadtype.Error{Code: leadtype.ConnectionPermission, Object: "Lead", Fields: []string{"Tier__c"},
		Reason: "may not be written by the connected user"}
	w := &leadtype.Warning{Kind: leadtype.Locked, Code: e.Code, Object: e.Object, Field: "Tier__c", Reason: e.Reason}
	require.Equal(t, advisor.Error(e), advisor.Warning(w))
	require.Contains(t, advisor.Warning(w).Fix, "edit access to Lead.Tier__c")
	require.Empty(t, advisor.Warning(&leadtype.Warning{Kind: leadtype.KeptEdited}))
	require.Empty(t, advisor.Warning(nil))
	require.Empty(t, advisor.Error())
	require.Empty(t, advisor.Error(nil))
}

func TestTheMissingOptionsOfSeveralLeadsAreNamedTogether(t *testing.T) {
	t.Parallel()
	var errs []*leadtype.Error
	for _, option := range []string{"Gold", "Tin", "Gold", "1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		errs = append(errs, &leadtype.Error{Code: leadtype.DataValueValidation, Object: "Lead", Fields: []string{"Tier__c"},
			Reason: "is not an active option of the restricted picklist", Options: map[string][]string{"Tier__c": {option}}})
	}
	require.True(t, errs[0].MissesOption())
	require.Contains(t, (*leadtype.Advisor)(nil).Error(errs...).Fix,
		`options "Gold", "Tin", "1", "2", "3", "4", "5", "6", "7", "8" to the`)
}

// The options may be values of the lead, as Salesforce's message may quote them.
func TestMissingOptionsAreKeptWithTheLeadOnly(t *testing.T) {
	t.Parallel()
	e := &leadtype.Error{Op: "map", Code: leadtype.DataValueValidation, Object: "Lead", Fields: []string{"Tier__c"},
		Reason: "is not an active option of the restricted picklist", Options: map[string][]string{"Tier__c": {"secret"}}}
	require.NotContains(t, e.Error(), "secret")
	outcome := &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Failed, Object: "Lead", ID: "00Q000000000001EAA", Err: e,
		Parts: []leadtype.Part{{Object: "Lead", ID: "00Q000000000001EAA", Err: e}}}
	public, err := json.Marshal(outcome.ForHistory())
	require.NoError(t, err)
	require.NotContains(t, string(public), "secret")
	require.Contains(t, string(public), "Tier__c")
	require.Contains(t, outcome.ForHistory().Err.Fix(), "Add the missing options to the restricted picklist Lead.Tier__c,")
	require.Equal(t, []salesforce.ID{"00Q000000000001EAA"}, outcome.Images())
	bare, err := json.Marshal(outcome.WithoutImages("00Q000000000001EAA"))
	require.NoError(t, err)
	require.NotContains(t, string(bare), "secret")

	whole, err := json.Marshal(outcome)
	require.NoError(t, err)
	var back leadtype.Outcome
	require.NoError(t, json.Unmarshal(whole, &back))
	require.Equal(t, e, back.Err)
	require.NotContains(t, string(whole), "Add the missing", "made when it is read")
}

// What a host shows has the texts beside each code, and is otherwise what a Store keeps.
func TestAnOutcomeForPeopleHasTheTexts(t *testing.T) {
	t.Parallel()
	locked := leadtype.Warning{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission, Object: "Lead", Field: "Title",
		Reason: "may not be written by the connected user"}
	e := &leadtype.Error{Op: "create", Code: leadtype.OwnerInvalid, Object: "Lead", Fields: []string{"OwnerId"},
		Err: &salesforce.Error{Code: salesforce.InactiveOwnerOrUser, Message: "inactive"}}
	outcome := &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Failed, Err: e, Warnings: []leadtype.Warning{locked,
		{Kind: leadtype.KeptEdited, Reason: "kept"}}, Parts: []leadtype.Part{{Object: "Lead", Err: e}, {Object: "Task"}}}
	advisor := &leadtype.Advisor{Help: func(code leadtype.Code) string { return "https://help.example/" + string(code) }}

	shown, err := advisor.MarshalOutcome(outcome)
	require.NoError(t, err)
	var read struct {
		LeadID string
		Error  struct {
			Code string
			leadtype.Advice
		}
		Parts []struct {
			Object string
			Error  *leadtype.Advice
		}
		Warnings []struct {
			Field string
			leadtype.Advice
		}
	}
	require.NoError(t, json.Unmarshal(shown, &read))
	require.Equal(t, "L1", read.LeadID)
	require.Equal(t, "OWNER_INVALID", read.Error.Code)
	require.Equal(t, advisor.Error(e), read.Error.Advice)
	require.NotEmpty(t, read.Error.Help)
	require.Equal(t, advisor.Error(e), *read.Parts[0].Error)
	require.Equal(t, "Task", read.Parts[1].Object)
	require.Nil(t, read.Parts[1].Error)
	require.Equal(t, advisor.Warning(&locked), read.Warnings[0].Advice)
	require.Equal(t, "Title", read.Warnings[0].Field)
	require.Empty(t, read.Warnings[1].Advice)

	var back leadtype.Outcome
	require.NoError(t, json.Unmarshal(shown, &back))
	require.Equal(t, outcome, &back)
	kept, err := json.Marshal(outcome)
	require.NoError(t, err)
	require.NotContains(t, string(kept), `"fix"`, "made when it is read")
	none, err := advisor.MarshalOutcome(nil)
	require.NoError(t, err)
	require.Equal(t, "null", string(none))
}
