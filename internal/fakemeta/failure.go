package fakemeta

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Failure is how a call is refused.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
type Failure struct {
	// Status is the HTTP status. Default: 400.
	Status int
	// Code and Subcode are the error's.
	Code, Subcode int
	Message       string
	// Transient says that the call may work later.
	Transient bool
	// Details is what WhatsApp's errors have as error_data.details.
	Details string
	// RetryAfter is told in the header Retry-After.
	RetryAfter time.Duration
	// Header is added.
	Header http.Header
	// Body is sent as it is instead of an error.
	Body string
}

func (f *Failure) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), f.Header)
	w.Header().Set("Content-Type", "application/json")
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	w.WriteHeader(cmp.Or(f.Status, http.StatusBadRequest))
	if f.Body != "" {
		_, _ = io.WriteString(w, f.Body)
		return
	}
	e := map[string]any{"message": f.Message, "type": "OAuthException", "code": f.Code, "fbtrace_id": "Afaketrace"}
	if f.Subcode != 0 {
		e["error_subcode"] = f.Subcode
	}
	if f.Transient {
		e["is_transient"] = true
	}
	if f.Details != "" {
		e["error_data"] = map[string]any{"details": f.Details}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"error": e})
}
