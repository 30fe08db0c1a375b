// Package pin keeps the module's requirements in go.mod while the packages that use them are being written.
package pin

import (
	_ "github.com/hashicorp/go-retryablehttp"
	_ "github.com/stretchr/testify/require"
	_ "golang.org/x/net/publicsuffix"
	_ "golang.org/x/oauth2"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/text/unicode/norm"
	_ "pgregory.net/rapid"
)
