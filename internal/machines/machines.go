package machines

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// Program is what all machines of a test run.
type Program struct {
	// Name is the executable on a container's PATH, such as "redis-server".
	Name string
	// Path is the executable on this machine.
	Path string
	// Missing says why local processes cannot be had, and what to install. It is nil if
	// they can.
	Missing error
	// Credential is the user of local processes. Default: that of this process.
	Credential *syscall.Credential
	// User is the user in a container. Default: root.
	User string
	// Dir is the folder in a container that its server works in.
	Dir string
	// StopSignal lets the server shut down. Default: SIGTERM.
	StopSignal syscall.Signal
	// KillSignal ends it at once. Default: SIGKILL.
	KillSignal syscall.Signal
	// ProviderEnv names the environment variable that forces a provider, "containers"
	// or "local".
	ProviderEnv string
	// ImageEnv names the environment variable that names the image of containers.
	ImageEnv string
	// DefaultImage is what containers run otherwise.
	DefaultImage string
	// MakeImage is the command that makes an image without a registry.
	MakeImage string
}

func (p Program) withDefaults() Program {
	if p.StopSignal == 0 {
		p.StopSignal = syscall.SIGTERM
	}
	if p.KillSignal == 0 {
		p.KillSignal = syscall.SIGKILL
	}
	if p.User == "" {
		p.User = "0"
	}
	return p
}

// image is what containers run.
func (p Program) image() string {
	if image := os.Getenv(p.ImageEnv); image != "" {
		return image
	}
	return p.DefaultImage
}

// Provider runs servers: in containers or as processes of this machine.
type Provider interface {
	// Open prepares what the machines of one topology share, with the files of local
	// ones below dir. Connected machines speak to each other. Cuttable ones can be cut
	// from the network.
	Open(ctx context.Context, dir string, connected, cuttable bool) (Site, error)
}

// Site is where the servers of one topology run.
type Site interface {
	// Host is the address at which the test and every server reach all servers.
	Host() string
	// Place reserves the addresses of one more server; bus says whether it has a
	// second port, such as a Redis Cluster's bus.
	Place(name string, bus bool) (*Place, error)
	// Run makes a machine with these files in its folder and starts the program with
	// args.
	Run(ctx context.Context, p *Place, files map[string]string, args []string) (Machine, error)
	// Close removes what Open made. All machines are removed by then.
	Close(ctx context.Context) error
}

// Place is where one server runs.
type Place struct {
	name string
	Dir  string // the server's folder, as it sees it
	Bind string // the address that it listens on

	Port, BusPort             int    // at which others reach it, on Site.Host()
	ListenPort, ListenBusPort int    // at which it listens
	Source                    string // the address its own connections come from; "" for any

	reserved []*Port
}

// reserve gives the place its ports, with listening ports equal to those that
// others use.
func (p *Place) reserve(bus bool) error {
	client, err := p.ReservePort()
	if err != nil {
		return err
	}
	p.Port, p.ListenPort = client, client
	if !bus {
		return nil
	}
	peer, err := p.ReservePort()
	if err != nil {
		p.Release()
		return err
	}
	p.BusPort, p.ListenBusPort = peer, peer
	return nil
}

// ReservePort reserves one more port, until Release.
func (p *Place) ReservePort() (int, error) {
	reserved, err := ReservePort()
	if err != nil {
		return 0, err
	}
	p.reserved = append(p.reserved, reserved)
	return reserved.Number, nil
}

// Release gives the ports back.
func (p *Place) Release() {
	for _, r := range p.reserved {
		r.Release()
	}
}

// Machine is what one server runs on.
type Machine interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error // lets the server shut down
	Kill(ctx context.Context) error // ends it at once
	Pause(ctx context.Context) error
	Unpause(ctx context.Context) error
	Cut(ctx context.Context) error // from the network
	Restore(ctx context.Context) error
	Exited(ctx context.Context) bool
	Log(ctx context.Context) string
	Remove(ctx context.Context) error
}

// Choose returns the provider that the environment names, or containers if an engine
// answers, or local processes.
func Choose(p Program) (Provider, error) {
	p = p.withDefaults()
	switch want := os.Getenv(p.ProviderEnv); want {
	case "local":
		return newLocal(p)
	case "containers":
		return newContainers(p)
	case "":
	default:
		return nil, fmt.Errorf("%s is %q, want \"containers\" or \"local\"", p.ProviderEnv, want)
	}
	if c, err := newContainers(p); err == nil {
		return c, nil
	}
	return newLocal(p)
}
