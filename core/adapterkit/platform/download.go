package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/internal/publicnet"
)

// DownloaderConfig configures a [Downloader].
type DownloaderConfig struct {
	// Adapter is the adapter's name, for errors. Required.
	Adapter string
	// Hosts are the hosts of the platform's files, such as "files.slack.com", or
	// ".example.com" for all hosts below that. They are reached by https and port 443
	// only. Required, unless there are Origins.
	Hosts []string
	// Origins are further servers, which the bot's owner has configured, with scheme and
	// port, such as "http://127.0.0.1:8081". They may have private addresses. Default
	// none.
	Origins []string
	// HTTPClient makes the requests. With it only the hosts are checked, and not the IP
	// addresses that they resolve to. Default: a client that connects only to public
	// IP addresses, except for Origins, and uses no proxy.
	HTTPClient *http.Client
	// Timeout is the limit for the whole download. Default: two minutes.
	Timeout time.Duration
	// MaxRedirects is how many redirects are followed, each to one of Hosts or Origins.
	// Default: 5.
	MaxRedirects int
}

// Downloader fetches files that users have sent. Their addresses come from outside, so it
// connects only to hosts that the adapter names. It is safe for concurrent use.
type Downloader struct {
	cfg     DownloaderConfig
	own     *http.Client // to Hosts
	trusted *http.Client // to Origins
	origins map[string]bool
}

const opDownload = "download"

// NewDownloader returns a downloader. Its errors are [chat.ErrInvalidConfig] and name the
// field.
func NewDownloader(cfg DownloaderConfig) (*Downloader, error) {
	if cfg.Adapter == "" {
		return nil, fmt.Errorf("%w: platform: Adapter is empty, want the adapter's name", chat.ErrInvalidConfig)
	}
	if len(cfg.Hosts)+len(cfg.Origins) == 0 {
		return nil, fmt.Errorf("%w: %s: Hosts and Origins are empty, want one of them", chat.ErrInvalidConfig, cfg.Adapter)
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 2 * time.Minute
	}
	if cfg.MaxRedirects <= 0 {
		cfg.MaxRedirects = 5
	}
	d := &Downloader{cfg: cfg, origins: map[string]bool{}}
	for i, text := range cfg.Origins {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, fmt.Errorf("%w: %s: Origins[%d] must be an http or https URL", chat.ErrInvalidConfig, cfg.Adapter, i)
		}
		d.origins[originOf(u)] = true
	}
	if cfg.HTTPClient != nil {
		client := *cfg.HTTPClient
		client.CheckRedirect = noRedirect
		d.own, d.trusted = &client, &client
		return d, nil
	}
	d.own, d.trusted = newFileClient(&net.Dialer{Control: publicnet.Control}), newFileClient(&net.Dialer{})
	return d, nil
}

// newFileClient returns a client that uses no proxy, because a proxy would resolve the names
// itself.
func newFileClient(dialer *net.Dialer) *http.Client {
	dialer.Timeout = 10 * time.Second
	return &http.Client{
		CheckRedirect: noRedirect,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute,
			TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
	}
}

// Download is one file to fetch.
type Download struct {
	// URL is the address of the file. Required.
	URL string
	// Limit is the size of the largest file, in bytes. Default 0: only an empty file is
	// accepted.
	Limit int64
	// Authorize adds credentials to each request, also after a redirect. It must look at
	// the address of the request, because not every host may get them. Default none.
	Authorize func(r *http.Request)
	// Check returns an error if a successful answer is not the file, such as a page for
	// signing in. It must not read the body. The error is returned by Open. Default:
	// every successful answer is the file.
	Check func(response *http.Response) error
}

// HostError is the reason why an address, or a redirect, is refused: its host is none of
// those that the adapter names. It is wrapped in a *[chat.PlatformError] that is
// [chat.ErrInvalid].
type HostError struct {
	// Host is the host of the address, with its port.
	Host string
}

// Error returns a text with the host. The rest of the address may be a secret.
func (e *HostError) Error() string {
	return fmt.Sprintf("%q is not a host of the platform's files", e.Host)
}

var (
	errRedirects = errors.New("too many redirects")
	errAddress   = errors.New("the file has no valid address")
)

// Open fetches a file. The caller closes the reader. The errors are *[chat.PlatformError],
// or the error of Download.Check:
//
//   - [chat.ErrInvalid] for an address on another host, for too many redirects, and for a
//     file that is larger than the Limit, which Read may return, too
//   - [chat.ErrNotFound] for a file that does not exist
//   - [chat.ErrAuthentication] if the credentials are refused (401)
//   - [chat.ErrPermission] if the credentials do not allow to read the file (403)
//   - [chat.ErrRateLimited] and [chat.ErrTemporary]
//
// If ctx ends, the error of Open and of Read is ctx's.
func (d *Downloader) Open(ctx context.Context, file Download) (io.ReadCloser, error) {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, d.cfg.Timeout)
	f := &openFile{downloader: d, ctx: outer, cancel: cancel, left: file.Limit, limit: file.Limit}
	response, err := d.follow(ctx, outer, &file) //nolint:bodyclose // Reason: openFile closes it.
	if err == nil {
		f.body = response.Body
		err = d.check(response, &file)
	}
	if err != nil {
		_ = f.Close() // nothing of it was read
		return nil, err
	}
	return f, nil
}

// follow makes requests until an answer is not a redirect. Each address is checked before a
// request is sent.
func (d *Downloader) follow(ctx, outer context.Context, file *Download) (*http.Response, error) {
	address := file.URL
	for range d.cfg.MaxRedirects + 1 {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return nil, d.failure(chat.CodeInvalid, errAddress)
		}
		client, err := d.clientFor(request.URL)
		if err != nil {
			return nil, d.failure(chat.CodeInvalid, err)
		}
		request.Header.Set("User-Agent", "chat-go")
		if file.Authorize != nil {
			file.Authorize(request)
		}
		response, err := client.Do(request)
		if err != nil {
			return nil, TransportError(outer, d.cfg.Adapter, opDownload, err)
		}
		if response.StatusCode < 300 || response.StatusCode > 399 {
			return response, nil
		}
		next, err := response.Location()
		_ = response.Body.Close() // the body of a redirect is not needed
		if err != nil {
			return nil, d.failure(chat.CodeInvalid, errAddress)
		}
		address = next.String()
	}
	return nil, d.failure(chat.CodeInvalid, errRedirects)
}

// clientFor returns the client for an address, or an error if the address is not allowed.
func (d *Downloader) clientFor(u *url.URL) (*http.Client, error) {
	if u.User != nil {
		return nil, errAddress
	}
	if d.origins[originOf(u)] {
		return d.trusted, nil
	}
	host := strings.ToLower(u.Hostname())
	if u.Scheme != "https" || u.Port() != "" && u.Port() != "443" {
		return nil, &HostError{Host: u.Host}
	}
	if ip, err := netip.ParseAddr(host); err == nil && !publicnet.IsPublic(ip) {
		return nil, &HostError{Host: u.Host}
	}
	for _, allowed := range d.cfg.Hosts {
		allowed = strings.ToLower(allowed)
		if host == allowed || strings.HasPrefix(allowed, ".") && strings.HasSuffix(host, allowed) && host != allowed {
			return d.own, nil
		}
	}
	return nil, &HostError{Host: u.Host}
}

// IsOrigin reports whether u has the scheme, host and port of an address, such as that of
// an API. Only then may the credentials of the API be sent to u.
func IsOrigin(u *url.URL, address string) bool {
	own, err := url.Parse(address)
	return err == nil && own.Host != "" && originOf(u) == originOf(own)
}

func originOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// check returns an error if the answer is not the file.
func (d *Downloader) check(response *http.Response, file *Download) error {
	switch status := response.StatusCode; {
	case status == http.StatusForbidden:
		return d.failure(chat.CodePermission, fmt.Errorf("the answer's status is %d", status))
	case status < 200 || status > 299:
		return StatusError(d.cfg.Adapter, opDownload, status, response.Header)
	case response.ContentLength > file.Limit:
		return d.tooLarge(file.Limit)
	case file.Check != nil:
		return file.Check(response)
	}
	return nil
}

func (d *Downloader) tooLarge(limit int64) error {
	return d.failure(chat.CodeInvalid, fmt.Errorf("the file is larger than %d bytes", limit))
}

func (d *Downloader) failure(code chat.Code, err error) error {
	return &chat.PlatformError{Adapter: d.cfg.Adapter, Op: opDownload, Code: code, Err: err}
}

// openFile reads a body up to a limit. It keeps the context because Read has none.
type openFile struct {
	downloader  *Downloader
	ctx         context.Context // the caller's
	cancel      context.CancelFunc
	body        io.ReadCloser
	left, limit int64 // left is negative after the limit was exceeded
}

func (f *openFile) Read(p []byte) (int, error) {
	if f.left < 0 {
		return 0, f.downloader.tooLarge(f.limit)
	}
	if int64(len(p)) > f.left+1 {
		p = p[:f.left+1]
	}
	n, err := f.body.Read(p)
	f.left -= int64(n)
	if f.left < 0 {
		return n - 1, f.downloader.tooLarge(f.limit)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = TransportError(f.ctx, f.downloader.cfg.Adapter, opDownload, err)
	}
	return n, err
}

// Close ends the download.
func (f *openFile) Close() error {
	defer f.cancel()
	if f.body == nil {
		return nil
	}
	return f.body.Close()
}
