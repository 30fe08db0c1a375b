// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
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

// declaredCodes reads the constants of type Code from error.go.
func declaredCodes(t *testing.T) []Code {
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
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
	require.Len(t, codes, 21)
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
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	for _, code := range declaredCodes(t) {
		require.Contains(t, string(readme), fmt.Sprintf("\n| `%s` | %s |", code, code.Description()))
	}
}

func TestErrorFixNamesFieldsAlsoWithoutAnObject(t *testing.T) {
	t.Parallel()
	e := &Error{Code: DataValueValidation, Fields: []string{"Tier__c"},
		Err: &salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"}}
	require.Contains(t, e.Fix(), "the restricted picklist Tier__c, ")
	e.Fields = nil
	require.Contains(t, e.Fix(), "the restricted picklist the field at fault, ")
}
