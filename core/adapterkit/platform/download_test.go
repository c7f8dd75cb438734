package platform

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// files serves files for a downloader that trusts its origin.
func files(t *testing.T, h http.HandlerFunc, change func(*DownloaderConfig)) (*Downloader, string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg := DownloaderConfig{Adapter: "pager", Origins: []string{server.URL}}
	if change != nil {
		change(&cfg)
	}
	d, err := NewDownloader(cfg)
	require.NoError(t, err)
	return d, server.URL
}

func read(t *testing.T, d *Downloader, address string, limit int64) (string, error) {
	t.Helper()
	return readFile(t, d, Download{URL: address, Limit: limit})
}

func readFile(t *testing.T, d *Downloader, file Download) (string, error) {
	t.Helper()
	content, err := d.Open(t.Context(), file)
	if err != nil {
		return "", err
	}
	defer func() { require.NoError(t, content.Close()) }()
	data, err := io.ReadAll(content)
	return string(data), err
}

func TestDownload(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var tokens []string
	d, server := files(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		tokens = append(tokens, r.Header.Get("Authorization"))
		mu.Unlock()
		switch {
		case r.URL.Path == "/from":
			http.Redirect(w, r, "/file?token="+secret, http.StatusFound)
		case r.URL.Path == "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case r.URL.Path == "/away":
			http.Redirect(w, r, "https://evil.example/"+secret, http.StatusFound)
		case r.URL.Path == "/nowhere":
			w.WriteHeader(http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/status/"):
			w.Header().Set("Retry-After", "4")
			status := map[string]int{"401": 401, "403": 403, "404": 404, "410": 410, "429": 429, "500": 500}[r.URL.Path[len("/status/"):]]
			w.WriteHeader(status)
		case r.URL.Path == "/chunked":
			w.(http.Flusher).Flush()
			_, _ = w.Write([]byte("0123456789"))
		default:
			_, _ = w.Write([]byte("0123456789"))
		}
	}, nil)
	authorize := func(r *http.Request) { r.Header.Set("Authorization", "Bearer t") }
	read := func(t *testing.T, d *Downloader, address string, limit int64) (string, error) {
		t.Helper()
		return readFile(t, d, Download{URL: address, Limit: limit, Authorize: authorize})
	}
	for _, limit := range []int64{10, 11, 1 << 40} {
		for _, path := range []string{"/file", "/chunked", "/from"} {
			content, err := read(t, d, server+path, limit)
			require.NoError(t, err, path)
			require.Equal(t, "0123456789", content, path)
		}
	}
	for _, limit := range []int64{0, 1, 9} {
		for _, path := range []string{"/file", "/chunked"} {
			content, err := read(t, d, server+path, limit)
			require.ErrorIs(t, err, chat.ErrInvalid, path)
			require.LessOrEqual(t, int64(len(content)), limit, "no more than the limit comes out")
		}
	}
	for path, want := range map[string]error{
		"/round": chat.ErrInvalid, "/away": chat.ErrInvalid, "/nowhere": chat.ErrInvalid, "/status/401": chat.ErrAuthentication,
		"/status/403": chat.ErrPermission, "/status/404": chat.ErrNotFound, "/status/410": chat.ErrNotFound,
		"/status/429": chat.ErrRateLimited, "/status/500": chat.ErrTemporary,
	} {
		_, err := read(t, d, server+path, 100)
		require.ErrorIs(t, err, want, path)
		requireNoSecret(t, err)
		if errors.Is(err, chat.ErrRateLimited) {
			require.Equal(t, 4*time.Second, failure(t, err).RetryAfter)
		}
	}
	_, err := read(t, d, server+"/away", 100)
	elsewhere, ok := errors.AsType[*HostError](err)
	require.True(t, ok)
	require.Equal(t, "evil.example", elsewhere.Host)
	mu.Lock()
	defer mu.Unlock()
	require.NotContains(t, tokens, "")
}

// TestDownloadHosts looks at where requests may go.
func TestDownloadHosts(t *testing.T) {
	t.Parallel()
	d, err := NewDownloader(DownloaderConfig{
		Adapter: "pager", Hosts: []string{"files.example.com", ".cdn.example.com", "127.0.0.1", "169.254.169.254", "1.1.1.1"},
		Origins: []string{"http://127.0.0.1:8081", "https://own.example"},
	})
	require.NoError(t, err)
	for address, want := range map[string]*http.Client{
		"https://files.example.com/x":            d.own,
		"https://FILES.example.com:443/x":        d.own,
		"https://a.b.cdn.example.com/x":          d.own,
		"https://1.1.1.1/x":                      d.own,
		"http://127.0.0.1:8081/x":                d.trusted,
		"https://own.example/x":                  d.trusted,
		"https://own.example:443/x":              d.trusted,
		"http://files.example.com/x":             nil,
		"https://files.example.com:8443/x":       nil,
		"https://cdn.example.com/x":              nil,
		"https://evilcdn.example.com/x":          nil,
		"https://files.example.com.evil.com/x":   nil,
		"https://evil.com/files.example.com":     nil,
		"https://files.example.com@evil.com/":    nil,
		"https://user:pw@files.example.com/":     nil,
		"https://127.0.0.1/x":                    nil,
		"https://169.254.169.254/latest":         nil,
		"http://127.0.0.1:8082/x":                nil,
		"https://127.0.0.1:8081/x":               nil,
		"http://own.example/x":                   nil,
		"https://[::1]/x":                        nil,
		"file:///etc/passwd":                     nil,
		"gopher://files.example.com/":            nil,
		"":                                       nil,
		"//files.example.com/x":                  nil,
		"https://files.example.com%00.evil.com/": nil,
	} {
		u, err := url.Parse(address)
		if err != nil {
			require.Nil(t, want, address)
			continue
		}
		got, err := d.clientFor(u)
		if want == nil {
			require.Error(t, err, address)
			continue
		}
		require.NoError(t, err, address)
		require.Same(t, want, got, address)
	}
	for field, cfg := range map[string]DownloaderConfig{
		"Adapter is empty":            {Hosts: []string{"files.example.com"}},
		"Hosts and Origins are empty": {Adapter: "pager"},
		"Origins[0]":                  {Adapter: "pager", Origins: []string{"files.example.com"}},
		"Origins[1]":                  {Adapter: "pager", Origins: []string{"http://127.0.0.1:8081", "ftp://x"}},
	} {
		_, err := NewDownloader(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, field)
		require.ErrorContains(t, err, field)
	}
}

// A host that the adapter names must not lead to a private address either.
func TestDownloadConnectsToNoPrivateAddress(t *testing.T) {
	t.Parallel()
	asked := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(server.Close)
	d, err := NewDownloader(DownloaderConfig{Adapter: "pager", Hosts: []string{"localhost"}})
	require.NoError(t, err)
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://localhost:"+u.Port()+"/", http.NoBody)
	require.NoError(t, err)
	_, err = d.own.Do(request)
	require.ErrorContains(t, err, "is not public")
	require.False(t, asked)
	_, err = d.Open(t.Context(), Download{URL: "https://localhost/x", Limit: 10})
	require.ErrorIs(t, err, chat.ErrTemporary)
}

func TestDownloadChecksTheAnswer(t *testing.T) {
	t.Parallel()
	page := errors.New("a page to sign in")
	d, server := files(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		_, _ = w.Write([]byte("x"))
	}, func(cfg *DownloaderConfig) {
		cfg.HTTPClient = &http.Client{}
	})
	check := func(r *http.Response) error {
		if r.Header.Get("Content-Type") == "text/html" {
			return page
		}
		return nil
	}
	_, err := readFile(t, d, Download{URL: server + "/?type=text/html", Limit: 10, Check: check})
	require.ErrorIs(t, err, page)
	content, err := readFile(t, d, Download{URL: server + "/?type=image/png", Limit: 10, Check: check})
	require.NoError(t, err)
	require.Equal(t, "x", content)
}

// A download ends with its context and with its time, also while it is read.
func TestDownloadEnds(t *testing.T) {
	t.Parallel()
	d, server := files(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("begin"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, func(cfg *DownloaderConfig) { cfg.Timeout = 100 * time.Millisecond })
	_, err := read(t, d, server+"/", 100)
	require.ErrorIs(t, err, chat.ErrTemporary)
	requireNoSecret(t, err)

	d.cfg.Timeout = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	content, err := d.Open(ctx, Download{URL: server + "/", Limit: 100})
	require.NoError(t, err)
	begin := make([]byte, 5)
	_, err = io.ReadFull(content, begin)
	require.NoError(t, err)
	cancel()
	_, err = content.Read(begin)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, content.Close())
	_, err = d.Open(ctx, Download{URL: server + "/", Limit: 100})
	require.ErrorIs(t, err, context.Canceled)
}

func FuzzDownloadAddresses(f *testing.F) {
	for _, address := range []string{"https://files.example.com/x", "http://127.0.0.1/", "https://files.example.com@evil/", "", "://", "https://[::1%25eth0]/"} {
		f.Add(address)
	}
	d, err := NewDownloader(DownloaderConfig{Adapter: "pager", Hosts: []string{"files.example.com", ".cdn.example.com"}})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, address string) {
		request, err := http.NewRequest(http.MethodGet, address, http.NoBody)
		if err != nil {
			return
		}
		if _, err := d.clientFor(request.URL); err == nil {
			host := strings.ToLower(request.URL.Hostname())
			require.True(t, host == "files.example.com" || strings.HasSuffix(host, ".cdn.example.com"), address)
			require.Equal(t, "https", request.URL.Scheme)
		}
	})
}

func TestIsOrigin(t *testing.T) {
	for address, want := range map[string]bool{
		"https://api.example.com": true, "https://api.example.com:443/v1": true, "https://API.example.com/x?y": true,
		"http://api.example.com": false, "https://api.example.com:8443": false, "https://example.com": false,
		"https://api.example.com.evil.example": false, "": false, "://": false, "api.example.com": false,
	} {
		u, err := url.Parse("https://api.example.com/2010/Media")
		require.NoError(t, err)
		require.Equal(t, want, IsOrigin(u, address), address)
	}
}
