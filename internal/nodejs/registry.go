package nodejs

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// defaultRegistry is npm's own default. A machine without npm has no other place
// that says it. https://docs.npmjs.com/cli/v11/using-npm/config#registry
const defaultRegistry = "https://registry.npmjs.org/"

// maxPackage bounds a download, in bytes. Node.js has 53 MB.
const maxPackage = 200 << 20

// registry returns the registry that npm would use: of its environment, of the
// user's .npmrc or the machine's, or the default.
func registry() string {
	for _, setting := range os.Environ() {
		name, value, _ := strings.Cut(setting, "=")
		if strings.EqualFold(name, "npm_config_registry") && value != "" {
			return value
		}
	}
	user := os.Getenv("NPM_CONFIG_USERCONFIG")
	if home, err := os.UserHomeDir(); err == nil {
		user = cmp.Or(user, filepath.Join(home, ".npmrc"))
	}
	return cmp.Or(registryIn(user), registryIn("/etc/npmrc"), defaultRegistry)
}

// registryIn reads the setting from a file, or returns "".
func registryIn(npmrc string) string {
	file, err := os.Open(npmrc) //nolint:gosec // the user's own file
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	found := ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), "=")
		if ok && strings.TrimSpace(name) == "registry" {
			found = os.ExpandEnv(strings.Trim(strings.TrimSpace(value), `"'`))
		}
	}
	return found
}

// pkg is one version of an npm package.
type pkg struct {
	name, version string
	integrity     string // as the registry's dist.integrity: sha512- and base64
}

// url is where a registry has the package.
func (p pkg) url(registry string) string {
	return strings.TrimSuffix(registry, "/") + "/" + p.name + "/-/" + path.Base(p.name) + "-" + p.version + ".tgz"
}

// download writes the package to a file, whose content is the expected one if
// there is no error.
func (p pkg) download(ctx context.Context, registry string, to io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url(registry), nil)
	if err != nil {
		return fmt.Errorf("npm is configured with the registry %q, want the URL of one: %w", registry, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the npm registry cannot be reached: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	switch code := response.StatusCode; {
	case code == http.StatusNotFound || code == http.StatusGone:
		return fmt.Errorf("the npm registry has no %s %s: %s answers %s", p.name, p.version, request.URL, response.Status)
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return fmt.Errorf("the npm registry does not give %s %s to everybody: %s answers %s", p.name, p.version, request.URL, response.Status)
	case code != http.StatusOK:
		return fmt.Errorf("the npm registry does not answer as it should: %s answers %s", request.URL, response.Status)
	}
	sum := sha512.New()
	if _, err := io.Copy(io.MultiWriter(to, sum), io.LimitReader(response.Body, maxPackage)); err != nil {
		return fmt.Errorf("get %s: %w", request.URL, err)
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != p.integrity {
		return fmt.Errorf("what %s serves is not what was published: its checksum is %s, want %s", request.URL, got, p.integrity)
	}
	return nil
}
