package redistest

import "fmt"

// serverConfig returns redis.conf for a data node. extra lines are those of
// its topology.
func (g *group) serverConfig(n *Node, extra ...string) []string {
	o := g.options
	lines := g.commonConfig(n)
	lines = append(lines,
		`save ""`,
		"enable-debug-command yes",
		// A replica that is 5 s late, the default, could not be promoted before.
		"repl-diskless-sync-delay 0",
	)
	if o.Volatile {
		lines = append(lines, "appendonly no")
	} else {
		// A write waits for no fsync in the background, as it would by default: so it
		// is in the file, if not on the disk, when the server is killed.
		lines = append(lines, "appendonly yes", "appendfsync no")
	}
	if o.Password != "" {
		lines = append(lines, "requirepass "+o.Password, "masterauth "+o.Password)
	}
	for _, u := range o.Users {
		lines = append(lines, fmt.Sprintf("user %s on >%s %s", u.Name, u.Password, u.Rules))
	}
	lines = append(lines, extra...)
	return append(lines, o.Config...)
}

// commonConfig is what data nodes and Sentinels share.
func (g *group) commonConfig(n *Node) []string {
	p := n.place
	lines := []string{
		"daemonize no",
		"dir " + p.Dir,
		"bind " + p.Bind,
		"protected-mode no",
	}
	if p.Source != "" {
		lines = append(lines, "bind-source-addr "+p.Source)
	}
	if g.certs == nil {
		return append(lines, fmt.Sprintf("port %d", p.ListenPort))
	}
	return append(lines, "port 0", fmt.Sprintf("tls-port %d", p.ListenPort),
		"tls-cert-file "+p.Dir+"/"+certFile,
		"tls-key-file "+p.Dir+"/"+keyFile,
		"tls-ca-cert-file "+p.Dir+"/"+caFile,
		"tls-auth-clients "+yesNo(g.options.ClientCertificates),
		"tls-replication yes",
		"tls-cluster yes",
	)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
