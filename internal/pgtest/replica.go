package pgtest

// Replica starts a standby of the server, which follows it by streaming replication.
func (s *Server) Replica(t TB) *Server {
	t.Helper()
	r, err := newServer(s.programs, s.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	err = s.programs.run(r.dir, "pg_basebackup", "--pgdata=data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--dbname="+s.URL())
	if err == nil {
		err = r.run()
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Promote makes a primary of a standby, and waits until it is one.
func (s *Server) Promote(t TB) {
	t.Helper()
	s.Exec(t, "SELECT pg_promote(true, 60)")
}
