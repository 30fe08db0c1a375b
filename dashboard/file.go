// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

//go:embed assets/look.css
var lookCSS string

//go:embed assets/icon.svg
var iconSVG []byte

//go:embed assets/live.js
var liveJS []byte

// A file is one that pages link to. Its address changes with what it holds, so that browsers
// may keep it.
type file struct {
	content []byte
	kind    string
	digest  string
}

func newFiles(css string) map[string]file {
	return map[string]file{
		"look.css": newFile([]byte(lookCSS+"\n"+css), "text/css; charset=utf-8"),
		"icon.svg": newFile(iconSVG, "image/svg+xml"),
		"live.js":  newFile(liveJS, "text/javascript; charset=utf-8"),
	}
}

func newFile(content []byte, kind string) file {
	sum := sha256.Sum256(content)
	return file{content, kind, hex.EncodeToString(sum[:6])}
}

func (f file) address(name string) string { return f.digest + "-" + name }

// serveFile serves the file that the path names, if there is one.
func serveFile(w http.ResponseWriter, r *http.Request, files map[string]file) bool {
	_, name, _ := strings.Cut(r.PathValue("name"), "-")
	f, ok := files[name]
	if !ok || f.address(name) != r.PathValue("name") {
		return false
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
	return true
}
