package teamstest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

// certificateOf returns a certificate of the key in PEM.
func certificateOf(t *testing.T, key *rsa.PrivateKey) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bot"}, NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	data, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: data}))
}

func TestConfigurationsThatAreWrong(t *testing.T) {
	t.Parallel()
	key, other := faketeams.FirstKey().Private, faketeams.SecondKey().Private
	pkcs8, err := x509.MarshalPKCS8PrivateKey(other)
	require.NoError(t, err)
	otherPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	for field, change := range map[string]func(*teams.Config){
		"AppID is":                        func(c *teams.Config) { c.AppID = "my-bot" },
		"TenantID is":                     func(c *teams.Config) { c.TenantID = "a/b" },
		"MultiTenant":                     func(c *teams.Config) { c.MultiTenant = true },
		"none of AppPassword":             func(c *teams.Config) { c.AppPassword = "" },
		"AppPassword and":                 func(c *teams.Config) { c.ManagedIdentity.Enabled = true },
		"Certificate.PEM is no":           func(c *teams.Config) { c.AppPassword, c.Certificate.PEM = "", "x" },
		"Certificate.KeyPEM is not a key": func(c *teams.Config) { c.AppPassword, c.Certificate.PEM = "", certificateOf(t, key) },
		"not the key of": func(c *teams.Config) {
			c.AppPassword, c.Certificate = "", teams.Certificate{PEM: certificateOf(t, key), KeyPEM: otherPEM}
		},
		"but Enabled is false": func(c *teams.Config) { c.AppPassword, c.ManagedIdentity.Federated = "", true },
		"ManagedIdentity.ClientID": func(c *teams.Config) {
			c.AppPassword, c.ManagedIdentity = "", teams.ManagedIdentity{Enabled: true, ClientID: "x"}
		},
		"Cloud is":       func(c *teams.Config) { c.Cloud = "moon" },
		"APIURL must":    func(c *teams.Config) { c.APIURL = "smba.trafficmanager.net" },
		"APIURL must be": func(c *teams.Config) { c.APIURL = "https://user:pass@smba.trafficmanager.net/" },
	} {
		cfg := teams.Config{AppID: faketeams.AppID, AppPassword: "a-secret-of-the-app"}
		change(&cfg)
		_, err := teams.New(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig, field)
		require.ErrorContains(t, err, field)
		require.NotContains(t, err.Error(), "a-secret-of-the-app")
	}
	_, err = teams.New(teams.Config{AppID: faketeams.AppID, Certificate: teams.Certificate{PEM: certificateOf(t, other), KeyPEM: otherPEM}})
	require.NoError(t, err)
}

func TestConfigurationOfTheEnvironment(t *testing.T) {
	t.Setenv("TEAMS_APP_ID", faketeams.AppID)
	t.Setenv("TEAMS_APP_PASSWORD", "p")
	t.Setenv("TEAMS_APP_TENANT_ID", faketeams.Tenant)
	t.Setenv("TEAMS_API_URL", "https://smba.infra.gcc.teams.microsoft.com/gcc")
	require.Equal(t, teams.Config{AppID: faketeams.AppID, AppPassword: "p", TenantID: faketeams.Tenant, APIURL: "https://smba.infra.gcc.teams.microsoft.com/gcc"}, teams.FromEnv())
	t.Setenv("TEAMS_MANAGED_IDENTITY", adaGUID)
	require.Equal(t, teams.ManagedIdentity{Enabled: true, ClientID: adaGUID}, teams.FromEnv().ManagedIdentity)
	t.Setenv("TEAMS_CERTIFICATE", `a\nb`)
	t.Setenv("TEAMS_CERTIFICATE_KEY", `c\nd`)
	require.Equal(t, teams.Certificate{PEM: "a\nb", KeyPEM: "c\nd"}, teams.FromEnv().Certificate)
}
