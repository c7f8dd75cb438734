package redistest

import (
	"fmt"
	"strings"
	"time"
)

// Options says what servers a test wants. The zero value is plain Redis: no
// TLS, no password, data kept when a node stops and starts again.
type Options struct {
	// Replicas is the number of replicas of each master. Default: 2 under
	// Sentinel, 1 in a Cluster. Other topologies have none.
	Replicas int

	// NoReplicas asks for masters alone, where Replicas would have a default.
	NoReplicas bool

	// TLS serves TLS only, with a certificate of an authority that is made for
	// the test. Default: plain TCP.
	TLS bool

	// ClientCertificates makes the servers refuse a client that shows no
	// certificate of the test's authority. It implies TLS. Default: none asked.
	ClientCertificates bool

	// Password is that of the user "default", who may do everything. Default:
	// none.
	Password string

	// Users are further users. Default: none.
	Users []User

	// Config holds further lines of redis.conf for the data nodes, such as
	// "min-replicas-to-write 1". They come last, so they win. Default: none.
	Config []string

	// Volatile nodes write nothing to disk: one that stops comes back empty.
	// Default: each write is in the append-only file before it is answered.
	Volatile bool

	// FailureTimeout is the time without a sign of life after which Sentinel or
	// the Cluster takes a node for dead. Default: 3 s, so that a busy machine
	// does not fail over by itself. Tests of failover want about 1 s.
	FailureTimeout time.Duration

	// Cuttable prepares local processes for [Node.CutFromNetwork]: everything
	// that a node says and hears then goes through a relay in the test's
	// process. Containers need no preparation. Default: direct connections.
	Cuttable bool

	// Proxied puts a [Proxy] before each data node, at the address that the node
	// announces: clients and other nodes reach it through that. A Docker engine
	// must run on this machine. Default: direct connections.
	Proxied bool
}

// User is a Redis user other than "default".
type User struct {
	Name     string
	Password string
	// Rules are ACL rules such as "~app:* +@read -@dangerous".
	Rules string
}

const defaultFailureTimeout = 3 * time.Second

// withDefaults returns the options as a topology uses them. replicas is its
// default number of replicas.
func (o Options) withDefaults(replicas int) (Options, error) {
	if o.Replicas < 0 {
		return o, fmt.Errorf("Options.Replicas is %d, want 0 or more", o.Replicas)
	}
	if o.NoReplicas && o.Replicas > 0 {
		return o, fmt.Errorf("Options.NoReplicas is set together with Options.Replicas %d, want one of them", o.Replicas)
	}
	if o.Proxied && o.Cuttable {
		return o, fmt.Errorf("Options.Proxied is set together with Options.Cuttable, want one of them")
	}
	if o.FailureTimeout < 0 {
		return o, fmt.Errorf("Options.FailureTimeout is %v, want 0 or more", o.FailureTimeout)
	}
	if o.Replicas == 0 && !o.NoReplicas {
		o.Replicas = replicas
	}
	if o.FailureTimeout == 0 {
		o.FailureTimeout = defaultFailureTimeout
	}
	o.TLS = o.TLS || o.ClientCertificates
	if strings.ContainsAny(o.Password, " \t\r\n\"'") {
		return o, fmt.Errorf("Options.Password has a space or a quote, which redis.conf does not take")
	}
	for i, u := range o.Users {
		if u.Name == "" || u.Name == "default" || strings.ContainsAny(u.Name+u.Password, " \t\r\n\"'") {
			return o, fmt.Errorf("Options.Users[%d] is named %q, want a name other than \"default\", and no space or quote in name and password", i, u.Name)
		}
	}
	for i, line := range o.Config {
		if strings.ContainsAny(line, "\r\n") {
			return o, fmt.Errorf("Options.Config[%d] has a line break, want one line of redis.conf", i)
		}
	}
	return o, nil
}
