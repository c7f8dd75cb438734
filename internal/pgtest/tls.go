package pgtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// UseTLS has the server speak TLS, with a certificate for 127.0.0.1 of an authority of
// its own, and returns the file of the authority's certificate. The server runs again
// for it.
func (s *Server) UseTLS(t TB) (caFile string) {
	t.Helper()
	ca, key, err := s.writeCertificate()
	if err != nil {
		t.Fatal(err)
	}
	s.Stop(t)
	s.options.Settings = map[string]string{"ssl": "on", "ssl_cert_file": ca, "ssl_key_file": key}
	s.Run(t)
	return ca
}

// writeCertificate makes a certificate that signs itself, and so is its own authority.
func (s *Server) writeCertificate() (certFile, keyFile string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "pgtest"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", "", err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", err
	}
	certFile, keyFile = filepath.Join(s.dir, "server.crt"), filepath.Join(s.dir, "server.key")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := s.programs.write(file, pem.EncodeToMemory(block)); err != nil {
			return "", "", err
		}
	}
	return certFile, keyFile, nil
}

// write writes a file of whoever runs the server.
func (p *programs) write(file string, text []byte) error {
	if err := os.WriteFile(file, text, 0o600); err != nil || p.credential == nil {
		return err
	}
	return os.Chown(file, int(p.credential.Uid), int(p.credential.Gid))
}
