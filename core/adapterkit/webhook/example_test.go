package webhook_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

func Example() {
	signature := webhook.HMAC{Secrets: []string{"the shared secret"}, Prefix: "sha256="}
	take := func(r *http.Request) error {
		if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
			return err
		}
		body, err := webhook.ReadBody(r, 1<<20)
		if err != nil {
			return err
		}
		if err := signature.Check(r.Header.Get("X-Hub-Signature-256"), body); err != nil {
			return err
		}
		var update struct {
			Text string `json:"text"`
		}
		if err := webhook.DecodeJSON(body, &update); err != nil {
			return err
		}
		fmt.Println("taken:", update.Text)
		return nil
	}
	send := func(body, signature string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Hub-Signature-256", signature)
		w := httptest.NewRecorder()
		if err := take(r); err != nil {
			webhook.Refuse(w, r, slog.New(slog.DiscardHandler), err)
			fmt.Println("answered:", w.Code, strings.TrimSpace(w.Body.String()))
			fmt.Println("logged:", err)
		}
	}
	send(`{"text": "hello"}`, signature.Sign([]byte(`{"text": "hello"}`)))
	send(`{"text": "hello"}`, "sha256=0000")
	// Output:
	// taken: hello
	// answered: 401 Unauthorized
	// logged: webhook: 401: the signature is not this body's
}
