// Package adapterkit has what every platform adapter needs, so that an adapter is about
// its platform alone. It depends on package chat and the standard library.
//
// # By task
//
//	read and verify a webhook, record it for tests     package webhook
//	call the platform, wait as it asks, fetch files    package platform
//	split, convert and lay out texts and cards         package format
//	keep installations and their tokens, OAuth         package credential
//	remember users and channels                        Lookup, Cache
//	keep the order of what a connection brings         Lanes
//	post what is longer than one message               Parts
//	post a stream where messages cannot be edited      PostStream
//	wait for the rate limit in the middle of a call    Retry
//	keep a button's id and value that are too long     Buttons
//	put ids together and take them apart               IDFormat
//
// What needs the bot's state is made in the adapter's Attach, with its host. Keys in
// the state begin with the adapter's name:
//
//	{adapter}:parts:{message id}        the further messages of a long post  30 days
//	{adapter}:button:{token}            a button's id and value              30 days
//	{adapter}:oauth-state:{nonce}       a state parameter that was used      10 minutes
//	{LookupConfig.Prefix}{key}          what the platform said               a day
//	{adapter}:installation:{id}         an app's installation and tokens     for ever
//	lock {adapter}:installation:{id}    who exchanges its token              30 s
package adapterkit
