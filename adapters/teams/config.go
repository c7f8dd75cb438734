package teams

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Config describes the bot. AppID is required, and so is exactly one of AppPassword,
// Certificate, ManagedIdentity and TokenSource.
type Config struct {
	// AppID is the Microsoft App ID of the bot's registration, a GUID. Required.
	AppID string
	// TenantID is the tenant of a single-tenant app, and the tenant for calls of Microsoft
	// Graph: a GUID or a domain. Default: the app is multi-tenant, and Graph is called for
	// the tenant of each conversation.
	TenantID string
	// MultiTenant says that the app is multi-tenant although TenantID is set. TenantID is
	// then the tenant of users and conversations whose own tenant is not known. Default
	// false.
	MultiTenant bool
	// AppPassword is a client secret of the app. Default none.
	AppPassword string
	// Certificate identifies the app instead of a secret. Default none.
	Certificate Certificate
	// ManagedIdentity identifies an app that runs in Azure, which issues its tokens.
	// Default none.
	ManagedIdentity ManagedIdentity
	// TokenSource returns an access token for the scope, such as
	// "https://api.botframework.com/.default", for a program that gets tokens itself. It
	// is called for every call, so it should cache the token. It must be safe for
	// concurrent use. Default none.
	TokenSource func(ctx context.Context, scope string) (string, error)
	// Cloud is the cloud with the bot's registration. Default: [CloudPublic].
	Cloud Cloud
	// APIURL is the service URL for personal chats that the bot opens with users who have
	// not written to it yet. Webhooks may also come from this service URL. Default: the
	// service URL of the cloud, "https://smba.trafficmanager.net/teams/" for CloudPublic.
	APIURL string
	// HTTPClient makes the calls; redirects are not followed. A call is cancelled after
	// 30 seconds. Default: a client with http.DefaultTransport.
	HTTPClient *http.Client
}

// Certificate is a certificate of the app's registration, with its private key.
type Certificate struct {
	// PEM is the certificate in PEM. Required.
	PEM string
	// KeyPEM is the RSA private key in PEM, as PKCS #1 or PKCS #8 without a password.
	// Required.
	KeyPEM string
}

// ManagedIdentity is an identity that Azure gives to an app that runs there.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
type ManagedIdentity struct {
	// Enabled says that the app has a managed identity. Default false.
	Enabled bool
	// ClientID is the client id of a user-assigned identity, a GUID. Default: AppID.
	ClientID string
	// Federated says that the token of the identity is a federated credential of the
	// app. Otherwise the identity is the app itself. Default false.
	Federated bool
}

// Cloud is one of Microsoft's clouds.
type Cloud string

const (
	// CloudPublic is Microsoft's public cloud.
	CloudPublic Cloud = "public"
	// CloudUSGov is Microsoft's cloud for the government of the United States.
	CloudUSGov Cloud = "usgov"
)

// endpoints are the addresses of a cloud.
// https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high
type endpoints struct {
	login, graph, metadata string
	issuer, scope          string   // of tokens of the Bot Framework
	botTenant              string   // the tenant that issues the tokens of multi-tenant apps
	service                string   // the service URL for new conversations
	hosts                  []string // of service URLs
}

var clouds = map[Cloud]endpoints{
	CloudPublic: {
		login: "https://login.microsoftonline.com/", graph: "https://graph.microsoft.com/", metadata: "https://login.botframework.com/v1/.well-known/openidconfiguration",
		issuer: "https://api.botframework.com", scope: "https://api.botframework.com/.default", botTenant: "botframework.com", service: "https://smba.trafficmanager.net/teams/",
		hosts: []string{"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"},
	},
	CloudUSGov: {
		login: "https://login.microsoftonline.us/", graph: "https://graph.microsoft.us/", metadata: "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
		issuer: "https://api.botframework.us", scope: "https://api.botframework.us/.default", botTenant: "MicrosoftServices.onmicrosoft.us", service: "https://smba.infra.gov.teams.microsoft.us/teams/",
		hosts: []string{"smba.infra.gov.teams.microsoft.us", "smba.infra.dod.teams.microsoft.us"},
	},
}

// FromEnv returns the configuration in the environment: TEAMS_APP_ID,
// TEAMS_APP_TENANT_ID, TEAMS_API_URL, TEAMS_CLOUD, and the first credential that is set of
// TEAMS_CERTIFICATE with TEAMS_CERTIFICATE_KEY, in PEM with "\n" for line endings;
// TEAMS_MANAGED_IDENTITY, which is "true" or a client id; and TEAMS_APP_PASSWORD. The
// certificate, the identity and the cloud are not variables of the TypeScript SDK.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	config := Config{AppID: get("TEAMS_APP_ID"), TenantID: get("TEAMS_APP_TENANT_ID"), APIURL: get("TEAMS_API_URL"), Cloud: Cloud(get("TEAMS_CLOUD"))}
	switch identity := get("TEAMS_MANAGED_IDENTITY"); {
	case get("TEAMS_CERTIFICATE") != "":
		lines := strings.NewReplacer(`\n`, "\n")
		config.Certificate = Certificate{PEM: lines.Replace(get("TEAMS_CERTIFICATE")), KeyPEM: lines.Replace(get("TEAMS_CERTIFICATE_KEY"))}
	case identity != "" && identity != "false":
		config.ManagedIdentity.Enabled = true
		if identity != "true" {
			config.ManagedIdentity.ClientID = identity
		}
	default:
		config.AppPassword = get("TEAMS_APP_PASSWORD")
	}
	return config
}

var (
	guidForm   = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	tenantForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$`)
)

// validate sets the defaults. Its error names the field and contains no secret.
func (c *Config) validate() error {
	if !guidForm.MatchString(c.AppID) {
		return invalidConfig(fmt.Sprintf("AppID is %q, want the Microsoft App ID, a GUID", c.AppID))
	}
	if c.TenantID != "" && !tenantForm.MatchString(c.TenantID) {
		return invalidConfig(fmt.Sprintf("TenantID is %q, want a GUID or a domain", c.TenantID))
	}
	if c.MultiTenant && c.TenantID == "" {
		return invalidConfig("MultiTenant is set without a TenantID: want false, as an app without a TenantID is multi-tenant")
	}
	if err := c.validateCredentials(); err != nil {
		return err
	}
	if c.Cloud == "" {
		c.Cloud = CloudPublic
	}
	cloud, ok := clouds[c.Cloud]
	if !ok {
		return invalidConfig(fmt.Sprintf("Cloud is %q, want %q or %q", c.Cloud, CloudPublic, CloudUSGov))
	}
	if c.APIURL == "" {
		c.APIURL = cloud.service
	}
	u, err := url.Parse(c.APIURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return invalidConfig("APIURL must be an http or https address without a user or a query")
	}
	c.APIURL = strings.TrimRight(c.APIURL, "/") + "/"
	return nil
}

func (c *Config) validateCredentials() error {
	var given []string
	for _, one := range []struct {
		name  string
		given bool
	}{
		{"AppPassword", c.AppPassword != ""},
		{"Certificate", c.Certificate != Certificate{}},
		{"ManagedIdentity", c.ManagedIdentity != ManagedIdentity{}},
		{"TokenSource", c.TokenSource != nil},
	} {
		if one.given {
			given = append(given, one.name)
		}
	}
	switch {
	case len(given) == 0:
		return invalidConfig("none of AppPassword, Certificate, ManagedIdentity and TokenSource is set, want one")
	case len(given) > 1:
		return invalidConfig(strings.Join(given, " and ") + " are set, want one of them")
	case c.Certificate != Certificate{}:
		if _, _, err := c.Certificate.parse(); err != nil {
			return err
		}
	case c.ManagedIdentity != ManagedIdentity{}:
		switch id := c.ManagedIdentity.ClientID; {
		case !c.ManagedIdentity.Enabled:
			return invalidConfig("ManagedIdentity has fields, but Enabled is false")
		case id != "" && !guidForm.MatchString(id):
			return invalidConfig(fmt.Sprintf("ManagedIdentity.ClientID is %q, want a GUID", id))
		}
	}
	return nil
}

// parse returns the certificate and its key.
func (c *Certificate) parse() (*x509.Certificate, *rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(c.PEM))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, nil, invalidConfig("Certificate.PEM is not a certificate in PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, nil, invalidConfig("Certificate.PEM cannot be read as a certificate")
	}
	block, _ = pem.Decode([]byte(c.KeyPEM))
	if block == nil {
		return nil, nil, invalidConfig("Certificate.KeyPEM is not a key in PEM")
	}
	var key crypto.PrivateKey
	if key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	private, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, nil, invalidConfig("Certificate.KeyPEM is not an RSA private key without a password")
	}
	if !private.PublicKey.Equal(certificate.PublicKey) {
		return nil, nil, invalidConfig("Certificate.KeyPEM is not the key of Certificate.PEM")
	}
	return certificate, private, nil
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: teams: %s", chat.ErrInvalidConfig, text)
}
