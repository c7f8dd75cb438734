// Package platform makes an adapter's calls to its platform. Calls have JSON in both
// directions, and limits of time and size. Failures are *[chat.PlatformError] with the time
// to wait. Files are fetched only from hosts that the adapter names. No error contains an
// address, which may be a secret, or one of ClientConfig.Secrets.
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
//	classify answers of the platform               ClientConfig.Refused, Refusal
//	classify error codes of the platform           ParseCodes
//	fetch a file that a user sent                  Downloader.Open
//	classify what another client library returned  CodeOf, RetryAfter, StatusError, TransportError, WithoutURL
package platform
