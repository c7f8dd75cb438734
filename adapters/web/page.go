package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"
)

//go:embed page
var pageFiles embed.FS

// page is the chat page with the program's words in it, and the files it loads.
type page struct {
	html   []byte
	assets []*asset
}

// asset is a file of the page. Browsers keep it and ask whether it is still the
// same.
type asset struct {
	name    string
	kind    string
	content []byte
	etag    string
}

var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func newPage(title string, config Config) (*page, error) {
	index, err := template.ParseFS(pageFiles, "page/index.html")
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	err = index.Execute(&html, map[string]any{
		"Title": title, "Initial": initial(title), "Greeting": config.Greeting, "MaxText": config.MaxText,
		"UserFiles": config.UserFiles, "MaxFile": config.MaxFile, "MaxFiles": maxFiles,
	})
	if err != nil {
		return nil, err
	}
	p := &page{html: html.Bytes()}
	entries, err := fs.ReadDir(pageFiles, "page/assets")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		content, err := fs.ReadFile(pageFiles, path.Join("page/assets", e.Name()))
		if err != nil {
			return nil, err
		}
		kind, ok := assetKinds[path.Ext(e.Name())]
		if !ok {
			kind = mime.TypeByExtension(path.Ext(e.Name()))
		}
		sum := sha256.Sum256(content)
		p.assets = append(p.assets, &asset{name: e.Name(), kind: kind, content: content, etag: `"` + hex.EncodeToString(sum[:8]) + `"`})
	}
	return p, nil
}

// initial is the letter that stands for the bot.
func initial(title string) string {
	for _, r := range title {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return strings.ToUpper(string(r))
		}
	}
	return "•"
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.html))
}

func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", a.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.content))
}
