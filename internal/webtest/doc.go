// Package webtest tests the web adapter over HTTP, with whole bots behind it.
package webtest
