// Package webhook reads the requests of platforms: it limits bodies, checks signatures, and
// decodes forms and JSON. It also records webhooks in files that tests replay.
//
// The ServeHTTP of an adapter makes these calls, in this order:
//
//	func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
//		if err := a.take(r); err != nil {
//			webhook.Refuse(w, r, a.host.Logger(), err) // the reason goes to the log, not to the sender
//		}
//	}
//
//	func (a *Adapter) take(r *http.Request) error {
//		if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
//			return err
//		}
//		body, err := webhook.ReadBody(r, 1<<20)
//		if err != nil {
//			return err
//		}
//		if err := a.signature.Check(r.Header.Get("X-Hub-Signature-256"), body); err != nil {
//			return err
//		}
//		var update update
//		if err := webhook.DecodeJSON(body, &update); err != nil {
//			return err
//		}
//		_, err = a.host.Deliver(r.Context(), a.message(&update))
//		return err
//	}
//
// # How a platform authenticates its requests
//
//	by an HMAC of the body, in hexadecimal digits or base64   HMAC
//	by an HMAC of the body and a timestamp                    HMAC and Window
//	by an Ed25519 signature (Discord)                         CheckEd25519
//	by a secret in each request (Telegram)                    CheckSecret
//	by a request when the webhook is set up (Meta, WebSub)    HubChallenge
//	by a check of the program itself                          Unauthorized
//
// If no secret is configured, every request is refused.
package webhook
