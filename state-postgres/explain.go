package pgstate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// codeOf returns the code of an answer of the server, "" for any other error.
func codeOf(err error) string {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		return server.Code
	}
	return ""
}

// explainNetwork explains why a server cannot be reached, if waiting does not help.
func explainNetwork(err error) string {
	var (
		authority *x509.UnknownAuthorityError
		authValue x509.UnknownAuthorityError
		host      x509.HostnameError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority), errors.As(err, &authValue):
		return "the server's certificate is signed by an unknown authority: set Config.TLS or the parameter sslrootcert"
	case errors.As(err, &host):
		return "the server's certificate is for another host"
	case errors.As(err, &record), strings.Contains(err.Error(), "server refused TLS connection"):
		return "the server does not speak TLS: set the parameter sslmode to disable"
	}
	return ""
}
