// SPDX-License-Identifier: Apache-2.0

package identity

import (
	_ "embed"
	"strings"
)

//go:embed roles.txt
var roleNames string

// RoleAddress reports whether several people read the mail at an address: info@, sales@
// and the like.
func RoleAddress(email string) bool {
	local, _, ok := strings.Cut(Email(email), "@")
	return ok && listed(roleNames, strings.Trim(local, "._-"))
}
