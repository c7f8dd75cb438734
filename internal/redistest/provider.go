package redistest

import (
	"errors"
	"os/exec"
	"sync"

	"github.com/chat-adapter/chat-go/internal/machines"
)

// Names of the environment variables that choose where servers run.
const (
	// ProviderEnv forces a provider: "containers" or "local".
	ProviderEnv = "REDISTEST_PROVIDER"
	// ImageEnv names the image that containers run.
	ImageEnv = "REDISTEST_IMAGE"
)

// DefaultImage runs in containers unless [ImageEnv] names another. Any image
// with redis-server 7.0 or newer on its PATH will do.
const DefaultImage = "redis:7.2-alpine"

const loopback = "127.0.0.1"

// chosen is the provider of this process, found once.
var chosen = sync.OnceValues(func() (machines.Provider, error) {
	p := machines.Program{
		Name: "redis-server", Dir: "/data", ProviderEnv: ProviderEnv, ImageEnv: ImageEnv,
		DefaultImage: DefaultImage, MakeImage: "scripts/server-image.sh redis",
	}
	var err error
	if p.Path, err = exec.LookPath("redis-server"); err != nil {
		p.Missing = errors.New("no redis-server on PATH: install redis-server 7.0 or newer (Debian: apt-get install redis-server) " +
			"or start a Docker engine; " + ProviderEnv + "=local or " + ProviderEnv + "=containers chooses one")
	}
	return machines.Choose(p)
})
