// SPDX-License-Identifier: Apache-2.0

package resend

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// maxLook is how many bytes of a reply are looked at; a longer one proves nothing.
const maxLook = 1 << 20

// Transport returns next with a Watch before it, which sees requests as the
// client does: an answer that is lost or cut on its way is none.
func Transport(w *Watch, next http.RoundTripper) http.RoundTripper {
	return transport{w, next}
}

type transport struct {
	watch *Watch
	next  http.RoundTripper
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.watch.Bulk(r.Method, r.URL.RequestURI()) {
		return t.next.RoundTrip(r) // its bodies are streams
	}
	body, err := readAll(r.Body)
	if err != nil {
		return nil, err
	}
	certain := t.watch.Sent(r.Method, r.URL.RequestURI(), unpack(r.Header, body))
	var asked, connected atomic.Bool
	traced := r.Clone(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	if r.Body != nil {
		traced.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := t.next.RoundTrip(traced)
	if err != nil {
		if asked.Load() && !connected.Load() {
			certain() // nothing went out
		}
		return nil, err
	}
	look, err := io.ReadAll(io.LimitReader(resp.Body, maxLook))
	if err == nil && proves(resp, unpack(resp.Header, look)) {
		certain()
	}
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = failing{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(look), rest), resp.Body}
	return resp, nil
}

// proves reports whether a reply proves what became of the request.
func proves(resp *http.Response, body []byte) bool {
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp.StatusCode == http.StatusNoContent || json.Valid(body)
	}
	return ProvesNothingDone(resp.StatusCode, body)
}

func readAll(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer body.Close()
	return io.ReadAll(body)
}

// unpack returns the body as it was before compression, nil when that fails.
func unpack(header http.Header, body []byte) []byte {
	if !strings.EqualFold(header.Get("Content-Encoding"), "gzip") {
		return body
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(unzipped)
	if err != nil {
		return nil
	}
	return plain
}

// failing is the end of a body that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
