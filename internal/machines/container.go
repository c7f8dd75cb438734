package machines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"
)

const (
	engineTimeout = 3 * time.Second

	ryukDisabledEnv = "TESTCONTAINERS_RYUK_DISABLED"
)

// containers runs each node in a container of its own.
//
// A node is published on a port of the engine's host and listens on the same
// port inside, so that one address serves the test and the other nodes alike:
// that of the host, which they announce. A proxied node announces that of its
// proxy, which the test's process opens there.
type containers struct {
	docker  *testcontainers.DockerClient
	program Program
}

func newContainers(program Program) (Provider, error) {
	tclog.SetDefault(tclog.NewNoopLogger()) // it would describe the engine in every test's output
	// Our reaper removes what is left, and needs no image of its own.
	if _, set := os.LookupEnv(ryukDisabledEnv); !set {
		_ = os.Setenv(ryukDisabledEnv, "true")
	}
	ctx, cancel := context.WithTimeout(context.Background(), engineTimeout)
	defer cancel()
	docker, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err == nil {
		_, err = docker.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true})
	}
	if err != nil {
		return nil, fmt.Errorf("no Docker engine answers (%w), which %s=containers asks for", err, program.ProviderEnv)
	}
	return &containers{docker: docker, program: program}, nil
}

func (c *containers) Open(ctx context.Context, _ string, connected, _ bool) (Site, error) {
	s := &containerSite{docker: c.docker, program: c.program, network: "bridge"}
	if connected {
		name := "chat-go-test-" + uuid.NewString()
		created, err := c.docker.NetworkCreate(ctx, name, client.NetworkCreateOptions{
			Driver: "bridge",
			Labels: testcontainers.GenericLabels(),
		})
		if err != nil {
			return nil, fmt.Errorf("create a container network: %w", err)
		}
		s.network, s.networkID = name, created.ID
		if s.forget, err = ReapLater(Network, created.ID); err != nil {
			return nil, errors.Join(err, s.Close(ctx))
		}
	}
	var err error
	if s.address, err = s.findHost(ctx, connected); err != nil {
		return nil, errors.Join(err, s.Close(ctx))
	}
	return s, nil
}

type containerSite struct {
	docker    *testcontainers.DockerClient
	program   Program
	address   string
	network   string
	networkID string // of a network made for this site, else ""
	forget    func()
}

func (s *containerSite) Host() string { return s.address }

// findHost finds an address of the engine's host: one that the test reaches
// and, for connected nodes, that containers reach too. The loopback address
// would lead a container to itself.
func (s *containerSite) findHost(ctx context.Context, connected bool) (string, error) {
	result, err := s.docker.NetworkInspect(ctx, s.network, client.NetworkInspectOptions{})
	if err != nil {
		return "", fmt.Errorf("look at container network %s: %w", s.network, err)
	}
	gateway, here := bridgeOfThisHost(result.Network)
	if here {
		if connected {
			return gateway, nil
		}
		return loopback, nil
	}
	p, err := testcontainers.NewDockerProvider()
	if err != nil {
		return "", err
	}
	name, err := p.DaemonHost(ctx)
	if err != nil {
		return "", fmt.Errorf("find the Docker engine's host: %w", err)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", name)
	if err != nil {
		return "", fmt.Errorf("find the Docker engine's host: %w", err)
	}
	if !connected || !ips[0].IsLoopback() {
		return ips[0].String(), nil
	}
	// The engine runs in a virtual machine of this host, as Docker Desktop's
	// does. Its containers reach the host's own address.
	return outboundAddress(ctx)
}

// bridgeOfThisHost reports whether the network's bridge is an interface of the
// machine that the test runs on, and its address there.
func bridgeOfThisHost(n network.Inspect) (gateway string, here bool) {
	for _, c := range n.IPAM.Config {
		if isLocal(c.Gateway) {
			return c.Gateway.String(), true
		}
	}
	// The default bridge does not always show its gateway.
	_, err := net.InterfaceByName(n.Options["com.docker.network.bridge.name"])
	return loopback, err == nil
}

func isLocal(ip netip.Addr) bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr() == ip {
			return true
		}
	}
	return false
}

// outboundAddress is the local address of the default route. Nothing is sent.
func outboundAddress(ctx context.Context) (string, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "udp4", "192.0.2.1:9")
	if err != nil {
		return "", fmt.Errorf("find an address of this host that containers reach: %w", err)
	}
	defer func() { _ = conn.Close() }()
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	return host, err
}

func (s *containerSite) Place(name string, bus bool) (*Place, error) {
	p := &Place{name: name, Dir: s.program.Dir, Bind: "0.0.0.0"}
	return p, p.reserve(bus)
}

func (s *containerSite) Run(ctx context.Context, p *Place, files map[string]string, args []string) (Machine, error) {
	mode := int64(0o600)
	if s.program.User != "0" {
		mode = 0o644 // what is copied belongs to root
	}
	var copies []testcontainers.ContainerFile
	for name, text := range files {
		copies = append(copies, testcontainers.ContainerFile{
			Reader:            strings.NewReader(text),
			ContainerFilePath: s.program.Dir + "/" + name,
			FileMode:          mode,
		})
	}
	ports := network.PortMap{}
	var exposed []string
	for _, number := range []int{p.ListenPort, p.ListenBusPort} {
		if number == 0 {
			continue
		}
		name := strconv.Itoa(number) + "/tcp"
		parsed, err := network.ParsePort(name)
		if err != nil {
			return nil, err
		}
		ports[parsed] = []network.PortBinding{{HostPort: strconv.Itoa(number)}}
		exposed = append(exposed, name)
	}
	request := testcontainers.ContainerRequest{
		Image:        s.program.image(),
		Entrypoint:   []string{s.program.Name},
		Cmd:          args,
		Files:        copies,
		ExposedPorts: exposed,
		ConfigModifier: func(c *container.Config) {
			c.WorkingDir = s.program.Dir
			c.User = s.program.User
			c.StopSignal = strconv.Itoa(int(s.program.StopSignal))
		},
		HostConfigModifier: func(h *container.HostConfig) { h.PortBindings = ports },
	}
	if s.networkID != "" {
		request.Networks = []string{s.network}
	}
	made, err := testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		ContainerRequest: request,
		Logger:           tclog.NewNoopLogger(),
	})
	if err != nil {
		return nil, fmt.Errorf("make a container from image %s: %w (%s names another image, %s makes one, %s=local does without)",
			s.program.image(), err, s.program.ImageEnv, s.program.MakeImage, s.program.ProviderEnv)
	}
	m := &containerMachine{program: s.program, docker: s.docker, container: made, id: made.GetContainerID(), network: s.network}
	if m.forget, err = ReapLater(Container, m.id); err != nil {
		return nil, errors.Join(err, m.Remove(ctx))
	}
	if err := m.Start(ctx); err != nil {
		return nil, errors.Join(err, m.Remove(ctx))
	}
	return m, nil
}

func (s *containerSite) Close(ctx context.Context) error {
	if s.networkID == "" {
		return nil
	}
	_, err := s.docker.NetworkRemove(ctx, s.networkID, client.NetworkRemoveOptions{})
	if err == nil && s.forget != nil {
		s.forget()
	}
	return err
}

type containerMachine struct {
	program   Program
	docker    *testcontainers.DockerClient
	container testcontainers.Container
	id        string
	network   string
	forget    func()
}

func (m *containerMachine) Start(ctx context.Context) error {
	_, err := m.docker.ContainerStart(ctx, m.id, client.ContainerStartOptions{})
	return err
}

func (m *containerMachine) Stop(ctx context.Context) error {
	seconds := 20
	_, err := m.docker.ContainerStop(ctx, m.id, client.ContainerStopOptions{Timeout: &seconds})
	return err
}

func (m *containerMachine) Kill(ctx context.Context) error {
	if m.Exited(ctx) {
		return nil
	}
	_, err := m.docker.ContainerKill(ctx, m.id, client.ContainerKillOptions{Signal: strconv.Itoa(int(m.program.KillSignal))})
	if err != nil {
		return err
	}
	// The engine answers when the signal is sent, not when the server has ended.
	wait := m.docker.ContainerWait(ctx, m.id, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select {
	case err := <-wait.Error:
		return err
	case <-wait.Result:
		return nil
	}
}

func (m *containerMachine) Pause(ctx context.Context) error {
	_, err := m.docker.ContainerPause(ctx, m.id, client.ContainerPauseOptions{})
	return err
}

func (m *containerMachine) Unpause(ctx context.Context) error {
	_, err := m.docker.ContainerUnpause(ctx, m.id, client.ContainerUnpauseOptions{})
	return err
}

func (m *containerMachine) Cut(ctx context.Context) error {
	_, err := m.docker.NetworkDisconnect(ctx, m.network, client.NetworkDisconnectOptions{Container: m.id, Force: true})
	return err
}

func (m *containerMachine) Restore(ctx context.Context) error {
	_, err := m.docker.NetworkConnect(ctx, m.network, client.NetworkConnectOptions{Container: m.id})
	return err
}

func (m *containerMachine) Exited(ctx context.Context) bool {
	inspected, err := m.docker.ContainerInspect(ctx, m.id, client.ContainerInspectOptions{})
	return err == nil && !inspected.Container.State.Running
}

func (m *containerMachine) Log(ctx context.Context) string {
	logs, err := m.container.Logs(ctx)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = logs.Close() }()
	text, err := io.ReadAll(logs)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (m *containerMachine) Remove(ctx context.Context) error {
	_, err := m.docker.ContainerRemove(ctx, m.id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err == nil && m.forget != nil {
		m.forget()
	}
	return err
}
