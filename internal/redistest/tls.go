package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	caFile   = "ca.crt"
	certFile = "redis.crt"
	keyFile  = "redis.key"
)

// certificates are an authority's, and one certificate that it issued. Servers
// and clients show the same one, as servers are clients of each other.
type certificates struct {
	ca, cert, key []byte // PEM
}

func newCertificates(host string) (*certificates, error) {
	c, err := issueCertificates(host)
	if err != nil {
		return nil, fmt.Errorf("make certificates: %w", err)
	}
	return c, nil
}

func issueCertificates(host string) (*certificates, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "redistest authority"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	ca, err := x509.CreateCertificate(rand.Reader, authority, authority, caKey.Public(), caKey)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "redistest"},
		NotBefore:    authority.NotBefore,
		NotAfter:     authority.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP(host)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, leaf, authority, key.Public(), caKey)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return &certificates{
		ca:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca}),
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	}, nil
}

// files are the certificates by the names under which a server finds them. The
// map may be added to.
func (c *certificates) files() map[string]string {
	if c == nil {
		return map[string]string{}
	}
	return map[string]string{caFile: string(c.ca), certFile: string(c.cert), keyFile: string(c.key)}
}

func (c *certificates) clientConfig() *tls.Config {
	if c == nil {
		return nil
	}
	pair, err := tls.X509KeyPair(c.cert, c.key)
	if err != nil {
		panic(err) // we made both
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.ca)
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, Certificates: []tls.Certificate{pair}}
}

// CertificateFiles are PEM files for a client that is configured by paths.
type CertificateFiles struct {
	CA, Cert, Key string
}

// write puts the certificates into files that live as long as the test.
func (c *certificates) write(t TB) CertificateFiles {
	t.Helper()
	if c == nil {
		t.Fatalf("redistest: no certificates without Options.TLS")
	}
	dir := t.TempDir()
	for name, text := range c.files() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatalf("redistest: %v", err)
		}
	}
	return CertificateFiles{
		CA:   filepath.Join(dir, caFile),
		Cert: filepath.Join(dir, certFile),
		Key:  filepath.Join(dir, keyFile),
	}
}
