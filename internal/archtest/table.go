// SPDX-License-Identifier: Apache-2.0

package archtest

// A Layer is one line of the import table: packages, by their directory, that may
// import what the lines below name, and nothing of their own line or above it.
type Layer []string

// Layers is the import table of the repository, top first. A directory that ends
// in /... means all packages below it, which may import one another. A package
// that has no line has no place yet: give it one.
var Layers = []Layer{
	{"interop", "examples/...", "bench", "dashboard/browsertest"},
	{"internal/scenario/..."},
	{"dashboard"},
	{"riversync"},
	{"fleet"},
	{"otelsync"},
	{"."},
	{"fleet/digest"},
	{"leadcsv"},
	{"phone", "phone/mkplans"},
	{"internal/check", "internal/undo"},
	{"preflight", "revert", "review"},
	{"internal/drain"},
	{"internal/write"},
	{"internal/plan"},
	{"internal/match"},
	{"internal/org"},
	{"store/sqlite", "store/postgres"},
	{"store/sqlite/internal/...", "store/postgres/internal/..."},
	{"store/storetest"},
	{"store/memory"},
	{"store/internal/stored"},
	{"store"},
	{"mapping"},
	{"internal/load"},
	{"internal/verdict"},
	{"leadtype"},
	{"internal/address/..."},
	{"internal/value", "internal/strictjson", "internal/turn", "internal/personaccount", "internal/org/orgtest",
		"internal/catalogue", "internal/csvtext"},
	{"internal/identity/wordlists"},
	{"internal/identity"},
	{"internal/number"},
	{"internal/reading"},
	{"internal/blank"},
	{"salesforce/login"},
	{"salesforce"},
	{"salesforce/internal/bulk", "salesforce/internal/schedule"},
	{"salesforce/soql"},
	{"salesforce/sftest"},
	{"salesforce/sftest/internal/rest", "salesforce/sftest/internal/bulkv1", "salesforce/sftest/internal/oauth",
		"salesforce/sftest/internal/soap", "salesforce/sftest/internal/catalog"},
	{"salesforce/sftest/internal/bulk"},
	{"salesforce/sftest/internal/query"},
	{"salesforce/sftest/internal/db"},
	{"salesforce/sftest/internal/wire"},
	{"internal/hook", "internal/jsontext"},
	{"salesforce/internal/dial", "salesforce/internal/limit", "salesforce/internal/name", "salesforce/internal/resend",
		"salesforce/internal/scratch"},
	{"internal/archtest/...", "internal/release", "internal/pgtest"},
}

// Never is what a package must not import although Layers has it below. A path
// also bars what lies below it.
var Never = map[string][]string{
	"internal/plan":       {"store", "net", "os", "syscall", "database/sql"},
	"internal/match":      {"store"},
	"internal/org":        {"store"},
	"store":               {"mapping"},
	"store/memory":        {"mapping"},
	"store/storetest":     {"mapping"},
	"store/internal":      {"mapping"},
	"store/sqlite":        {"mapping"},
	"store/postgres":      {"mapping"},
	"internal/strictjson": {"salesforce"},
}

// Neutral are packages that know nothing of leads, so that package salesforce may import
// them.
var Neutral = []string{"internal/hook", "internal/jsontext"}

// OnlyTests are packages that nothing but tests, examples and one another compile:
// a host does not get them unless it asks.
var OnlyTests = []string{"salesforce/sftest", "store/storetest", "internal/archtest", "internal/org/orgtest",
	"internal/pgtest", "internal/scenario"}

// ThirdParty are the packages of others that the root module compiles into hosts.
// A path that ends in / means all packages below it. A new line is a decision:
// every host gets it.
var ThirdParty = []string{
	"github.com/hashicorp/go-retryablehttp",
	"golang.org/x/net/idna",
	"golang.org/x/net/publicsuffix",
	"golang.org/x/oauth2",
	"golang.org/x/oauth2/",
	"golang.org/x/sync/",
	"golang.org/x/text/",
}

// TestsThirdParty is what tests of the root module may import besides.
var TestsThirdParty = []string{
	"github.com/stretchr/testify/require",
	"golang.org/x/net/dns/dnsmessage",
	"pgregory.net/rapid",
}

// At most so many modules of others are compiled with the root module, and so
// many with its tests.
const (
	CoreModules     = 6
	CoreTestModules = 9
)

// OutsideWorkspace are modules that go.work leaves out: their versions must not
// raise those of the others.
var OutsideWorkspace = []string{"tools"}
