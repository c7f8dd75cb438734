package redistest

// Standalone starts one server.
func Standalone(t TB, o Options) *Node {
	t.Helper()
	return Masters(t, 1, o)[0]
}

// Masters starts count servers that know nothing of each other, as a lock by
// majority wants them.
func Masters(t TB, count int, o Options) []*Node {
	t.Helper()
	o, err := o.withDefaults(0)
	must(t, err)
	if count < 1 || o.Replicas > 0 {
		t.Fatalf("redistest: %d masters with %d replicas each, want 1 or more without replicas", count, o.Replicas)
	}
	g := openGroup(t, o, false)
	nodes, err := g.placeMany("redis", count, dataNode)
	must(t, err)
	must(t, inParallel(nodes, func(n *Node) error {
		return g.run(t.Context(), n, g.serverConfig(n))
	}))
	return nodes
}
