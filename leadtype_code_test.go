package leadsync

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// declaredCodes reads the constants of type Code from leadtype_error.go.
func declaredCodes(t *testing.T) []Code {
	file, err := parser.ParseFile(token.NewFileSet(), "leadtype_error.go", nil, 0)
	require.NoError(t, err)
	var codes []Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != "Code" || len(spec.Values) == 0 {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		codes = append(codes, Code(text))
		return true
	})
	require.Len(t, codes, 20)
	return codes
}

func TestCodesAllHaveDescriptionAndFix(t *testing.T) {
	t.Parallel()
	codes := declaredCodes(t)
	slices.Sort(codes)
	require.Equal(t, codes, Codes())
	seen := make(map[string]Code)
	for _, code := range codes {
		description := code.Description()
		require.True(t, strings.HasSuffix(description, "."), code)
		require.NotContains(t, strings.TrimSuffix(description, "."), ". ", "%s: one sentence", code)
		require.True(t, strings.HasSuffix(code.Fix(), "."), code)
		require.Empty(t, seen[description], code)
		seen[description] = code
	}
}

func TestCodeThatIsNotOursReadsAsUnknown(t *testing.T) {
	t.Parallel()
	require.Equal(t, Unknown.Description(), Code("NOVELTY").Description())
	require.Equal(t, Unknown.Fix(), Code("NOVELTY").Fix())
	require.Empty(t, CodeOf((*Error)(nil)), "the Err of an outcome that cleared")
}

func TestReadmeDescribesEveryCode(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, code := range declaredCodes(t) {
		require.Contains(t, string(readme), fmt.Sprintf("\n| `%s` | %s |", code, code.Description()))
	}
}

func TestErrorFixOfPicklistNamesFieldAndWaysOut(t *testing.T) {
	t.Parallel()
	e := classify("create", salesforce.ObjectLead, &salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
		Message: "Tier: bad value for restricted picklist field: Platinum", Fields: []string{"Tier__c"}})
	require.Equal(t, `Add the missing options to the restricted picklist Lead.Tier__c, lift its restriction, or map to a text field instead; then retry.`+
		` Salesforce says: "Tier: bad value for restricted picklist field: Platinum"`, e.Fix())
	require.NotContains(t, e.Error(), "Platinum")
	require.Contains(t, picklistFix("Lead.Tier__c", "Gold", "Platinum"), `the missing options "Gold", "Platinum" to`)
}

func TestErrorFixNamesFieldsAlsoWithoutAnObject(t *testing.T) {
	t.Parallel()
	e := &Error{Code: DataValueValidation, Fields: []string{"Tier__c"}, Err: &salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"}}
	require.Contains(t, e.Fix(), "the restricted picklist Tier__c, ")
	e.Fields = nil
	require.Contains(t, e.Fix(), "the restricted picklist the field at fault, ")
}

func TestErrorFixOfValidationRuleNamesRuleAndUser(t *testing.T) {
	t.Parallel()
	e := classify("update", salesforce.ObjectContact, &salesforce.Error{Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION",
		Message: "Budget is required", Fields: []string{"Budget__c", "Stage__c"}})
	require.Contains(t, e.Fix(), "fills Contact.Budget__c, Contact.Stage__c as")
	require.Contains(t, e.Fix(), "($User.Username <> the connected user's name)")
	require.Contains(t, e.Fix(), `Salesforce says: "Budget is required"`)

	e.User = "sync@acme.example"
	require.Contains(t, e.Fix(), `($User.Username <> "sync@acme.example")`)
	require.NotContains(t, e.Error(), "acme")
	require.NotContains(t, e.Error(), "Budget is")

	stored, err := json.Marshal(e)
	require.NoError(t, err)
	var back Error
	require.NoError(t, json.Unmarshal(stored, &back))
	require.Equal(t, e.Fix(), back.Fix())
}

func TestErrorFix(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  *Error
		want string
	}{
		"of our own":    {&Error{Code: NoTagMapping}, NoTagMapping.Fix()},
		"plain":         {classify("", "", &salesforce.Error{Code: "ENTITY_IS_LOCKED"}), RecordLocked.Fix()},
		"no field":      {classify("", "", &salesforce.Error{Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION"}), "fills the field at fault as"},
		"locked field":  {classify("", salesforce.ObjectLead, &salesforce.Error{Code: "INVALID_FIELD_FOR_INSERT_UPDATE", Fields: []string{"A__c"}}), "edit access to Lead.A__c"},
		"daily limit":   {classify("", "", &salesforce.Error{Code: "REQUEST_LIMIT_EXCEEDED", Message: "TotalRequests Limit exceeded."}), "last 24 hours"},
		"short limit":   {classify("", "", &salesforce.Error{Code: "REQUEST_LIMIT_EXCEEDED", Message: "ConcurrentRequests (Concurrent API) Limit exceeded."}), RateLimit.Fix()},
		"member status": {classify("", salesforce.ObjectCampaignMember, &salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{"Status"}}), CampaignStatus.Fix()},
	} {
		require.Contains(t, tc.err.Fix(), tc.want, name)
	}
}
