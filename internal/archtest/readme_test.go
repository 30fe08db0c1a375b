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

// What README.md shows in Go is compiled and run: the first program is the body of
// Example, the second a part of that of ExampleSyncer_Summary.
func TestReadmeShowsTheExamples(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	blocks := strings.Split(string(readme), "\n```go\n")[1:]
	require.Len(t, blocks, 2)
	for i := range blocks {
		blocks[i], _, _ = strings.Cut(blocks[i], "```\n")
	}
	require.Equal(t, exampleBody(t, "example_test.go", "Example"), blocks[0])
	require.Contains(t, exampleBody(t, "example_summary_test.go", "ExampleSyncer_Summary"), blocks[1])
}

// exampleBody returns the lines of a function, one tab less deep.
func exampleBody(t *testing.T, name, function string) string {
	t.Helper()
	source, err := os.ReadFile("../../" + name)
	require.NoError(t, err)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.ParseComments)
	require.NoError(t, err)
	example, ok := file.Scope.Lookup(function).Decl.(*ast.FuncDecl)
	require.True(t, ok)
	body := source[set.Position(example.Body.Lbrace).Offset+len("{\n") : set.Position(example.Body.Rbrace).Offset]
	var lines strings.Builder
	for line := range strings.Lines(string(body)) {
		lines.WriteString(strings.TrimPrefix(line, "\t"))
	}
	return lines.String()
}
