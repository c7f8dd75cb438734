package adaptertest

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// request is a webhook that can be sent more than once and changed in between.
type request struct {
	method string
	path   string
	header http.Header // of the sample
	body   []byte
	// proof is what Features.Sign added.
	proof proof
}

// proof is headers and parts of the query, by name.
type proof struct {
	header http.Header
	query  url.Values
}

func (p proof) clone() proof { return proof{p.header.Clone(), maps.Clone(p.query)} }

// names are the headers and parts of the query.
func (p proof) names() []string {
	names := slices.Sorted(maps.Keys(p.header))
	for name := range p.query {
		names = append(names, "?"+name)
	}
	return names
}

func (p proof) get(name string) string {
	if part, ok := strings.CutPrefix(name, "?"); ok {
		return p.query.Get(part)
	}
	return p.header.Get(name)
}

// with returns the proof with one value replaced.
func (p proof) with(name, value string) proof {
	p = p.clone()
	if part, ok := strings.CutPrefix(name, "?"); ok {
		p.query.Set(part, value)
	} else {
		p.header.Set(name, value)
	}
	return p
}

// without returns the proof without one value.
func (p proof) without(name string) proof {
	p = p.clone()
	if part, ok := strings.CutPrefix(name, "?"); ok {
		p.query.Del(part)
	} else {
		p.header.Del(name)
	}
	return p
}

func (p proof) equal(q proof) bool {
	return slices.Equal(p.names(), q.names()) && !slices.ContainsFunc(p.names(), func(n string) bool { return p.get(n) != q.get(n) })
}

// signed returns the sample as the platform sends it at the moment.
func (f Features) signed(s Sample, at time.Time) request {
	r := request{method: cmp.Or(s.Method, http.MethodPost), path: s.Path, header: s.Header.Clone(), body: []byte(s.Body), proof: proof{http.Header{}, url.Values{}}}
	if r.path == "" {
		r.path = "/"
	}
	if r.header == nil {
		r.header = http.Header{"Content-Type": {"application/json"}}
	}
	if f.Sign == nil {
		return r
	}
	bare, err := r.build("http://localhost", "")
	if err != nil {
		return r // sending it says why
	}
	f.Sign(bare, bytes.Clone(r.body), at)
	for name, values := range bare.Header {
		if !slices.Equal(values, r.header[name]) {
			r.proof.header[name] = values
		}
	}
	before, _ := url.Parse(r.path)
	for name, values := range bare.URL.Query() {
		if !slices.Equal(values, before.Query()[name]) {
			r.proof.query[name] = values
		}
	}
	return r
}

// build returns the request to an adapter of a bot.
func (r request) build(origin, adapter string) (*http.Request, error) {
	req, err := http.NewRequest(r.method, origin+"/webhooks/"+adapter+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	for name, values := range r.header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	maps.Copy(req.Header, r.proof.header)
	if len(r.proof.query) > 0 {
		query := req.URL.Query()
		maps.Copy(query, r.proof.query)
		req.URL.RawQuery = query.Encode()
	}
	return req, nil
}

// answer is what the adapter answered.
type answer struct {
	status int
	text   string
}

func (a answer) ok() bool          { return a.status >= 200 && a.status < 300 }
func (a answer) clientFault() bool { return a.status >= 400 && a.status < 500 }
func (a answer) refused() bool {
	return a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
}

func (a answer) String() string {
	return fmt.Sprintf("%d %s %q", a.status, http.StatusText(a.status), strings.TrimSpace(a.text))
}

// signed returns the sample as the platform sends it at the moment.
func (b *rig) signed(s Sample, at time.Time) request { return b.features.signed(s, at) }

// deliver sends the sample as the platform sends it now.
func (b *rig) deliver(t TB, s *Subject, sample Sample) answer {
	t.Helper()
	return b.send(t, s, b.signed(sample, time.Now()))
}

// send sends the request and reads the answer to its end. A panic ends the case.
func (b *rig) send(t TB, s *Subject, r request) answer {
	t.Helper()
	req, err := r.build(b.url, b.Adapter.Name())
	must(t, "building a request", err)
	return b.do(t, s, req)
}

func (b *rig) do(t TB, s *Subject, req *http.Request) answer {
	t.Helper()
	resp, err := b.transport.RoundTrip(req.WithContext(s.ctx))
	if p := b.panics.Load(); p != nil {
		t.Errorf("the adapter panicked: %v", p)
		t.FailNow()
	}
	must(t, "the webhook", err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	must(t, "reading the webhook's answer", err)
	return answer{resp.StatusCode, string(text)}
}
