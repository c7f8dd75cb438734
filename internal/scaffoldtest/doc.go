// Package scaffoldtest builds, tests and runs the bots that chatgo new makes.
package scaffoldtest
