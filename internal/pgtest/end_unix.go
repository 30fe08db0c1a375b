// SPDX-License-Identifier: Apache-2.0

//go:build unix && !linux

package pgtest

import "syscall"

func endWithParent(*syscall.SysProcAttr) {}
