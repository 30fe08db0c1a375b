// SPDX-License-Identifier: Apache-2.0

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
// Example, the second a part of that of fleet's Example, the third one of that of
// ExampleSyncer_Summary, the fourth the body of the fake org's Example.
func TestReadmeShowsTheExamples(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	blocks := strings.Split(string(readme), "\n```go\n")[1:]
	require.Len(t, blocks, 4)
	for i := range blocks {
		blocks[i], _, _ = strings.Cut(blocks[i], "```\n")
	}
	require.Equal(t, exampleBody(t, "example_test.go", "Example"), blocks[0])
	require.Contains(t, exampleBody(t, "fleet/example_test.go", "Example"), blocks[1])
	require.Contains(t, exampleBody(t, "example_summary_test.go", "ExampleSyncer_Summary"), blocks[2])
	require.Equal(t, exampleBody(t, "salesforce/sftest/example_test.go", "Example"), blocks[3])
}

// What docs/adopting.md shows in Go is a part of Example_adopting.
func TestAdoptingShowsItsExample(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/adopting.md")
	require.NoError(t, err)
	example := exampleBody(t, "example_adopting_test.go", "Example_adopting")
	blocks := strings.Split(string(page), "\n```go\n")[1:]
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		shown, _, closed := strings.Cut(block, "```\n")
		require.True(t, closed)
		require.Contains(t, example, shown)
	}
}

// Every function and method of the fake org has its place in README.md's table.
func TestReadmeNamesTheFakeOrgsCalls(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(readme), "| You want | Call |\n")
	table, _, _ := strings.Cut(section, "\n\n")
	for _, name := range exportedCalls(t, "../../salesforce/sftest") {
		require.Regexp(t, "`"+name+"\\b", table)
	}
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
