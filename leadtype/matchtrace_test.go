// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
)

func TestProbeIsPrintedWithoutItsValue(t *testing.T) {
	t.Parallel()
	probe := leadtype.Probe{Object: "Lead", Field: "Email", Value: "s3cret"}
	out := leadtype.Outcome{Trace: leadtype.MatchTrace{Probes: []leadtype.ProbeTrace{{Probe: probe}}}}
	var printed bytes.Buffer
	for _, value := range []any{probe, &probe, out, &out, out.Trace} {
		fmt.Fprintf(&printed, "%v %+v %#v", value, value, value)
		slog.New(slog.NewTextHandler(&printed, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&printed, nil)).Info("x", "value", value)
	}
	require.NotContains(t, printed.String(), "s3cret")
	require.Contains(t, printed.String(), "Lead.Email")
}
