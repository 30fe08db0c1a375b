// SPDX-License-Identifier: Apache-2.0

//go:build unix

package pgtest

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// initdb and postgres refuse to run as root. nobody is whom they run as then.
func nobody() (uid, gid int, needed bool) {
	if os.Getuid() != 0 {
		return 0, 0, false
	}
	account, err := user.Lookup("nobody")
	if err != nil {
		return 0, 0, false
	}
	uid, err = strconv.Atoi(account.Uid)
	if err != nil {
		return 0, 0, false
	}
	gid, err = strconv.Atoi(account.Gid)
	return uid, gid, err == nil
}

// unprivileged returns how the server's programs are run.
func unprivileged() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{}
	endWithParent(attr)
	if uid, gid, needed := nobody(); needed {
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	return attr
}

// give gives a folder to whom the server runs as.
func give(dir string) error {
	if uid, gid, needed := nobody(); needed {
		return os.Chown(dir, uid, gid)
	}
	return nil
}
