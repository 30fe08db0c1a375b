// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// Transport returns a RoundTripper that passes requests to the org without a network, whatever
// host they name. Tests inside testing/synctest need it: waiting for a network does not
// advance virtual time. A fault that closes the connection is an error of RoundTrip or of
// reading the body.
//
// As with a network, a request continues when its context ends.
func (o *Org) Transport() http.RoundTripper { return transport{o.Handler()} }

type transport struct{ handler http.Handler }

// errCut is the error of a connection that was closed.
var errCut = errors.New("sftest: connection cut")

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := readAll(r.Body)
	if err != nil {
		return nil, err
	}
	served := r.Clone(context.WithValue(context.WithoutCancel(r.Context()), waiting{}, r.Context()))
	served.Body = io.NopCloser(bytes.NewReader(body))
	served.RequestURI = r.URL.RequestURI()
	if served.Host == "" {
		served.Host = r.URL.Host
	}
	done := make(chan *recorder, 1)
	go func() {
		defer close(done) // a hook may end the goroutine, as t.FailNow does
		done <- t.serve(served)
	}()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case w := <-done:
		if w == nil {
			return nil, errCut
		}
		return w.response(r)
	}
}

func readAll(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer body.Close()
	return io.ReadAll(body)
}

func (t transport) serve(r *http.Request) (w *recorder) {
	w = &recorder{header: http.Header{}}
	defer func() {
		switch thrown := recover(); thrown {
		case nil:
		case any(http.ErrAbortHandler):
			w.cut = true
		default:
			panic(thrown)
		}
	}()
	t.handler.ServeHTTP(w, r)
	return w
}

// A recorder records a response. net/http/httptest has one too, but it cannot represent a
// closed connection.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
	cut    bool
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

func (w *recorder) response(r *http.Request) (*http.Response, error) {
	if w.cut && w.status == 0 {
		return nil, errCut
	}
	var body io.Reader = &w.body
	length := int64(w.body.Len())
	if w.cut {
		body, length = io.MultiReader(body, failing{}), -1
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}, nil
}

// failing is a body that ends too early.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
