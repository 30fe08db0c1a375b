package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The program in README.md is compiled and run: it is the body of Example.
func TestReadmeShowsTheExample(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../example_test.go")
	require.NoError(t, err)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(readme), "\n```go\n")
	require.True(t, ok, "README.md has a block of Go")
	shown, _, _ := strings.Cut(rest, "```\n")
	require.Equal(t, exampleBody(t, source), shown)
}

// exampleBody returns the lines of the function Example, one tab less deep.
func exampleBody(t *testing.T, source []byte) string {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "example_test.go", source, parser.ParseComments)
	require.NoError(t, err)
	example, ok := file.Scope.Lookup("Example").Decl.(*ast.FuncDecl)
	require.True(t, ok)
	body := source[set.Position(example.Body.Lbrace).Offset+len("{\n") : set.Position(example.Body.Rbrace).Offset]
	var lines strings.Builder
	for line := range strings.Lines(string(body)) {
		lines.WriteString(strings.TrimPrefix(line, "\t"))
	}
	return lines.String()
}
