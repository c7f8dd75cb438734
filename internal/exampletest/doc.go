// Package exampletest runs the example bot as a process of its own, as a person
// would, and tests it with several processes on one Redis.
package exampletest
