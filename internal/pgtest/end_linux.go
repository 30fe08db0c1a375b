// SPDX-License-Identifier: Apache-2.0

package pgtest

import "syscall"

// endWithParent has a program end when the test's process does, in whatever way.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
