// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"github.com/leadsync/leadsync/salesforce"
)

// wireErrors are codes with a reply that holds them. Where docs/salesforce.md has
// a message, it is that one.
var wireErrors = map[salesforce.StatusCode]struct {
	status int
	body   string
}{
	salesforce.RequiredFieldMissing: {
		400,
		`[{"message":"Required fields are missing: [LastName, Company]","errorCode":"REQUIRED_FIELD_MISSING",` +
			`"fields":["LastName","Company"]}]`,
	},
	salesforce.InvalidOperationWithExpiredPassword: {
		403,
		`[{"message":"The password of s3cret has expired.","errorCode":"INVALID_OPERATION_WITH_EXPIRED_PASSWORD"}]`,
	},
	salesforce.StringTooLong: {
		400,
		`[{"message":"First Name: data value too large: s3cret (max length=40)","errorCode":"STRING_TOO_LONG",` +
			`"fields":["FirstName"]}]`,
	},
	salesforce.InvalidEmailAddress: {
		400, `[{"message":"Email: invalid email address: s3cret","errorCode":"INVALID_EMAIL_ADDRESS","fields":["Email"]}]`,
	},
	salesforce.InvalidOrNullForRestrictedPicklist: {
		400,
		`[{"message":"Race: bad value for restricted picklist field: s3cret",` +
			`"errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","fields":["Race__c"]}]`,
	},
	salesforce.FieldCustomValidationException: {
		400,
		`[{"message":"s3cret","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":[]},{"message":"two",` +
			`"errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":["Phone"]}]`,
	},
	salesforce.FieldFilterValidationException: {
		400,
		`[{"message":"Value does not exist or does not match filter criteria.",` +
			`"errorCode":"FIELD_FILTER_VALIDATION_EXCEPTION","fields":["Owner__c"]}]`,
	},
	salesforce.FieldIntegrityException: {
		400, `[{"message":"There's a problem with this state","errorCode":"FIELD_INTEGRITY_EXCEPTION","fields":["State"]}]`,
	},
	salesforce.NumberOutsideValidRange: {
		400,
		`[{"message":"N: value outside of valid range on numeric field: s3cret","errorCode":"NUMBER_OUTSIDE_VALID_RANGE",` +
			`"fields":["N__c"]}]`,
	},
	salesforce.InvalidTypeOnFieldInRecord: {
		400,
		`[{"message":"N: value not of required type: s3cret","errorCode":"INVALID_TYPE_ON_FIELD_IN_RECORD",` +
			`"fields":["N__c"]}]`,
	},
	salesforce.JSONParserError: {
		400,
		`[{"message":"Cannot deserialize instance of datetime from VALUE_STRING value s3cret at [line:1, column:179]",` +
			`"errorCode":"JSON_PARSER_ERROR"}]`,
	},
	salesforce.InvalidField: {
		400, `[{"message":"No such column 'X' on sobject of type Account","errorCode":"INVALID_FIELD"}]`,
	},
	salesforce.InvalidType: {
		400, `[{"message":"\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported.","errorCode":"INVALID_TYPE"}]`,
	},
	salesforce.MalformedQuery: {400, `[{"message":"unexpected token: '<EOF>'","errorCode":"MALFORMED_QUERY"}]`},
	salesforce.InvalidFieldForInsertUpdate: {
		400,
		`[{"message":"Unable to create/update fields: A, B.","errorCode":"INVALID_FIELD_FOR_INSERT_UPDATE","fields":["A",` +
			`"B"]}]`,
	},
	salesforce.MalformedID: {
		400,
		`[{"message":"Contact ID: id value of incorrect type: s3cret","errorCode":"MALFORMED_ID","fields":["ContactId"]}]`,
	},
	salesforce.InvalidCrossReferenceKey: {
		404, `[{"message":"invalid cross reference id","errorCode":"INVALID_CROSS_REFERENCE_KEY","fields":[]}]`,
	},
	salesforce.EntityIsDeleted: {
		404, `[{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED","fields":[]}]`,
	},
	salesforce.NotFound: {404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`},
	salesforce.DuplicateValue: {
		400, `[{"message":"Already a campaign member.","errorCode":"DUPLICATE_VALUE","fields":[]}]`,
	},
	salesforce.DuplicateExternalID: {
		400, `[{"message":"x","errorCode":"DUPLICATE_EXTERNAL_ID","fields":["Key__c"]}]`,
	},
	salesforce.DuplicatesDetected: {
		400, `[{"message":"Use one of these records?","errorCode":"DUPLICATES_DETECTED"}]`,
	},
	salesforce.CannotUpdateConvertedLead: {
		400, `[{"message":"cannot reference converted lead","errorCode":"CANNOT_UPDATE_CONVERTED_LEAD","fields":[]}]`,
	},
	salesforce.CannotInsertUpdateActivateEntity: {
		400,
		`[{"message":"entity type cannot be inserted: Campaign","errorCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",` +
			`"fields":[]}]`,
	},
	salesforce.CannotExecuteFlowTrigger: {
		400,
		`[{"message":"We can't save this record because the \"X\" process failed.",` +
			`"errorCode":"CANNOT_EXECUTE_FLOW_TRIGGER","fields":[]}]`,
	},
	salesforce.InsufficientAccessOrReadonly: {
		403,
		`[{"message":"insufficient access rights on object id","errorCode":"INSUFFICIENT_ACCESS_OR_READONLY","fields":[]}]`,
	},
	salesforce.InsufficientAccessOnCrossReferenceEntity: {
		400,
		`[{"message":"insufficient access rights on cross-reference id",` +
			`"errorCode":"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY","fields":[]}]`,
	},
	salesforce.InactiveOwnerOrUser: {
		400,
		`[{"message":"operation performed with inactive user [005000000000001] as owner of lead",` +
			`"errorCode":"INACTIVE_OWNER_OR_USER","fields":["OwnerId"]}]`,
	},
	salesforce.UnableToLockRow: {
		400,
		`[{"message":"unable to obtain exclusive access to this record or 1 records: 001000000000001AAA",` +
			`"errorCode":"UNABLE_TO_LOCK_ROW","fields":[]}]`,
	},
	salesforce.EntityIsLocked: {
		400, `[{"message":"the entity is locked for editing","errorCode":"ENTITY_IS_LOCKED","fields":[]}]`,
	},
	salesforce.StorageLimitExceeded: {
		403, `[{"message":"storage limit exceeded","errorCode":"STORAGE_LIMIT_EXCEEDED"}]`,
	},
	salesforce.QueryTimeout: {
		400, `[{"message":"Your query request was running for too long.","errorCode":"QUERY_TIMEOUT"}]`,
	},
	salesforce.TxnSecurityNoAccess: {
		403,
		`[{"message":"The operation you requested isn't allowed due to a security policy in your organization.",` +
			`"errorCode":"TXN_SECURITY_NO_ACCESS"}]`,
	},
	salesforce.RequestLimitExceeded: {
		403, `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`,
	},
	salesforce.ServerUnavailable: {503, `[{"message":"Server Unavailable","errorCode":"SERVER_UNAVAILABLE"}]`},
	salesforce.InvalidSessionID: {
		401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`,
	},
	salesforce.InvalidAuthHeader: {401, `[{"message":"INVALID_HEADER_TYPE","errorCode":"INVALID_AUTH_HEADER"}]`},
	salesforce.APICurrentlyDisabled: {
		403, `[{"message":"API is disabled for this user","errorCode":"API_CURRENTLY_DISABLED"}]`,
	},
	salesforce.APIDisabledForOrg: {
		403, `[{"message":"API is not enabled for this Organization or Partner","errorCode":"API_DISABLED_FOR_ORG"}]`,
	},
	salesforce.UnknownException: {
		500,
		`[{"message":"An unexpected error occurred. Please include this ErrorId if you contact support: 1",` +
			`"errorCode":"UNKNOWN_EXCEPTION"}]`,
	},
	salesforce.MethodNotAllowed: {
		405, `[{"message":"HTTP Method 'DELETE' not allowed. Allowed are HEAD,GET,PATCH","errorCode":"METHOD_NOT_ALLOWED"}]`,
	},
	salesforce.ProcessingHalted: {
		400,
		`[{"message":"The transaction was rolled back since another operation in the same transaction failed.",` +
			`"errorCode":"PROCESSING_HALTED"}]`,
	},
	salesforce.ExceededIDLimit: {
		400,
		`[{"message":"record limit reached. cannot submit more than 200 records in this operation",` +
			`"errorCode":"EXCEEDED_ID_LIMIT"}]`,
	},
	salesforce.AllOrNoneOperationRolledBack: {
		400, `[{"message":"Record rolled back","errorCode":"ALL_OR_NONE_OPERATION_ROLLED_BACK"}]`,
	},
	salesforce.ApexError: {500, bare("APEX_ERROR")},

	// Of these only the name is known.
	salesforce.InsertUpdateDeleteNotAllowedDuringMaintenance: {
		503, bare("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"),
	},
	salesforce.InvalidEntityForUpsert:     {400, bare("INVALID_ENTITY_FOR_UPSERT")},
	salesforce.InvalidExternalIDFieldName: {400, bare("INVALID_EXTERNAL_ID_FIELD_NAME")},
	salesforce.InvalidQueryLocator:        {404, bare("INVALID_QUERY_LOCATOR")},
	salesforce.InvalidStatus:              {400, bare("INVALID_STATUS")},
	salesforce.InvalidTypeForOperation:    {400, bare("INVALID_TYPE_FOR_OPERATION")},
	salesforce.LimitExceeded:              {400, bare("LIMIT_EXCEEDED")},
	salesforce.MalformedSearch:            {400, bare("MALFORMED_SEARCH")},
	salesforce.MaxTaskDescriptionExceeded: {400, bare("MAX_TASK_DESCRIPTION_EXCEEEDED")},
	salesforce.MissingArgument:            {400, bare("MISSING_ARGUMENT")},
	salesforce.OperationTooLarge:          {400, bare("OPERATION_TOO_LARGE")},
	salesforce.QueryTooComplicated:        {400, bare("QUERY_TOO_COMPLICATED")},
	salesforce.RecordInUseByWorkflow:      {400, bare("RECORD_IN_USE_BY_WORKFLOW")},
	salesforce.SelfReferenceFromTrigger:   {400, bare("SELF_REFERENCE_FROM_TRIGGER")},
	salesforce.TooManyApexRequests:        {400, bare("TOO_MANY_APEX_REQUESTS")},
	salesforce.TransferRequiresRead:       {400, bare("TRANSFER_REQUIRES_READ")},
	salesforce.UnsupportedMediaType:       {415, bare("UNSUPPORTED_MEDIA_TYPE")},
}

func bare(code string) string { return `[{"message":"","errorCode":"` + code + `"}]` }
