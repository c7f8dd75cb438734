package pgtest

// Replica starts a standby of the server, which follows it by streaming replication.
func (s *Server) Replica(t TB) *Server {
	t.Helper()
	return open(t, &Server{postgres: s.postgres, options: s.options, primary: s})
}

// Promote makes a primary of a standby, and waits until it is one.
func (s *Server) Promote(t TB) {
	t.Helper()
	s.Exec(t, "SELECT pg_promote(true, 60)")
}
