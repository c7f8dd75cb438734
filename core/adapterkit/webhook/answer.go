package webhook

import (
	"encoding/json"
	"net/http"
)

// Answer answers a request that was taken with a value as JSON, and status 200 unless
// another one was written. A sender that does not wait any longer gets none.
func Answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", JSON)
	_ = json.NewEncoder(w).Encode(value)
}
