// Package faketwilio is a fake of Twilio's Messages API: it takes what the documentation
// allows, and refuses the rest with the documented codes. A call that it refuses for its
// arguments fails the test.
//
// https://www.twilio.com/docs/messaging/api/message-resource
package faketwilio
