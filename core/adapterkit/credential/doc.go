// Package credential keeps the credentials of an adapter: the installations of an app in many
// workspaces, with tokens that are encrypted in the state and renewed before they expire. It
// also serves the pages by which users install the app with OAuth.
//
//	store an installation, with a token that is valid      Installations
//	encrypt tokens, rotate the keys                        ParseKeyring, Keyring
//	serve the pages by which a user installs the app       Installer
//	make and check the state parameter of OAuth            OAuthState
//
// The format of encrypted tokens is that of the TypeScript SDK.
package credential
