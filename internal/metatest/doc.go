// Package metatest attacks the adapters for WhatsApp, Messenger and Instagram with what
// Meta would never send, and what it does on its worst days. The cases come from Meta's
// documentation and from what the packages promise, and know nothing of their code.
package metatest
