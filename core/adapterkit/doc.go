// Package adapterkit has what platform adapters have in common, so that an adapter contains
// only what is special to its platform. It depends on the other packages of core and on the
// standard library.
//
// # By task
//
//	read and verify a webhook, record it for tests     package webhook
//	call the platform, wait as it asks, fetch files    package platform
//	split, convert and lay out texts and cards         package format
//	keep installations and their tokens, OAuth         package credential
//	remember users and channels                        Lookup, Cache
//	handle the events of a connection in order         Lanes
//	post, edit and delete posts of several messages    Parts
//	post a stream where messages cannot be edited      PostStream
//	wait for the rate limit in the middle of a call    Retry
//	keep a button's id and value that are too long     Buttons
//	encode ids and decode them                         IDFormat
//
// Types that use the bot's state are made in the adapter's Attach, which gets the host.
// Keys in the state begin with the adapter's name. The times are the defaults:
//
//	{adapter}:parts:{message id}        the further messages of a long post    30 days
//	{adapter}:button:{token}            a button's id and value                30 days
//	{adapter}:oauth-state:{nonce}       a state parameter that was used        10 minutes
//	{LookupConfig.Prefix}{key}          a value that the platform returned     a day
//	{adapter}:installation:{id}         an app's installation and tokens       for ever
//	lock {adapter}:installation:{id}    the instance that exchanges its token  30 s
package adapterkit
