// Package gchattest tests the adapter for Google Chat against a fake of its API.
package gchattest
