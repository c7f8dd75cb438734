// Package credential keeps an adapter's credentials: tokens encrypted in the state,
// the state parameter of OAuth, and one instance at a time that refreshes a token.
//
//	encrypt tokens as the TypeScript SDK does, and rotate keys   ParseKey, Keyring
//	send a browser to the platform's consent page and take it back  OAuthState
//	exchange a token that is about to end, once for all instances   Refresher
package credential
