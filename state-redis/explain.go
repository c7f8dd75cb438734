package redisstate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// hintError puts a cause in words before the error that shows it.
type hintError struct {
	hint string
	// final means that the cause stays until someone changes a configuration.
	final bool
	err   error
}

func (e *hintError) Error() string { return e.hint + ": " + e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

// probeError turns the error of probe into that of the call.
func (o *op) probeError(err error) error {
	switch {
	case o.a.phase.Load() == closed:
		return o.error(nil, state.ErrClosed)
	case o.callerErr() != nil:
		return o.fail(err, "probe", "")
	}
	if kind := kindOf(err); kind != nil {
		return o.error(opaque(err), kind)
	}
	return o.error(err)
}

// kindOf says whether waiting may help. Of several failures one that may pass is
// enough for hope. It returns nil for an answer that is not understood.
func kindOf(err error) error {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var kind error
		for _, err := range all.Unwrap() {
			if kind = kindOf(err); errors.Is(kind, state.ErrUnavailable) {
				break
			}
		}
		return kind
	}
	hint, ok := errors.AsType[*hintError](err)
	switch {
	case ok && hint.final:
		return state.ErrMisconfigured
	case isAway(err) || isTooFew(err):
		return state.ErrUnavailable
	}
	return nil
}

// explain says why a server cannot be used.
func (n *node) explain(err error, prefix string) error {
	hint, final := n.explainReply(err, prefix)
	if hint == "" {
		hint, final = n.explainNetwork(err)
	}
	if hint == "" {
		return err
	}
	return &hintError{hint, final, err}
}

// scheme is the URL scheme for the same servers in another topology.
func (n *node) scheme(t topology) string { return n.kind.scheme(t, n.kind.tls) }

// explainReply explains what a server has answered, and reports whether that stays.
func (n *node) explainReply(err error, prefix string) (hint string, final bool) {
	if isTooFew(err) {
		return "too few replicas confirm what is written (Config.MinReplicas)", false
	}
	if !isReply(err) {
		return "", false
	}
	text := err.Error()
	switch {
	case hasTooManyClients(err):
		return "it has too many clients (maxclients)", false
	case redis.IsAuthError(err), strings.Contains(text, "invalid password"):
		return "the user name or password is wrong, or missing", true
	case strings.Contains(text, "without any password configured"), strings.Contains(text, "no password is set"):
		return "a password is given, and the server has none", true
	case strings.Contains(text, "DB index"):
		return "the server has no such database", true
	case strings.Contains(text, "cluster support disabled"):
		return "the server is not in cluster mode: use the scheme " + n.scheme(standalone), true
	case isRedirection(err) && n.cluster == nil, strings.Contains(text, "not allowed in cluster mode"):
		return "the server is part of a Cluster: use the scheme " + n.scheme(cluster), true
	case strings.Contains(strings.ToLower(text), "unknown") && strings.Contains(text, "command"):
		if n.sentinels != nil {
			return "it is no Sentinel: use the scheme " + n.scheme(standalone), true
		}
		if n.isSentinel() {
			return "it is a Sentinel: use the scheme " + n.scheme(sentinel) + " and name the master, as in host:26379/mymaster", true
		}
		return "the server lacks a command that the adapter needs", true
	}
	switch codeOf(err) {
	case "NOPERM":
		if strings.Contains(text, "keys") {
			return fmt.Sprintf("the user lacks the right to the keys %s:*", prefix), true
		}
		if c, ok := errors.AsType[*commandError](err); ok {
			return "the user lacks the right to the command " + c.command + ", and perhaps others that the package comment lists", true
		}
		return "the user lacks a right that the package comment lists", true
	case "DENIED":
		return "the server takes connections from its own machine only", true
	case "READONLY":
		return "it is a read-only replica: name the master, or use the scheme " + n.scheme(sentinel), false
	case "MASTERDOWN":
		return "it is a replica that has lost its master", false
	case "OOM":
		return "its memory is full (maxmemory)", false
	case "NOREPLICAS":
		return "too few replicas follow it (min-replicas-to-write)", false
	case "MISCONF":
		return "it cannot save its data to disk, and takes no writes", false
	case "LOADING":
		return "it is still loading its data", false
	case "CLUSTERDOWN":
		return "the Cluster takes no writes: a master is away, or slots are not assigned", false
	}
	return "", false
}

// isHangUp reports whether the other side has ended the connection.
func isHangUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// explainNetwork explains why a server cannot be reached.
func (n *node) explainNetwork(err error) (hint string, final bool) {
	var (
		authority *x509.UnknownAuthorityError
		authValue x509.UnknownAuthorityError
		host      x509.HostnameError
		dns       *net.DNSError
		record    tls.RecordHeaderError
	)
	if dial, ok := errors.AsType[*dialError](err); ok && dial.addr != "" && n.refresher != nil && !slices.Contains(n.hosts, dial.addr) {
		who := "the Cluster announces"
		if n.sentinels != nil {
			who = "Sentinel announces"
		}
		return who + " the address " + dial.addr + ", which cannot be reached from here: set Config.MapAddress, or have the server announce another", false
	}
	switch {
	case errors.As(err, &authority), errors.As(err, &authValue):
		return "the server's certificate is signed by an unknown authority: set Config.TLS or the parameter tls_ca", true
	case errors.As(err, &host):
		return "the server's certificate is for another host", true
	case errors.As(err, &dns):
		return "the host name cannot be resolved", false
	case errors.As(err, &record):
		return "the server does not speak TLS on this port: use the scheme " + n.kind.scheme(n.kind.topology, false), true
	}
	switch n.otherTransport(err) {
	case plain:
		return "the server does not speak TLS on this port: use the scheme " + n.kind.scheme(n.kind.topology, false), true
	case encrypted:
		return "the server speaks TLS on this port: use a scheme with TLS, such as " + n.kind.scheme(n.kind.topology, true), true
	}
	if n.dialer != nil && n.dialer.tls != nil && n.dialer.tls.Certificates == nil && n.dialer.tls.GetClientCertificate == nil && isHangUp(err) {
		return "the server ends the connection: it may want a certificate (Config.TLS, or the parameters tls_cert and tls_key)", false
	}
	return "", false
}
