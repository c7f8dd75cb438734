package webhook

import (
	"encoding/json"
	"net/http"
)

// Answer writes a value as the JSON body of the answer, with status 200 unless WriteHeader
// was called before. An error of the connection is ignored.
func Answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", JSON)
	_ = json.NewEncoder(w).Encode(value)
}
