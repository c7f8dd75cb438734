package discord

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// The headers of an interaction's signature.
// https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint-validating-security-request-headers
const (
	signatureHeader = "X-Signature-Ed25519"
	timestampHeader = "X-Signature-Timestamp"
	// gatewayHeader has the bot's token, in a request with an event of the gateway that a
	// listener of the TypeScript SDK forwards.
	gatewayHeader = "X-Discord-Gateway-Token"
	gatewayPrefix = "GATEWAY_"
)

// ServeHTTP takes interactions, and events of the gateway that a listener of the
// TypeScript SDK forwards, at /webhooks/discord. It answers 2xx when the event is stored,
// 401 without a valid signature or token, 400 for what cannot be read, and 503 while the
// event cannot be stored.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reply, err := a.takeWebhook(r)
	if err != nil {
		webhook.Refuse(w, r, a.log, err)
		return
	}
	if reply == nil { // the response was sent by a call
		w.WriteHeader(http.StatusAccepted)
		return
	}
	webhook.Answer(w, reply)
}

func (a *Adapter) takeWebhook(r *http.Request) (*response, error) {
	if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
		return nil, err
	}
	body, err := webhook.ReadBody(r, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	if token := r.Header.Get(gatewayHeader); token != "" {
		if err := webhook.CheckSecret(token, a.config.BotToken); err != nil {
			return nil, err
		}
		return nil, a.takeForwarded(r.Context(), body)
	}
	timestamp := r.Header.Get(timestampHeader)
	if err := webhook.CheckEd25519(a.key, r.Header.Get(signatureHeader), []byte(timestamp), body); err != nil {
		return nil, err
	}
	if err := (webhook.Window{}).Check(timestamp, time.Now()); err != nil {
		return nil, err
	}
	i := &interaction{}
	if err := webhook.DecodeJSON(body, i); err != nil {
		return nil, err
	}
	return a.handleInteraction(r.Context(), i, bytes.Clone(body))
}

// takeForwarded takes an event that a listener of the TypeScript SDK forwards.
func (a *Adapter) takeForwarded(ctx context.Context, body []byte) error {
	var f struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := webhook.DecodeJSON(body, &f); err != nil {
		return err
	}
	kind, ok := strings.CutPrefix(f.Type, gatewayPrefix)
	if !ok || kind == "" || len(f.Data) == 0 {
		return bad("the forwarded event has no type that begins with GATEWAY_, or no data")
	}
	sum := sha256.Sum256(body)
	return a.handle(ctx, &dispatched{kind: kind, id: "forwarded:" + hex.EncodeToString(sum[:16]), data: f.Data})
}
