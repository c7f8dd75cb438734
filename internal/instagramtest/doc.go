// Package instagramtest tests the adapter for Instagram against a fake of the platform:
// what differs from Messenger, whose tests are in package messengertest.
package instagramtest
