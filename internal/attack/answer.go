package attack

import (
	"io"
	"net/http"
	"strings"
)

// Answer is a platform that answers every call so, in the place of the network. It reads a
// call to its end first.
type Answer func(r *http.Request) (*http.Response, error)

// RoundTrip answers a call.
func (f Answer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return f(r)
}

// Always answers every call with the same [Response].
func Always(status int, body string, header ...string) Answer {
	return func(r *http.Request) (*http.Response, error) {
		resp := Response(status, body, header...)
		resp.Request = r
		return resp, nil
	}
}

// Response is an answer. The header is a name and its value in turn; of a name that comes
// twice the last value counts.
func Response(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// Silent is a platform that answers no call before its time is over.
var Silent = Answer(func(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
})

// Second returns the error of a call with two results.
func Second[T any](_ T, err error) error { return err }
