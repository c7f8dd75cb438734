// Package githubtest tests the GitHub adapter against a fake GitHub.
package githubtest
