package redisstate

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// probe asks every server a question that the adapter will ask anyway, so that
// it needs no permission for the sake of connecting.
func (a *Adapter) probe(ctx context.Context) error {
	if err := a.probeNode(ctx, a.main); err != nil {
		return err
	}
	others := a.locks[1:]
	results := make(chan error, len(others))
	for _, n := range others {
		go func() { results <- a.probeNode(ctx, n) }()
	}
	var failures []error
	for range others {
		if err := <-results; err != nil {
			a.cfg.Logger.WarnContext(ctx, "a lock master cannot be reached", "error", err)
			failures = append(failures, err)
		}
	}
	if len(a.locks)-len(failures) < len(a.locks)/2+1 {
		return errors.Join(failures...)
	}
	return nil
}

func (a *Adapter) probeNode(ctx context.Context, n *node) error {
	cmd := newBool("sismember", a.keys.subscriptions, "")
	err := n.process(ctx, cmd)
	if redis.HasErrorPrefix(err, "WRONGTYPE") {
		return nil // reported by those who read it
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", n.describe, err)
}

// hintError puts a cause in words before the error that shows it.
type hintError struct {
	hint string
	err  error
}

func (e *hintError) Error() string { return e.hint + ": " + e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

// connectError says why connecting failed, and whether trying again may help.
func (o *op) connectError(err error) error {
	var (
		authority *x509.UnknownAuthorityError
		authValue x509.UnknownAuthorityError
		host      x509.HostnameError
		dns       *net.DNSError
	)
	hint := ""
	switch {
	case redis.IsAuthError(err):
		hint = "the user name or password is wrong, or missing"
	case redis.IsPermissionError(err):
		hint = "the user lacks a permission that the package comment lists"
	case redis.HasErrorPrefix(err, "This instance has cluster support disabled"):
		hint = "the server is not in cluster mode: use the scheme redis"
	case isRedirection(err):
		hint = "the server is part of a Cluster: use the scheme redis+cluster"
	case errors.As(err, &authority), errors.As(err, &authValue):
		hint = "the server's certificate is signed by an unknown authority: set Config.TLS or the parameter tls_ca"
	case errors.As(err, &host):
		hint = "the server's certificate is for another host"
	case errors.As(err, &dns):
		hint = "the host name cannot be resolved"
	}
	if hint != "" {
		err = &hintError{hint, err}
	}
	if isAway(err) {
		return o.error(err, state.ErrUnavailable)
	}
	return o.error(err)
}
