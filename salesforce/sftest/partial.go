package sftest

// maxPasses is how often a call tries to save the rows that go well
// (SALESFORCE.md 1, Collections).
const maxPasses = 3

// partly saves n rows of one type of which some may fail. Where triggers watch
// them, a failure takes the others back, and they are saved again without it: the
// triggers see them a second time. When rows still fail in the third pass, all of
// them do.
func (d *database) partly(triggers bool, n int, save func(i int) []*rowError) [][]*rowError {
	errs := make([][]*rowError, n)
	for pass := 1; ; pass++ {
		failed := false
		d.atomically(func() bool {
			for i := range errs {
				if len(errs[i]) == 0 {
					errs[i] = save(i)
					failed = failed || len(errs[i]) > 0
				}
			}
			return !failed || !triggers
		})
		switch {
		case !failed || !triggers:
			return errs
		case pass == maxPasses:
			for i := range errs {
				errs[i] = tooManyPasses().list()
			}
			return errs
		}
	}
}

// tooManyPasses: the text is the Apex guide's, the code not recorded.
func tooManyPasses() *rowError {
	return rowErr("UNKNOWN_EXCEPTION", "Too many batch retries in the presence of Apex triggers and partial failures.")
}

// triggers says whether the test watches the rows of an object.
func (d *database) triggers(object string) bool {
	obj := d.named(object)
	return obj != nil && len(d.hooks.onRow[obj.name]) > 0
}
