// Package doctest checks the documents of the repository: their Go code compiles and
// their programs run, and their links lead to something.
package doctest
