// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// License is the first line of every Go file.
const License = "// SPDX-License-Identifier: Apache-2.0"

func isLicensed(text []byte) bool { return bytes.HasPrefix(text, []byte(License+"\n\n")) }

// LicenseBreaches says which Go files do not begin with License.
func (t *Tree) LicenseBreaches() (found []string) {
	for _, name := range slices.Sorted(maps.Keys(t.Imports)) {
		if !t.Licensed[name] {
			found = append(found, fmt.Sprintf("%s: does not begin with the SPDX line; run make spdx", name))
		}
	}
	return found
}

// AddLicenses makes every Go file below dir begin with License.
func (t *Tree) AddLicenses(dir string) error {
	for name := range t.Imports {
		if t.Licensed[name] {
			continue
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, append([]byte(License+"\n\n"), text...), 0o644); err != nil {
			return err
		}
	}
	return nil
}
