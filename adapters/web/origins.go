package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// isOrigin reports whether a text is an origin as browsers send it
// (https://www.rfc-editor.org/rfc/rfc6454#section-6.2).
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || strings.Contains(u.Host, "*") {
		return false
	}
	ownPort := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	return s == u.Scheme+"://"+strings.ToLower(u.Host) && u.Port() != ownPort && !strings.HasSuffix(s, ":")
}

// preflightAge is how long browsers may remember what they are allowed, in
// seconds. Chromium remembers nothing for longer than that.
const preflightAge = "7200"

// allowOrigins lets the pages of the allowed origins read what the endpoint
// answers, and asks it beforehand for them
// (https://fetch.spec.whatwg.org/#http-cors-protocol).
func (a *Adapter) allowOrigins(next http.Handler) http.Handler {
	if len(a.config.AllowedOrigins) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if !slices.Contains(a.config.AllowedOrigins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		if method := r.Header.Get("Access-Control-Request-Method"); r.Method == http.MethodOptions && method != "" {
			h.Add("Vary", "Access-Control-Request-Headers")
			h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
			if headers := r.Header.Get("Access-Control-Request-Headers"); headers != "" {
				h.Set("Access-Control-Allow-Headers", headers) // such as that of a token for Config.User
			}
			h.Set("Access-Control-Max-Age", preflightAge)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.Set("Access-Control-Expose-Headers", "Retry-After, X-Vercel-Ai-Ui-Message-Stream")
		next.ServeHTTP(w, r)
	})
}
