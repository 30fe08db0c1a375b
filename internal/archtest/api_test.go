// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/archtest"
)

func TestAPIIsAsListed(t *testing.T) {
	t.Parallel()
	breaches, err := archtest.APIBreaches(filepath.Join(repository, "api"), loadWorkspace(t))
	require.NoError(t, err)
	require.Empty(t, breaches)
}

func TestAPIListsWhatHostsSee(t *testing.T) {
	t.Parallel()
	dir := writeModule(t, map[string]string{
		"go.mod":         "module " + module + "\n\ngo 1.26.0\n",
		"inner/inner.go": "package inner\n\ntype Kept struct{}\n",
		"a.go": `package leadsync

import (
	"context"
	"io"

	"github.com/leadsync/leadsync/inner"
)

// Limit is a limit.
const Limit = 3

const hidden = 1

var ErrNone error

type Kept = inner.Kept

type Code string

const Bad Code = "BAD"

func (c Code) Error() string { return string(c) }

type Lead struct {
	io.Reader
	Email string ` + "`json:\"email\"`" + `
	Tags  map[string][]Code
	n     int
}

func (l *Lead) Check(ctx context.Context, codes ...Code) (int, error) { return l.n, nil }

func (l *Lead) hide() {}

type Sink interface {
	Record(context.Context, []*Lead) error
}

type sealed interface{ Hidden() }

type Sealed interface{ seal() }

type Page[T any] struct{ Rows []T }

type Func func(*Lead) any

func New[T ~string](name T) *Page[T] { return nil }
`,
		"cmd/main.go":     "package main\n\nfunc Main() {}\n\nfunc main() {}\n",
		"internal/x/x.go": "package x\n\nfunc X() {}\n",
	})
	packages, err := archtest.Load(dir, "./...")
	require.NoError(t, err)
	api := filepath.Join(dir, "api")
	require.NoError(t, archtest.WriteAPI(api, packages))
	text, err := os.ReadFile(filepath.Join(api, "leadsync.txt"))
	require.NoError(t, err)
	require.Equal(t, `const Bad Code = "BAD"
const Limit untyped int = 3
func New[T ~string](name T) *Page[T]
type Code string
type Code, method (Code) Error() string
type Func func(*Lead) any
type Kept = inner.Kept
type Lead struct
type Lead struct, embeds Reader io.Reader
type Lead struct, field Email string `+"`json:\"email\"`"+`
type Lead struct, field Tags map[string][]Code
type Lead, method (*Lead) Check(ctx context.Context, codes ...Code) (int, error)
type Page[T any] struct
type Page[T any] struct, field Rows []T
type Sealed interface
type Sealed interface, unexported methods
type Sink interface
type Sink interface, Record(context.Context, []*Lead) error
var ErrNone error
`, string(text))
	files, err := filepath.Glob(api + "/*")
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(api, "inner.txt"), filepath.Join(api, "leadsync.txt")}, files)

	breaches, err := archtest.APIBreaches(api, packages)
	require.NoError(t, err)
	require.Empty(t, breaches)
	require.NoError(t, os.WriteFile(filepath.Join(api, "leadsync.txt"), text[len("const Bad Code = \"BAD\"\n"):], 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(api, "gone.txt"), nil, 0o600))
	breaches, err = archtest.APIBreaches(api, packages)
	require.NoError(t, err)
	require.Equal(t, []string{
		"api/leadsync.txt: the package exports something else; run make api\n+const Bad Code = \"BAD\"",
		"api/gone.txt: there is no such package; run make api",
	}, breaches)
}
