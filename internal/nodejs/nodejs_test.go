package nodejs

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// packed makes an npm package of executable files.
func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	tarred := tar.NewWriter(zipped)
	for _, name := range slices.Sorted(maps.Keys(files)) { // the same bytes each time
		content := files[name]
		require.NoError(t, tarred.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}))
		_, err := tarred.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, tarred.Close())
	require.NoError(t, zipped.Close())
	return archive.Bytes()
}

// serve starts a registry with the package and returns what pins it.
func serve(t *testing.T, registry *http.ServeMux, name string, files map[string]string) pkg {
	t.Helper()
	content := packed(t, files)
	p := pkg{name: name, version: "1.2.3"}
	registry.HandleFunc("/npm/"+name+"/-/"+name+"-1.2.3.tgz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(content)
	})
	sum := sha512.Sum512(content)
	p.integrity = "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
	return p
}

// machine has no Node.js on PATH and an empty cache.
func machine(t *testing.T) (registry *http.ServeMux, url string) {
	t.Helper()
	t.Setenv("PATH", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	registry = http.NewServeMux()
	server := httptest.NewServer(registry)
	t.Cleanup(server.Close)
	return registry, server.URL + "/npm/"
}

// node is a program that says its version, and so is npm-cli.js.
func node(version string) map[string]string {
	return map[string]string{"package/bin/node": "#!/bin/sh\necho " + version + "\n"}
}

var npmFiles = map[string]string{"package/bin/npm-cli.js": "#!/bin/sh\n", "package/bin/npx-cli.js": "#!/bin/sh\n"}

func TestInstallBringsWhatFindFinds(t *testing.T) {
	registry, url := machine(t)
	_, err := Find()
	require.ErrorContains(t, err, "there is no node on PATH")
	for range 2 { // the second finds it there
		dir, err := install(t.Context(), url, serve(t, registry, "node", node("v24.0.0")), serve(t, registry, "npm", npmFiles))
		require.NoError(t, err)
		found, err := Find()
		require.NoError(t, err)
		require.Equal(t, dir, found)
		registry = http.NewServeMux()
	}
	cmd, err := Command(t.Context(), "node")
	require.NoError(t, err)
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, "v24.0.0\n", string(out))
	left, err := os.ReadDir(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "chat-go"))
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing unfinished is left")
}

// What broke off earlier is replaced.
func TestInstallReplacesWhatDoesNotRun(t *testing.T) {
	registry, url := machine(t)
	dir, err := cacheDir()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "bin", "node"), 0o750))
	_, err = install(t.Context(), url, serve(t, registry, "node", node("v24.0.0")), serve(t, registry, "npm", npmFiles))
	require.NoError(t, err)
}

func TestInstallNamesTheCause(t *testing.T) {
	t.Run("package is not there", func(t *testing.T) {
		registry, url := machine(t)
		_, err := install(t.Context(), url, pkg{name: "node", version: "1.2.3"}, serve(t, registry, "npm", npmFiles))
		require.ErrorContains(t, err, "the npm registry has no node 1.2.3: "+url+"node/-/node-1.2.3.tgz answers 404 Not Found")
	})
	t.Run("registry is away", func(t *testing.T) {
		machine(t)
		server := httptest.NewServer(nil)
		server.Close()
		_, err := install(t.Context(), server.URL, npm, npm)
		require.ErrorContains(t, err, "the npm registry cannot be reached: ")
	})
	t.Run("registry asks who it is", func(t *testing.T) {
		registry, url := machine(t)
		registry.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
		_, err := install(t.Context(), url, npm, npm)
		require.ErrorContains(t, err, "does not give npm "+npmVersion+" to everybody")
	})
	t.Run("registry is broken", func(t *testing.T) {
		registry, url := machine(t)
		registry.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		_, err := install(t.Context(), url, npm, npm)
		require.ErrorContains(t, err, "502 Bad Gateway")
	})
	t.Run("package is another", func(t *testing.T) {
		registry, url := machine(t)
		p := serve(t, registry, "node", node("v24.0.0"))
		p.integrity = npm.integrity
		_, err := install(t.Context(), url, p, serve(t, registry, "npm", npmFiles))
		require.ErrorContains(t, err, "is not what was published")
		_, err = Find()
		require.Error(t, err, "nothing of it is kept")
	})
	t.Run("file outside of the package", func(t *testing.T) {
		registry, url := machine(t)
		p := serve(t, registry, "node", map[string]string{"package/../../../evil": "x"})
		_, err := install(t.Context(), url, p, serve(t, registry, "npm", npmFiles))
		require.ErrorContains(t, err, "escapes")
		require.NoFileExists(t, filepath.Join(os.Getenv("XDG_CACHE_HOME"), "evil"))
	})
}

func TestFindRefusesAnOldNode(t *testing.T) {
	machine(t)
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(content), 0o755)) //nolint:gosec // a program
	}
	write("node", node("v18.20.4")["package/bin/node"])
	_, err := Find()
	require.ErrorContains(t, err, "is Node.js v18.20.4, want 20 or newer")
	write("node", node("v20.1.0")["package/bin/node"])
	_, err = Find()
	require.ErrorContains(t, err, "there is no npm in "+bin)
	write("npm", "#!/bin/sh\n")
	found, err := Find()
	require.NoError(t, err)
	require.Equal(t, bin, found)
}

// The registry is the one that npm itself would use.
func TestRegistry(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("NPM_CONFIG_REGISTRY", "")
	t.Setenv("NPM_CONFIG_USERCONFIG", "")
	require.NoError(t, os.WriteFile(filepath.Join(home, ".npmrc"), []byte("; mine\nfund=false\nregistry = \"https://mirror.example/npm/\"\n"), 0o600))
	require.Equal(t, "https://mirror.example/npm/", registry())
	t.Setenv("npm_config_registry", "https://other.example")
	require.Equal(t, "https://other.example", registry())
	require.Equal(t, "https://other.example/npm/-/npm-"+npmVersion+".tgz", npm.url(registry()))
	require.Equal(t, "https://r.example/@a/b/-/b-1.0.0.tgz", pkg{name: "@a/b", version: "1.0.0"}.url("https://r.example/"))
}
