// Package webhook reads what platforms send: bodies within a bound, signatures,
// forms and JSON. It also records webhooks as files that tests replay.
//
// A ServeHTTP of an adapter reads from top to bottom:
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
// # Which proof a platform sends
//
//	an HMAC of the body, in hexadecimal digits or base64   HMAC
//	the same with a time that must be recent               HMAC and Window
//	an Ed25519 signature (Discord)                         CheckEd25519
//	a secret that is always the same (Telegram)            CheckSecret
//	a question when the webhook is set up (Meta, WebSub)   HubChallenge
//	what a check of the program's own finds                Unauthorized
//
// If no secret is configured, every request is refused.
package webhook
