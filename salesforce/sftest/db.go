package sftest

import (
	"slices"
	"sync"
	"time"
)

// A database holds the objects of an org and their rows. Whoever calls its methods, or
// uses what they return, holds its lock.
type database struct {
	sync.Mutex
	opts dbOptions

	objects  map[string]*object // by lower-case name
	names    []string           // of objects, sorted
	prefixes map[string]*object
	serial   uint64
	lastSave time.Time
	modified time.Time // of the metadata, for If-Modified-Since
	journal  []func()  // undoes what the open transaction did
	inTx     bool

	orgID, userID string
	hooks         rowHooks
	contention    contention
	lacked        string // the object of Salesforce that a request named
}

// dbOptions are the options of a database.
type dbOptions struct {
	now       func() time.Time
	countries []countrySpec // nil without State and Country picklists
	storage   int           // rows; 0 for no bound
	number    uint8         // sets the ids of orgs apart
	report    func(problem string)
}

// rowHooks are what the test makes the org do besides when rows are written.
type rowHooks struct {
	onRow    map[string][]func(op string, row map[string]any) *rowError
	onBatch  map[string]func(rows int) *rowError // by lower-case name
	assignTo map[string]string
}

// newDatabase makes a database with the standard objects and the rows that every org has.
func newDatabase(opts dbOptions) *database {
	d := &database{
		opts:     opts,
		objects:  map[string]*object{},
		prefixes: map[string]*object{},
		serial:   uint64(opts.number) * idsPerOrg,
		hooks: rowHooks{
			onRow:    map[string][]func(string, map[string]any) *rowError{},
			onBatch:  map[string]func(int) *rowError{},
			assignTo: map[string]string{},
		},
	}
	d.loadStandardObjects()
	d.defineCountries()
	d.seedStandardRows()
	return d
}

// now is the time as the org tells it.
func (d *database) now() time.Time { return d.opts.now() }

// idsPerOrg is how many ids each WithNumber has to give: the last eight digits.
const idsPerOrg = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62

// newID returns an unused id with the key prefix. The caller holds o.mu.
func (d *database) newID(prefix string) string {
	d.serial++
	digits := make([]byte, 10)
	n := d.serial
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = idAlphabet[n%uint64(len(idAlphabet))]
		n /= uint64(len(idAlphabet))
	}
	return withChecksum(prefix + "dM" + string(digits))
}

// saveTime is the time that a save is stamped with. It never runs backwards and
// has no fraction: Salesforce keeps whole seconds (SALESFORCE.md 7; the recorded
// stamps all end in .000). The caller holds o.mu.
func (d *database) saveTime() time.Time {
	now := d.opts.now().UTC().Truncate(time.Second)
	if now.After(d.lastSave) {
		d.lastSave = now
	}
	return d.lastSave
}

// touchMetadata notes a change of the schema or of the user's rights. Describes
// get a new validator with every change, so it moves by whole seconds. The
// caller holds o.mu.
func (d *database) touchMetadata() {
	now := d.opts.now().UTC().Truncate(time.Second)
	if !now.After(d.modified) {
		now = d.modified.Add(time.Second)
	}
	d.modified = now
}

// surprised answers what the fake does not know, and fails the test.
func (d *database) surprised(what string) *reply {
	d.opts.report(surprise + what)
	return refuse(501, "NOT_IMPLEMENTED", surprise+what).reply()
}

const surprise = "sftest: the fake org does not know "

// atomically runs do, and takes back all it did when it answers false, or when a hook
// of the test ends the goroutine. It nests.
func (d *database) atomically(do func() bool) {
	mark, outermost, done := len(d.journal), !d.inTx, false
	d.inTx = true
	defer func() {
		if !done {
			for _, undo := range slices.Backward(d.journal[mark:]) {
				undo()
			}
			d.journal = d.journal[:mark]
		}
		if outermost {
			d.inTx, d.journal = false, nil
		}
	}()
	done = do()
}

func (d *database) undoWith(undo func()) {
	if d.inTx {
		d.journal = append(d.journal, undo)
	}
}
