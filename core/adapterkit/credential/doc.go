// Package credential keeps an adapter's credentials: the installations of an app in
// many workspaces, with tokens that are encrypted in the state and renewed before they
// expire, and the pages with which users install the app by OAuth.
//
//	keep an installation, with a token that works         Installations
//	encrypt tokens as the TypeScript SDK does, rotate keys  ParseKeyring, Keyring
//	serve the pages with which a user installs the app    Installer
//	send a browser away and know it when it is back       OAuthState
package credential
