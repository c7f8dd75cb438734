// Package messengertest tests the adapter for Messenger against a fake of the platform.
package messengertest
