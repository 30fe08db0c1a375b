// SPDX-License-Identifier: Apache-2.0

// Package browsertest clicks through the pages of package dashboard in Chromium: with and
// without JavaScript, on a phone and a desktop, light and dark. It is a module of its own, so
// that no host gets chromedp.
//
// It needs Chromium, and node with npm for axe-core, which it installs into the user's cache.
// Without them its tests are skipped, and fail where CI=true. LEADSYNC_TEST_SCREENSHOTS names a
// folder to which it writes a picture of each page, to be looked at before a release.
package browsertest
