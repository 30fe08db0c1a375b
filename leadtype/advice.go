// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/internal/catalogue"
	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A Text is something for people to read: a key of the catalogue and what goes into its
// place holders. String is its English.
//
// The texts are made when they are read, and none is stored: a host that words them in
// another language, see Advisor.Words, has all of them in it, also those of leads that
// failed before.
type Text struct {
	// Key names the text, such as fix.DATA_VALUE_VALIDATION.rule. It does not change. Catalogue
	// has all keys.
	Key string
	// Args are what goes in, by the name of the place holder, such as field for {field}. It may
	// quote what Salesforce said, and that the lead's values: show it to people, do not log it.
	Args map[string]string
}

// String returns the text in English, and the key where the catalogue does not have it.
func (t Text) String() string {
	if words, ok := catalogue.English(t.Key); ok {
		return t.Fill(words)
	}
	return t.Key
}

// Fill puts the arguments into the place holders of a translation, such as "Ergänzen Sie
// {field}." A place holder that is no argument stays as it is.
func (t Text) Fill(words string) string {
	pairs := make([]string, 0, 2*len(t.Args))
	for name, arg := range t.Args {
		pairs = append(pairs, "{"+name+"}", arg)
	}
	return strings.NewReplacer(pairs...).Replace(words)
}

// Catalogue returns the English words of every Text, with their place holders, by key. It is
// what a host translates. The map is the caller's own.
func Catalogue() map[string]string { return catalogue.All() }

// An Advice is what people read of a failure or a warning.
type Advice struct {
	// Description says what happened.
	Description string `json:"description"`
	// Fix says what to do about it. It may quote what Salesforce said, and that the lead's
	// values: show it to people, do not log it.
	Fix string `json:"fix"`
	// Help is the address of a page of the host about the code, empty where it has none.
	Help string `json:"help"`
}

// An Advisor words what people read. All that the library shows is from one: run time, the
// Summary, Preflight and exported files say the same about the same. Nil and the zero value
// are in English, without help. It is safe for concurrent use if its functions are.
type Advisor struct {
	// Words returns a text in the host's language, made of Text.Key and Text.Args, and "" for
	// the English one. Nil is English. A host that keeps its translations in a map returns
	// text.Fill(translations[text.Key]); see Catalogue. One that panics gets English.
	Words func(Text) string
	// Help returns the address of the host's page about a code, "" for none. Nil has none.
	Help func(Code) string
}

// Text returns the words of a text.
func (a *Advisor) Text(text Text) string {
	var words string
	if a != nil && a.Words != nil {
		_ = hook.Call(nil, hook.Hook{Kind: "words"}, func() { words = a.Words(text) })
	}
	return cmp.Or(words, text.String())
}

// Code returns what can be said of a code alone.
func (a *Advisor) Code(code Code) Advice { return a.Error(&Error{Code: code}) }

// Error returns what to say of errors that have one CauseKey, such as those of the leads of a
// review.Cause: of one, or of several whose fix names what all of them lack. Nil ones are
// left out; it is the zero Advice without any.
func (a *Advisor) Error(errs ...*Error) Advice {
	c := causeFor(errs)
	if c == nil {
		return Advice{}
	}
	advice := Advice{Description: a.Text(c.text("description")), Fix: a.fix(c)}
	if a != nil && a.Help != nil {
		_ = hook.Call(nil, hook.Hook{Kind: "help"}, func() { advice.Help = a.Help(c.err.Code) })
	}
	return advice
}

// Login returns what to say of an error of login.App.FinishLogin, or of a token source, to the
// person who connects an org.
func (a *Advisor) Login(err error) Advice {
	if err == nil {
		return Advice{}
	}
	e := &Error{Code: Authentication, Err: err}
	var network net.Error
	if refused := e.refusal(); refused != nil && refused.Retryable() || refused == nil && errors.As(err, &network) {
		e.Code = RemoteUnavailable
	}
	return a.Error(e)
}

// Warning returns what to say of a warning: what an error with its code would have, and
// nothing of one without a code.
func (a *Advisor) Warning(w *Warning) Advice {
	if w == nil || w.Code == "" {
		return Advice{}
	}
	e := Error{Code: w.Code, Object: w.Object, Reason: w.Reason}
	if w.Field != "" {
		e.Fields = []string{w.Field}
	}
	return a.Error(&e)
}

// Description returns what happened, in words for people who use the host: that of the code,
// or of one of its causes. It is empty for a nil *Error, and in English; see Advisor.
func (e *Error) Description() string { return (*Advisor)(nil).Error(e).Description }

// Fix returns what to do about this failure. Unlike Error it quotes Salesforce's
// message where a person needs it, and the message may quote the
// lead's values: show it to people, do not log it. It is empty for a nil *Error, and in
// English; see Advisor.
func (e *Error) Fix() string { return (*Advisor)(nil).Error(e).Fix }

// A cause is what failures have in common that one text is about.
type cause struct {
	err  *Error // the first of them
	name string // of the cause among those of its code, "" for all others
	// missing are the options that restricted picklists lack, as Error.Options; those of "" are
	// of the fields at fault.
	missing map[string][]string
}

// maxOptions bounds the missing options of a picklist that a fix names.
const maxOptions = 10

// causeFor returns the cause of failures that have one CauseKey, nil for none.
func causeFor(errs []*Error) *cause {
	errs = slices.DeleteFunc(slices.Clone(errs), func(e *Error) bool { return e == nil })
	if len(errs) == 0 {
		return nil
	}
	c := &cause{err: errs[0], name: errs[0].causeName(), missing: make(map[string][]string)}
	for _, e := range errs {
		for field, options := range e.missingOptions() {
			c.missing[field] = addOptions(c.missing[field], options)
		}
	}
	return c
}

func addOptions(known, options []string) []string {
	for _, option := range options {
		if !slices.Contains(known, option) && len(known) < maxOptions {
			known = append(known, option)
		}
	}
	return known
}

// causeName tells causes apart that have one code: by what the error wraps, by Salesforce's
// code, and at last by the reason, which is this library's own.
func (e *Error) causeName() string {
	var sf *salesforce.Error
	switch {
	case errors.Is(e.Err, ErrBudget),
		e.Code == RateLimit && errors.As(e.Err, &sf) && sf.Limit() == salesforce.LimitDaily:
		return "daily"
	case errors.Is(e.Err, salesforce.ErrAddressChanged):
		return "address"
	case errors.Is(e.Err, salesforce.ErrOtherOrg):
		return "other-org"
	case errors.Is(e.Err, ErrPanicked):
		return "panic"
	case errors.Is(e.Err, ErrUnreadable):
		return "unreadable"
	case errors.Is(e.Err, ErrSuppressed):
		return "suppressed"
	case (e.Code == ConnectionPermission || e.Code == Unknown) && errors.As(e.Err, &sf) && sf.RefusesCalls() &&
		!strings.HasPrefix(causesBySalesforce[sf.Code], "api"):
		return "calls"
	}
	switch refused := e.refusal(); {
	case refused != nil && (e.Code == Authentication || e.Code == RemoteUnavailable):
		return causeOfLogin(refused)
	case refused != nil:
		return causeBySalesforce(e, refused)
	case e.refusesCall():
		return "call"
	case e.Code == Unknown && e.Op == "map":
		return "mapper"
	}
	return causeByReason(e.Reason)
}

// refusal returns what Salesforce said, nil where it was not asked. A TokenSource of the host
// may say it in another way than the client.
func (e *Error) refusal() *salesforce.Error {
	var token *oauth2.RetrieveError
	if sf := e.salesforce(); sf != nil || !errors.As(e.Err, &token) {
		return sf
	}
	refused := &salesforce.Error{Code: salesforce.StatusCode(token.ErrorCode), Message: token.ErrorDescription}
	if token.Response != nil {
		refused.HTTPStatus = token.Response.StatusCode
	}
	return refused
}

// causesBySalesforce are what its codes say, whatever their message.
var causesBySalesforce = map[salesforce.StatusCode]string{
	salesforce.InvalidOrNullForRestrictedPicklist:       causePicklist,
	salesforce.FieldCustomValidationException:           causeRule,
	salesforce.FieldFilterValidationException:           "filter",
	salesforce.StringTooLong:                            "length",
	salesforce.MaxTaskDescriptionExceeded:               "length",
	salesforce.InvalidEmailAddress:                      "email",
	salesforce.NumberOutsideValidRange:                  "number",
	salesforce.InvalidTypeOnFieldInRecord:               "type",
	salesforce.JSONParserError:                          "type",
	salesforce.InvalidField:                             "reference", // of DATA_VALUE_VALIDATION
	salesforce.InvalidType:                              "object",
	salesforce.InvalidFieldForInsertUpdate:              "field",
	salesforce.InsufficientAccessOrReadonly:             "record",
	salesforce.InsufficientAccessOnCrossReferenceEntity: "reference",
	salesforce.TxnSecurityNoAccess:                      "policy",
	salesforce.APICurrentlyDisabled:                     "api",
	salesforce.APIDisabledForOrg:                        "api-org",
	salesforce.InvalidCrossReferenceKey:                 "record-type", // of CONNECTION_PERMISSION
	salesforce.CannotUpdateConvertedLead:                "converted",
	salesforce.DuplicateValue:                           "unique",
}

func causeBySalesforce(e *Error, sf *salesforce.Error) string {
	switch code := e.Code; {
	case sf.Code == salesforce.DuplicateValue && len(sf.Duplicates) > 0:
		return "unique-named"
	case len(sf.Duplicates) > 0:
		return "named"
	case code == CampaignStatus && value.ContainsFold(sf.Fields, "CampaignId"):
		return "gone"
	case code == ConnectionPermission && strings.Contains(sf.Message, value.RecordTypeMissing):
		return "record-type"
	case code == ConnectionPermission && sf.Code == salesforce.CannotInsertUpdateActivateEntity:
		return "object"
	case code == ConnectionPermission && e.Op == "create" &&
		sf.Code == salesforce.InsufficientAccessOrReadonly:
		return "reference" // there is no record yet that a user could be given
	case code == StaleRemoteRecord && len(e.Fields) > 0 && !value.ContainsFold(e.Fields, "Id") &&
		sf.Code != salesforce.CannotUpdateConvertedLead:
		return "reference"
	case code != RemoteAutomation:
		return causesBySalesforce[sf.Code]
	case value.FlowOf(sf) != "":
		return "flow"
	case value.TriggerOf(sf) != "":
		return "trigger"
	}
	return ""
}

// causesOfLogin tell apart why Salesforce gives no token or refuses the one that it gave, by
// its code, a part of its message in lower case, or both; the first that fits counts
// (docs/salesforce.md, OAuth).
var causesOfLogin = []struct {
	code  salesforce.StatusCode
	part  string
	cause string
}{
	{salesforce.InvalidGrant, salesforce.TokenBeingProcessed, "processing"},
	{"", "scopes is required", "scope"},
	{"invalid_scope", "", "scope"},
	{salesforce.InvalidOperationWithExpiredPassword, "", "password"},
	{"", "expired password", "password"},
	{"", "password has expired", "password"},
	{"", "ip restricted", "ip"},
	{"", "ip not allowed", "ip"},
	{"", "admin approved", "approval"},
	{"", "approved this consumer", "approval"},
	{"invalid_app_access", "", "approval"},
	{"OAUTH_APP_ACCESS_DENIED", "", "approval"},
	{"", "not installed", "app-missing"},
	{"", "must be installed", "app-missing"},
	{salesforce.AppNotFound, "", "app-missing"},
	{salesforce.OAuthAppBlocked, "", "app-blocked"},
	{"OAUTH_AUTHORIZATION_BLOCKED", "", "app-blocked"},
	{"", "app is blocked", "app-blocked"},
	{"", "no client credentials user", "run-as"},
	{"", "audience", "audience"},
	{"inactive_user", "", "user"},
	{"", "inactive user", "user"},
	{"inactive_org", "", "org"},
	{"", "inactive organization", "org"},
	{salesforce.InvalidClient, "", "client"},
	{salesforce.InvalidClientID, "", "client"},
	{"invalid_client_credentials", "", "client"},
	{"unauthorized_client", "", "client"},
	{"redirect_uri_mismatch", "", "redirect"},
	{"redirect_uri_missing", "", "redirect"},
	{"access_denied", "", "denied"},
	{salesforce.UnsupportedGrantType, "", "flow"},
	{"invalid_request", "", "request"},
	{"invalid_assertion_type", "", "request"},
	{salesforce.InvalidGrant, "authorization code", "code"},
	{salesforce.InvalidGrant, "expired", "expired"},
	{salesforce.InvalidGrant, "revoked", "expired"},
	{salesforce.InvalidGrant, "no refresh token", "expired"},
	{salesforce.InvalidGrant, "authentication failure", "failure"},
}

func causeOfLogin(sf *salesforce.Error) string {
	message := strings.ToLower(sf.Message)
	for _, known := range causesOfLogin {
		if (known.code == "" || known.code == sf.Code) && strings.Contains(message, known.part) {
			return known.cause
		}
	}
	return ""
}

// The causes whose fix has more than the names of fields.
const (
	causePicklist = "picklist"
	causeRule     = "rule"
)

// causesByReason are parts of the reasons that this library gives.
var causesByReason = []struct{ part, cause string }{
	{value.NoOption, causePicklist},
	{"is not an option for the value of", "dependent"},
	{"is not an active option", "place"},
	{"is not a state of exactly one country", "place"},
	{"takes one option", "several"},
	{"takes one answer", "several"},
	{"is not a number", "type"},
	{"is not a whole number", "type"},
	{"is not a yes or a no", "type"},
	{"is not a date or time", "type"},
	{"is not a time such as", "type"},
	{"is outside the range", "number"},
	{"digits before the decimal point", "number"},
	{"is longer than", "length"},
	{"e-mail address that Salesforce accepts", "email"},
	{"must be a text field that is an External ID", "key"},
	{"record type", "record-type"},
	{"no strategy of that name", "strategy"},
	{"has no answer", "answer"},
	{"person accounts are on", "company"},
	{"the campaign is deleted or hidden", "gone"},
	{"the campaign does not exist", "gone"},
	{"which is unknown", "strategy"},
	{"the connected user is inactive", "user"},
	{"API Enabled", "api"},
	{"may not see or edit", "object"},
	{value.NoSuchUser, "rep"},
	{"the Lead is converted", "converted"},
	{"the store failed", "store"},
	{value.UnseenObject, "object"},
	{"may not create", "object"},
	{"may not edit the object", "object"},
	{"may not see the object", "object"},
	{"the object is", "object"},
	{value.NoActiveOption, causePicklist},
	{value.UnmappedText, "values"},
	{value.ComputedField, "formula"},
	{value.NumberedField, "number"},
	{value.LockedField, "field"},
	{value.NoSection, "section"},
	{value.UniqueOther, "unique"},
	{"the activity has an unknown kind", "kind"},
	{value.Unsearchable, "search"},
	{value.UnseenProbe, "probe"},
}

func causeByReason(reason string) string {
	for _, known := range causesByReason {
		if strings.Contains(reason, known.part) {
			return known.cause
		}
	}
	return ""
}

// MissesOption reports whether a restricted picklist lacks a value, so that Advisor.Error
// names those of several leads.
func (e *Error) MissesOption() bool {
	switch e.Code {
	case DataValueValidation, NoTagMapping:
		return e.causeName() == causePicklist
	}
	return false
}

// text returns the description or the fix without arguments: of the cause, else of the code.
func (c *cause) text(kind string) Text {
	for _, key := range []string{kind + "." + string(c.err.Code) + "." + c.name, kind + "." + string(c.err.Code)} {
		if _, ok := catalogue.English(key); ok {
			return Text{Key: key}
		}
	}
	return Text{Key: kind + "." + string(Unknown)}
}

// fix words what to do.
func (a *Advisor) fix(c *cause) string {
	text := c.text("fix")
	text.Args = map[string]string{
		"field": a.fields(c.err), "object": string(c.err.Object), "options": a.options(nil), "user": a.user(c.err),
		"record": records(c.err), "reason": c.err.Reason,
		"rule": value.Quoted([]string{value.RuleOf(c.err.Err, c.err.Reason)}),
	}
	if c.err.Object == "" {
		text.Args["object"] = a.Text(Text{Key: "part.object"})
	}
	if c.name == causePicklist && len(c.missing) > 0 {
		return a.picklists(c, text)
	}
	words := a.Text(text)
	var sf *salesforce.Error
	quoted := c.name == causeRule || c.name == causePicklist
	if quoted && errors.As(c.err.Err, &sf) && sf.Message != "" {
		words += " " + a.Text(Text{"part.said", map[string]string{"message": value.Quoted([]string{sf.Message})}})
	}
	return words
}

// picklists words what to do about each picklist, with the options that it lacks itself.
func (a *Advisor) picklists(c *cause, text Text) string {
	var words []string
	for _, field := range slices.Sorted(maps.Keys(c.missing)) {
		of := Text{Key: text.Key, Args: maps.Clone(text.Args)}
		if field != "" {
			of.Args["field"] = qualified(c.err.Object, field)
		}
		of.Args["options"] = a.options(c.missing[field])
		words = append(words, a.Text(of))
	}
	return strings.Join(words, " ")
}

// qualified is a field with its object, and a source of the lead as it is.
func qualified(object salesforce.Object, name string) string {
	if object == "" || value.IsNamedSource(name) {
		return name
	}
	return string(object) + "." + name
}

// fields names the fields at fault: those of a record with its object, and those of the lead
// as they are.
func (a *Advisor) fields(e *Error) string {
	if len(e.Fields) == 0 {
		return a.Text(Text{Key: "part.field"})
	}
	// An answer's own field is a source of the lead; what it goes into begins the reason.
	if field, _, _ := strings.Cut(e.Reason, " "); e.Object != "" && value.IsNamedSource(e.Fields[0]) &&
		strings.HasPrefix(field, string(e.Object)+".") && e.causeName() == causePicklist {
		return field
	}
	names := slices.Clone(e.Fields)
	for i, name := range names {
		names[i] = qualified(e.Object, name)
	}
	return strings.Join(names, ", ")
}

func (a *Advisor) options(missing []string) string {
	if len(missing) == 0 {
		return a.Text(Text{Key: "part.options"})
	}
	return a.Text(Text{"part.named", map[string]string{"options": value.Quoted(missing)}})
}

func (a *Advisor) user(e *Error) string {
	if e.User == "" {
		return a.Text(Text{Key: "part.user"})
	}
	return value.Quoted([]string{e.User})
}
