// Package meta has what WhatsApp, Messenger and Instagram share, as platforms of Meta:
// how their webhooks are verified, proven and taken apart, and how the Graph API is
// called and refuses. It is for these adapters alone.
//
//	take a webhook, verification included                   Webhook.Take
//	take a list in it part by part                          Each
//	call the Graph API                                      NewClient
//	tell what it says in a refusal                          Error
//	which hosts have files that people send                 FileHosts
//
// A ServeHTTP of an adapter:
//
//	func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
//		a.webhook.Take(w, r, a.log, func(ctx context.Context, d *meta.Delivery, entry json.RawMessage) error {
//			var e struct{ Changes []json.RawMessage }
//			if err := webhook.DecodeJSON(entry, &e); err != nil {
//				return err
//			}
//			return meta.Each(d, e.Changes, func(c *change, raw json.RawMessage) error { … a.host.Deliver(ctx, …) })
//		})
//	}
//
// # Batches
//
// Meta puts entries into one delivery as it likes, in any order, and delivers all of it
// again, for up to seven days, unless it is answered 200. So each part is decoded and
// delivered by itself. What can never be taken stops no other part; the answer is 400
// only if nothing else was taken, since the others would come again with it long after
// the bot has forgotten them. What can be taken later ends the delivery, so that
// nothing overtakes it: the answer is 503, and the bot knows what it has stored by its
// ids, for Config.Storage.DedupeTTL. What is only unknown is no failure: an adapter
// delivers it as a [chat.PlatformEvent].
//
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started
package meta
