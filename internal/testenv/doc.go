// Command testenv sets up what tests need and then runs a command in its place:
//
//	go run ./internal/testenv cc redis -- go test -race ./internal/conformance
//
// The words before the dashes are what is needed:
//
//   - cc: a C compiler, which the race detector needs.
//   - redis: servers for package redistest. They come from containers if a Docker
//     engine answers, else from the redis-server of this machine.
//     REDISTEST_PROVIDER=containers or local forces one, and REDISTEST_IMAGE names
//     the image.
//   - postgres: servers for package pgtest, from containers or from Postgres's
//     programs on this machine, as PGTEST_PROVIDER and PGTEST_IMAGE say. Its tests
//     fail then, instead of being skipped, if they get no server.
//   - browser: Chromium.
//   - node: Node.js and npm.
//
// What is missing is named with the reason, all of it, before anything is
// installed: with apt-get as root on Debian and its relatives; Node.js from the
// npm registry, for anybody. What cannot be installed here is an error.
package main
