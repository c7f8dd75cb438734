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
	// Hosts are where the platform keeps files, such as "files.slack.com", or
	// ".example.com" for all hosts below it. They are asked over TLS only, at the
	// usual port. Required, unless there are Origins.
	Hosts []string
	// Origins are further places, with scheme and port, such as
	// "http://127.0.0.1:8081": servers that the bot's owner has configured.
	// They may be at private addresses. Default none.
	Origins []string
	// HTTPClient makes the requests instead of the downloader's own client, which
	// connects to nothing but public addresses whatever a name leads to, and uses
	// no proxy. With another one the hosts alone are checked. Default: its own.
	HTTPClient *http.Client
	// Timeout bounds the whole download. Default: two minutes.
	Timeout time.Duration
	// MaxRedirects is how many redirects are followed, each to one of the hosts.
	// Default: 5.
	MaxRedirects int
}

// Downloader fetches files that people have sent. An address comes from outside, so
// it leads only to hosts that the adapter names. It is safe for concurrent use.
type Downloader struct {
	cfg     DownloaderConfig
	own     *http.Client // to Hosts
	trusted *http.Client // to Origins
	origins map[string]bool
}

const opDownload = "download"

// NewDownloader returns a downloader. Its errors are [chat.ErrInvalidConfig].
func NewDownloader(cfg DownloaderConfig) (*Downloader, error) {
	if len(cfg.Hosts)+len(cfg.Origins) == 0 {
		return nil, fmt.Errorf("%w: %s: Hosts and Origins are empty", chat.ErrInvalidConfig, cfg.Adapter)
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

// newFileClient returns a client without a proxy, which would look names up
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
	// URL is the file's address. Required.
	URL string
	// Limit is how long the file may be, in bytes. Default 0: only an empty file
	// passes.
	Limit int64
	// Authorize adds credentials to each request, also after a redirect. It can see
	// by the request's address whether they are for that host. Default none.
	Authorize func(r *http.Request)
	// Check says why an answer with a status of success is not the file, such as a
	// page to sign in. It reads no body. Its error is the download's. Default: it is
	// the file.
	Check func(response *http.Response) error
}

// HostError is the error of an address, or a redirect, that leads to none of the
// hosts. It satisfies errors.Is with [chat.ErrInvalid] through the
// *[chat.PlatformError] that it stands in.
type HostError struct {
	// Host is where it leads.
	Host string
}

// Error names the host. The rest of the address may be a secret.
func (e *HostError) Error() string {
	return fmt.Sprintf("%q is not a host of the platform's files", e.Host)
}

var (
	errRedirects = errors.New("too many redirects")
	errAddress   = errors.New("the file has no valid address")
)

// Open fetches a file; the caller closes it. Its errors are *[chat.PlatformError]:
// CodeInvalid for an address that leads elsewhere and for a file that is longer than
// its Limit, which Read may find too, CodeNotFound, CodeAuthentication for credentials
// that are refused, CodePermission for a file that they do not open, CodeRateLimited and
// CodeTemporary. Where ctx has ended, the error is ctx's; it also ends what is being read.
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

// follow makes requests until one is answered with something else than a
// redirect. Each address is checked before anything is sent there.
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
		_ = response.Body.Close() // a redirect's body says nothing
		if err != nil {
			return nil, d.failure(chat.CodeInvalid, errAddress)
		}
		address = next.String()
	}
	return nil, d.failure(chat.CodeInvalid, errRedirects)
}

// clientFor returns what may make a request to the address.
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

// IsOrigin reports whether a request goes to the scheme, host and port of an address, such
// as that of an API: what its credentials may go to.
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

// check returns why the answer is not the file.
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

// openFile reads a body that must not be longer than what is left. It keeps the
// context because Read has none.
type openFile struct {
	downloader  *Downloader
	ctx         context.Context // the caller's
	cancel      context.CancelFunc
	body        io.ReadCloser
	left, limit int64 // left is below zero once the limit was exceeded
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
