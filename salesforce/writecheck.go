// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"errors"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// checkWrites names the write that is malformed, and its field.
func checkWrites(writes []Write) error {
	for i := range writes {
		if err := writes[i].check(i); err != nil {
			return fmt.Errorf("salesforce: write %d: %w", i, err)
		}
	}
	return nil
}

// check returns what is malformed in the write, which has that index.
func (w *Write) check(index int) error {
	if w.Op < OpCreate || w.Op > OpDelete {
		return fmt.Errorf("unknown operation %d", w.Op)
	}
	if !name.IsIdentifier(w.Object) {
		return fmt.Errorf("malformed object name %q", string(w.Object))
	}
	if err := w.checkTarget(); err != nil {
		return err
	}
	if w.Op == OpDelete && len(w.Fields)+len(w.Refs) > 0 {
		return errors.New("delete takes no fields")
	}
	seen := map[string]bool{"id": true, "attributes": true}
	if w.Op == OpUpsert {
		seen[strings.ToLower(w.Key.Field)] = true
	}
	for field, value := range w.Fields {
		if err := checkField(field, seen); err != nil {
			return err
		}
		if err := checkWritten(value); err != nil {
			return fmt.Errorf("field %s: %w", field, err)
		}
	}
	for _, ref := range w.Refs {
		if err := checkField(ref.Field, seen); err != nil {
			return err
		}
		if ref.Write < 0 || ref.Write >= index {
			return fmt.Errorf("field %s: refers to write %d, which is not an earlier one", ref.Field, ref.Write)
		}
	}
	return w.checkUnique()
}

// checkTarget reports an id or a key that is missing, malformed or not allowed.
func (w *Write) checkTarget() error {
	wantsID := w.Op == OpUpdate || w.Op == OpDelete
	if !wantsID && w.ID != "" {
		return fmt.Errorf("%s takes no record id", w.Op)
	}
	if wantsID {
		if _, err := ParseID(string(w.ID)); err != nil {
			return errors.New("missing or malformed record id")
		}
	}
	if w.Op != OpUpsert {
		switch {
		case w.Key != (ExternalKey{}):
			return fmt.Errorf("%s takes no key", w.Op)
		case w.UpdateOnly:
			return fmt.Errorf("%s takes no UpdateOnly", w.Op)
		}
		return nil
	}
	if !name.IsIdentifier(w.Key.Field) {
		return errors.New("missing or malformed key field")
	}
	if w.Key.Value == "" {
		return fmt.Errorf("field %s: missing key", w.Key.Field)
	}
	if w.alone() && (w.Key.Value == "." || w.Key.Value == "..") {
		// A server may resolve such a segment of a path.
		return fmt.Errorf("field %s: key is not allowed in a path", w.Key.Field)
	}
	if err := checkValue(w.Key.Value); err != nil {
		return fmt.Errorf("field %s: %w", w.Key.Field, err)
	}
	return nil
}

// checkUnique reports a UniqueField that would not make a repeat safe.
func (w *Write) checkUnique() error {
	if w.UniqueField == "" {
		return nil
	}
	if w.Op != OpCreate {
		return fmt.Errorf("%s takes no unique field", w.Op)
	}
	for field, value := range w.Fields {
		if strings.EqualFold(field, w.UniqueField) && value != nil && value != "" {
			return nil
		}
	}
	return fmt.Errorf("field %s: unique field without a value", w.UniqueField)
}

// checkField reports a name that is malformed, reserved or used twice; names are
// compared without regard to case.
func checkField(field string, seen map[string]bool) error {
	folded := strings.ToLower(field)
	switch {
	case !name.IsIdentifier(field):
		return fmt.Errorf("malformed field name %q", field)
	case seen[folded]:
		return fmt.Errorf("field %s: reserved, or given twice", field)
	}
	seen[folded] = true
	return nil
}

// checkWritten is checkValue that also allows an ExternalKey, which only a Write may
// have.
func checkWritten(value any) error {
	key, ok := value.(ExternalKey)
	switch {
	case !ok:
		return checkValue(value)
	case !name.IsIdentifier(key.Field):
		return errors.New("missing or malformed key field")
	case key.Value == "":
		return fmt.Errorf("field %s: missing key", key.Field)
	}
	return name.CheckText(key.Value)
}
