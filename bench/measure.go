// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

// A usage is what a job took of the client's process.
type usage struct {
	Wall   time.Duration `json:"wall"`   // the contest takes the org's work off
	User   time.Duration `json:"user"`   // CPU time outside the kernel
	System time.Duration `json:"system"` // CPU time in the kernel
	Allocs uint64        `json:"allocs"`
	Bytes  uint64        `json:"bytes"` // allocated
	Peak   int64         `json:"peak"`  // resident bytes at most; 0 where the system does not tell
}

// measured does a job and returns what it took.
func measured(ctx context.Context, s session) (usage, error) {
	debug.FreeOSMemory() // collects garbage too
	resetPeak()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	user, system := cpuTimes()
	start := time.Now()
	err := s.do(ctx)
	wall := time.Since(start)
	userAfter, systemAfter := cpuTimes()
	runtime.ReadMemStats(&after)
	return usage{Wall: wall, User: userAfter - user, System: systemAfter - system,
		Allocs: after.Mallocs - before.Mallocs, Bytes: after.TotalAlloc - before.TotalAlloc, Peak: peak()}, err
}

// resetPeak makes Linux forget how much memory the process has had. Elsewhere it does nothing.
func resetPeak() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// peak returns the most memory that the process has had since resetPeak, in bytes. It is 0
// where there is no /proc of Linux.
func peak() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) == 3 && string(fields[0]) == "VmHWM:" {
			kilobytes, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			return kilobytes * 1024
		}
	}
	return 0
}
