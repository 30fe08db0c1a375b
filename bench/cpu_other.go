// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package main

import "time"

// cpuTimes returns zeros: there is no getrusage.
func cpuTimes() (user, system time.Duration) { return 0, 0 }
