package redistest

import (
	"context"
	"fmt"
	"os"
	"sync"
)

// Names of the environment variables that choose where servers run.
const (
	// ProviderEnv forces a provider: "containers" or "local".
	ProviderEnv = "REDISTEST_PROVIDER"
	// ImageEnv names the image that containers run.
	ImageEnv = "REDISTEST_IMAGE"
)

// provider runs nodes: as containers or as local processes.
type provider interface {
	// open prepares what the nodes of one topology share. connected nodes speak
	// to each other.
	open(ctx context.Context, dir string, connected, cuttable bool) (site, error)
}

// site is where the nodes of one topology run.
type site interface {
	// host is the address at which the test and every node reach all nodes.
	host() string
	// place reserves the addresses of one more node; bus says whether it has a
	// Cluster bus.
	place(name string, bus bool) (*place, error)
	// run creates a node with these files in its folder and starts
	// redis-server with args.
	run(ctx context.Context, p *place, files map[string]string, args []string) (machine, error)
	// close removes what open made. All machines are removed by then.
	close(ctx context.Context) error
}

// place is where one node runs.
type place struct {
	name string
	dir  string // the node's folder, as its server sees it
	bind string // the address that its server listens on

	port, busPort             int    // at which others reach it, on site.host()
	listenPort, listenBusPort int    // at which its server listens
	source                    string // the address its own connections come from; "" for any

	reserved []*port
}

// reserve gives the place its ports, with listening ports equal to those that
// others use.
func (p *place) reserve(bus bool) error {
	client, err := p.reservePort()
	if err != nil {
		return err
	}
	p.port, p.listenPort = client, client
	if !bus {
		return nil
	}
	peer, err := p.reservePort()
	if err != nil {
		p.release()
		return err
	}
	p.busPort, p.listenBusPort = peer, peer
	return nil
}

func (p *place) reservePort() (int, error) {
	reserved, err := reservePort()
	if err != nil {
		return 0, err
	}
	p.reserved = append(p.reserved, reserved)
	return reserved.number, nil
}

func (p *place) release() {
	for _, r := range p.reserved {
		r.release()
	}
}

// machine is what a node runs on.
type machine interface {
	start(ctx context.Context) error
	stop(ctx context.Context) error // lets the server shut down
	kill(ctx context.Context) error // SIGKILL
	pause(ctx context.Context) error
	unpause(ctx context.Context) error
	cut(ctx context.Context) error
	restore(ctx context.Context) error
	exited(ctx context.Context) bool
	log(ctx context.Context) string
	remove(ctx context.Context) error
}

const installHint = "install redis-server 7.0 or newer (Debian: apt-get install redis-server) " +
	"or start a Docker engine; " + ProviderEnv + "=local or " + ProviderEnv + "=containers chooses one"

// chosen is the provider of this process, found once.
var chosen = sync.OnceValues(chooseProvider)

func chooseProvider() (provider, error) {
	switch want := os.Getenv(ProviderEnv); want {
	case "local":
		return newLocal()
	case "containers":
		return newContainers()
	case "":
	default:
		return nil, fmt.Errorf("%s is %q, want \"containers\" or \"local\"", ProviderEnv, want)
	}
	if p, err := newContainers(); err == nil {
		return p, nil
	}
	return newLocal()
}
