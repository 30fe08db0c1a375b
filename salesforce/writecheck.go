// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"errors"
	"fmt"
	"slices"
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
	if err := w.checkFields(index); err != nil {
		return err
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

// checkFields reports a field with a bad name or value, and a reference to a write that is not an
// earlier one.
func (w *Write) checkFields(index int) error {
	var some [32]string
	names := some[:0]
	for field, value := range w.Fields {
		if err := checkWritten(value); err != nil {
			return fmt.Errorf("field %s: %w", field, err)
		}
		names = append(names, field)
	}
	for _, ref := range w.Refs {
		if ref.Write < 0 || ref.Write >= index {
			return fmt.Errorf("field %s: refers to write %d, which is not an earlier one", ref.Field, ref.Write)
		}
		names = append(names, ref.Field)
	}
	return w.checkNames(names)
}

// checkNames reports a name that is malformed, reserved or used twice; names are compared without
// regard to case.
func (w *Write) checkNames(names []string) error {
	slices.SortFunc(names, name.CompareFold)
	for i, field := range names {
		switch {
		case !name.IsIdentifier(field):
			return fmt.Errorf("malformed field name %q", field)
		case strings.EqualFold(field, "Id"), strings.EqualFold(field, "attributes"),
			w.Op == OpUpsert && strings.EqualFold(field, w.Key.Field),
			i > 0 && name.CompareFold(names[i-1], field) == 0:
			return fmt.Errorf("field %s: reserved, or given twice", field)
		}
	}
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
