// Package fakewhatsapp is the Cloud API in memory: it checks every argument of a call
// against WhatsApp's documentation, refuses as WhatsApp does, and reads back what a
// message shows by WhatsApp's rules.
//
// https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/whatsapp-business-phone-number/message-api
package fakewhatsapp
