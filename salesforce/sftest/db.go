package sftest

import (
	"slices"
	"time"
)

// idsPerOrg is how many ids each WithNumber has to give: the last eight digits.
const idsPerOrg = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62

// newID returns an unused id with the key prefix. The caller holds o.mu.
func (o *Org) newID(prefix string) string {
	o.serial++
	digits := make([]byte, 10)
	n := o.serial
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = idAlphabet[n%uint64(len(idAlphabet))]
		n /= uint64(len(idAlphabet))
	}
	return withChecksum(prefix + "dM" + string(digits))
}

// saveTime is the time that a save is stamped with. It never runs backwards and
// has no fraction: Salesforce keeps whole seconds (SALESFORCE.md 7; the recorded
// stamps all end in .000). The caller holds o.mu.
func (o *Org) saveTime() time.Time {
	now := o.opts.now().UTC().Truncate(time.Second)
	if now.After(o.lastSave) {
		o.lastSave = now
	}
	return o.lastSave
}

// touchMetadata notes a change of the schema or of the user's rights. Describes
// get a new validator with every change, so it moves by whole seconds. The
// caller holds o.mu.
func (o *Org) touchMetadata() {
	now := o.opts.now().UTC().Truncate(time.Second)
	if !now.After(o.modified) {
		now = o.modified.Add(time.Second)
	}
	o.modified = now
}

// surprised answers what the fake does not know, and fails the test.
func (o *Org) surprised(what string) *reply {
	if o.tb != nil {
		o.tb.Helper()
		o.tb.Errorf("%s%s", surprise, what)
	}
	return refuse(501, "NOT_IMPLEMENTED", surprise+what).reply()
}

const surprise = "sftest: the fake org does not know "

// atomically runs do, and takes back all it did when it answers false, or when a hook
// of the test ends the goroutine. It nests.
func (o *Org) atomically(do func() bool) {
	mark, outermost, done := len(o.journal), !o.inTx, false
	o.inTx = true
	defer func() {
		if !done {
			for _, undo := range slices.Backward(o.journal[mark:]) {
				undo()
			}
			o.journal = o.journal[:mark]
		}
		if outermost {
			o.inTx, o.journal = false, nil
		}
	}()
	done = do()
}

func (o *Org) undoWith(undo func()) {
	if o.inTx {
		o.journal = append(o.journal, undo)
	}
}
