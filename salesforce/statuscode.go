// SPDX-License-Identifier: Apache-2.0

package salesforce

// A StatusCode is an errorCode or statusCode of Salesforce, or the error of an OAuth
// refusal. The set is open: new releases add codes.
// Source: docs/salesforce.md, Errors.
type StatusCode string

// Codes about the data of a write.
const (
	AllOrNoneOperationRolledBack                  StatusCode = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
	CannotExecuteFlowTrigger                      StatusCode = "CANNOT_EXECUTE_FLOW_TRIGGER"
	CannotInsertUpdateActivateEntity              StatusCode = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
	CannotUpdateConvertedLead                     StatusCode = "CANNOT_UPDATE_CONVERTED_LEAD"
	DuplicateExternalID                           StatusCode = "DUPLICATE_EXTERNAL_ID"
	DuplicatesDetected                            StatusCode = "DUPLICATES_DETECTED"
	DuplicateValue                                StatusCode = "DUPLICATE_VALUE"
	EntityIsDeleted                               StatusCode = "ENTITY_IS_DELETED"
	EntityIsLocked                                StatusCode = "ENTITY_IS_LOCKED"
	FieldCustomValidationException                StatusCode = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
	FieldFilterValidationException                StatusCode = "FIELD_FILTER_VALIDATION_EXCEPTION"
	FieldIntegrityException                       StatusCode = "FIELD_INTEGRITY_EXCEPTION"
	InactiveOwnerOrUser                           StatusCode = "INACTIVE_OWNER_OR_USER"
	InsertUpdateDeleteNotAllowedDuringMaintenance StatusCode = "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
	InvalidCrossReferenceKey                      StatusCode = "INVALID_CROSS_REFERENCE_KEY"
	InvalidEmailAddress                           StatusCode = "INVALID_EMAIL_ADDRESS"
	InvalidOrNullForRestrictedPicklist            StatusCode = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
	InvalidStatus                                 StatusCode = "INVALID_STATUS"
	InvalidTypeOnFieldInRecord                    StatusCode = "INVALID_TYPE_ON_FIELD_IN_RECORD"
	MalformedID                                   StatusCode = "MALFORMED_ID"
	MaxTaskDescriptionExceeded                    StatusCode = "MAX_TASK_DESCRIPTION_EXCEEEDED" // Salesforce's spelling
	NumberOutsideValidRange                       StatusCode = "NUMBER_OUTSIDE_VALID_RANGE"
	ProcessingHalted                              StatusCode = "PROCESSING_HALTED"
	RecordInUseByWorkflow                         StatusCode = "RECORD_IN_USE_BY_WORKFLOW"
	RequiredFieldMissing                          StatusCode = "REQUIRED_FIELD_MISSING"
	SelfReferenceFromTrigger                      StatusCode = "SELF_REFERENCE_FROM_TRIGGER"
	StorageLimitExceeded                          StatusCode = "STORAGE_LIMIT_EXCEEDED"
	StringTooLong                                 StatusCode = "STRING_TOO_LONG"
	UnableToLockRow                               StatusCode = "UNABLE_TO_LOCK_ROW"
)

// Codes about the request, the schema or the user's permissions.
const (
	ApexError                                StatusCode = "APEX_ERROR"
	APICurrentlyDisabled                     StatusCode = "API_CURRENTLY_DISABLED"
	APIDisabledForOrg                        StatusCode = "API_DISABLED_FOR_ORG"
	ExceededIDLimit                          StatusCode = "EXCEEDED_ID_LIMIT"
	InsufficientAccessOnCrossReferenceEntity StatusCode = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
	InsufficientAccessOrReadonly             StatusCode = "INSUFFICIENT_ACCESS_OR_READONLY"
	InvalidAuthHeader                        StatusCode = "INVALID_AUTH_HEADER"
	InvalidEntityForUpsert                   StatusCode = "INVALID_ENTITY_FOR_UPSERT"
	InvalidExternalIDFieldName               StatusCode = "INVALID_EXTERNAL_ID_FIELD_NAME"
	InvalidField                             StatusCode = "INVALID_FIELD"
	InvalidFieldForInsertUpdate              StatusCode = "INVALID_FIELD_FOR_INSERT_UPDATE"
	InvalidOperationWithExpiredPassword      StatusCode = "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"
	InvalidQueryLocator                      StatusCode = "INVALID_QUERY_LOCATOR"
	InvalidSessionID                         StatusCode = "INVALID_SESSION_ID"
	InvalidType                              StatusCode = "INVALID_TYPE"
	InvalidTypeForOperation                  StatusCode = "INVALID_TYPE_FOR_OPERATION"
	JSONParserError                          StatusCode = "JSON_PARSER_ERROR"
	LimitExceeded                            StatusCode = "LIMIT_EXCEEDED"
	MalformedQuery                           StatusCode = "MALFORMED_QUERY"
	MalformedSearch                          StatusCode = "MALFORMED_SEARCH"
	MethodNotAllowed                         StatusCode = "METHOD_NOT_ALLOWED"
	MissingArgument                          StatusCode = "MISSING_ARGUMENT"
	NotFound                                 StatusCode = "NOT_FOUND"
	OperationTooLarge                        StatusCode = "OPERATION_TOO_LARGE"
	QueryTimeout                             StatusCode = "QUERY_TIMEOUT"
	QueryTooComplicated                      StatusCode = "QUERY_TOO_COMPLICATED"
	RequestLimitExceeded                     StatusCode = "REQUEST_LIMIT_EXCEEDED"
	ServerUnavailable                        StatusCode = "SERVER_UNAVAILABLE"
	TooManyApexRequests                      StatusCode = "TOO_MANY_APEX_REQUESTS"
	TransferRequiresRead                     StatusCode = "TRANSFER_REQUIRES_READ"
	TxnSecurityNoAccess                      StatusCode = "TXN_SECURITY_NO_ACCESS"
	UnknownException                         StatusCode = "UNKNOWN_EXCEPTION"
	UnsupportedMediaType                     StatusCode = "UNSUPPORTED_MEDIA_TYPE"
)

// The errors of OAuth (docs/salesforce.md, OAuth). All but the last two need a person:
// to connect again, to activate the user, or to set up the app; and InvalidGrant does not
// with a message that has TokenBeingProcessed.
const (
	AppNotFound          StatusCode = "app_not_found"
	InvalidClient        StatusCode = "invalid_client"
	InvalidClientID      StatusCode = "invalid_client_id"
	InvalidGrant         StatusCode = "invalid_grant"
	OAuthAppBlocked      StatusCode = "OAUTH_APP_BLOCKED"
	UnsupportedGrantType StatusCode = "unsupported_grant_type"

	RateLimitExceeded StatusCode = "rate_limit_exceeded"
	UnknownError      StatusCode = "unknown_error"
)
