package fakeapi

import (
	"net/http"
	"net/url"
)

// Client returns a client for which a server is also the host, for platforms that keep
// files at another one. The server's address is a URL without a path.
func Client(host, server string) *http.Client {
	return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == host {
			to, err := url.Parse(server)
			if err != nil {
				return nil, err
			}
			r = r.Clone(r.Context())
			r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }
