// Package pgtest starts real Postgres servers for tests.
//
//	srv := pgtest.Shared(t)                            // cheap: one server per test process
//	srv.URL(), srv.Addr(), srv.Pool(t), pgtest.Prefix() // keep to your own prefix
//
//	s := pgtest.Start(t, pgtest.Options{})             // a server for this test
//	s.Kill(t); s.Run(t)                                // as in a crash, and again
//	r := s.Replica(t); s.Kill(t); r.Promote(t)
//	s.CAFile()                                         // of the authority of a server with Options.TLS
//	s.Bouncer(t)                                       // a PgBouncer of this machine in transaction mode
//
// Servers run in containers, if a Docker engine answers; else as processes of this
// machine, of the programs on PATH or Debian's in /usr/lib/postgresql. PGTEST_PROVIDER
// forces "containers" or "local", PGTEST_IMAGE names the image. On a machine that has
// none a test is skipped, unless PGTEST_REQUIRED is set: then it fails. Postgres does
// not run as root, so root's servers run as the user postgres. Servers and their
// folders are gone when the test ends, also when its process is killed.
package pgtest
