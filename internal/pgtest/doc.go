// Package pgtest starts real Postgres servers for tests, as processes of this machine.
//
//	srv := pgtest.Shared(t)                            // cheap: one server per test process
//	srv.URL(), srv.Addr(), srv.Pool(t), pgtest.Prefix() // keep to your own prefix
//
//	s := pgtest.Start(t, pgtest.Options{})             // a server for this test
//	s.Kill(t); s.Run(t)                                // as in a crash, and again
//	r := s.Replica(t); s.Kill(t); r.Promote(t)
//	s.UseTLS(t)                                        // and the file of the authority
//	s.Bouncer(t)                                       // a PgBouncer in transaction mode
//
// The programs are those on PATH, or Debian's in /usr/lib/postgresql. On a machine
// that has none a test is skipped, unless PGTEST_REQUIRED is set: then it fails.
// Postgres does not run as root, so root's servers run as the user postgres. Servers
// and their folders are gone when the test ends, also when its process is killed.
package pgtest
