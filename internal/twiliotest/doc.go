// Package twiliotest tests the adapter for Twilio with bots, against a fake of the
// Messages API.
package twiliotest
