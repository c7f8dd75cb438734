// Package redistest starts real Redis servers for tests.
//
//	srv := redistest.Shared(t)                           // cheap: one server per test process
//	srv.URL(), srv.Addr(), srv.Client(t), srv.Prefix()   // keep to your own prefix
//
//	n := redistest.Standalone(t, redistest.Options{})    // one server for this test
//	n.URL(), n.Addr(), n.Client(t), n.TLSConfig()
//	n.Kill(t); n.Start(t)                                // also Stop, Pause, Unpause, CutFromNetwork, Restore
//
//	ms := redistest.Masters(t, 3, redistest.Options{})   // servers that know nothing of each other
//
//	s := redistest.Sentinel(t, redistest.Options{})      // primary, 2 replicas, 3 Sentinels
//	s.URL(), s.Client(t), s.Primary(t), s.Replicas(t), s.Failover(t), s.WaitReady(t)
//
//	c := redistest.Cluster(t, redistest.Options{})       // 3 masters with 1 replica each; NoReplicas: masters alone
//	c.URL(), c.Client(t), c.MasterOf(t, key), c.Failover(t, master), c.MoveSlot(t, key, to), c.WaitReady(t)
//
//	p := redistest.NewProxy(t, n.Addr())                 // stands in front of a server
//	p.Addr(), p.LoseReply("SET"), p.DropReplies(), p.BlackHole(), p.Delay(d), p.Cut(), p.Heal()
//
//	n.Proxy()                                            // one that a URL leads to, under Sentinel and in a Cluster too: Options.Proxied
//
// Everything is gone when the test ends, also when its process is killed.
//
// # Where servers run
//
// In containers, one for each node, if a Docker engine answers; else as
// redis-server processes of this machine. REDISTEST_PROVIDER forces
// "containers" or "local", REDISTEST_IMAGE names the image. A test that can
// not get its servers fails, and says what to install. Redis 7.0 or newer is
// needed.
//
// The engine may be a remote one or run in a virtual machine: nodes announce
// an address of its host, on ports that are published there, which the test
// and the other nodes reach alike.
//
// # Time
//
// A node is ready when its constructor returns. Tests that wait for a failover
// set Options.FailureTimeout; on a machine with more to do than it can, one of
// 1 s may fail over without a cause, the default of 3 s hardly does. Sentinels
// look at the roles of nodes twice a second here, not every 10 s, so that
// WaitReady need not wait that long.
package redistest
