// Package whatsapptest tests the adapter for WhatsApp with bots, against a fake of the
// Cloud API.
package whatsapptest
