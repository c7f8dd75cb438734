// Package platform makes an adapter's calls to its platform: JSON in and out within
// bounds of time and size, failures as *[chat.PlatformError] with how long to wait,
// and files from hosts that the adapter names. No error of it holds an address,
// which may be a secret, or a secret that it was told of.
//
//	client, err := platform.NewClient(platform.ClientConfig{
//		Adapter: "telegram",
//		BaseURL: "https://api.telegram.org/bot" + token + "/",
//		Secrets: []string{token},
//		Refused: refused, // reads {"ok": false, "description": …}
//	})
//	…
//	var sent message
//	_, err = client.Do(ctx, platform.Call{Op: "sendMessage", Path: "sendMessage", Body: request, Into: &sent})
//
// # By task
//
//	call a method                                  Client.Do with a Call
//	send a form, or files in one                   Call.Body: url.Values, Multipart
//	tell what an answer means                      ClientConfig.Refused, Refusal
//	fetch a file that somebody sent                Downloader.Open
//	map what another client library returned       CodeOf, RetryAfter, StatusError, TransportError, WithoutURL
//	tell what a platform's own error codes mean    ParseCodes
package platform
