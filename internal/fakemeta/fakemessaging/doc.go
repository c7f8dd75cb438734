// Package fakemessaging is a fake of the Messenger Platform, for the tests of Messenger's
// and Instagram's adapters. It is made from what Meta documents: each rule in check.go has
// its address. A call that breaks one fails the test.
package fakemessaging
