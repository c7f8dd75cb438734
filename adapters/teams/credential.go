package teams

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	assertionTTL  = 10 * time.Minute
	// imdsURL is the address of tokens for the identity of a virtual machine.
	// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
	imdsURL = "http://169.254.169.254/metadata/identity/"
	// exchangeScope is the resource of a token that is a federated credential of the app.
	// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
	exchangeScope = "api://AzureADTokenExchange"
)

// proof returns the fields of a token request that identify the app.
func (a *Adapter) proof(ctx context.Context, audience string) (url.Values, error) {
	switch {
	case a.config.AppPassword != "":
		return url.Values{"client_secret": {a.config.AppPassword}}, nil
	case a.config.ManagedIdentity.Enabled:
		token, err := a.askIdentity(ctx, exchangeScope)
		if err != nil {
			return nil, err
		}
		return url.Values{"client_assertion_type": {assertionType}, "client_assertion": {token.text}}, nil
	}
	assertion, err := a.assertion(audience)
	if err != nil {
		return nil, err
	}
	return url.Values{"client_assertion_type": {assertionType}, "client_assertion": {assertion}}, nil
}

// assertion returns a token that is signed with the key of the certificate.
// https://learn.microsoft.com/entra/identity-platform/certificate-credentials
func (a *Adapter) assertion(audience string) (string, error) {
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodPS256, jwt.RegisteredClaims{
		Audience: jwt.ClaimStrings{audience}, Issuer: a.config.AppID, Subject: a.config.AppID, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now.Add(-time.Minute)), ExpiresAt: jwt.NewNumericDate(now.Add(assertionTTL)),
	})
	sum := sha256.Sum256(a.certificate.Raw)
	token.Header["x5t#S256"] = base64.RawURLEncoding.EncodeToString(sum[:])
	text, err := token.SignedString(a.certificateKey)
	if err != nil {
		return "", fmt.Errorf("teams: signing with Certificate.KeyPEM: %w", err)
	}
	return text, nil
}

// askIdentity asks Azure for a token of the managed identity. In App Service and Container
// Apps the environment has the address; virtual machines have imdsURL.
// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
func (a *Adapter) askIdentity(ctx context.Context, resource string) (accessToken, error) {
	id := a.config.ManagedIdentity.ClientID
	if id == "" {
		id = a.config.AppID
	}
	query := url.Values{"resource": {resource}, "client_id": {id}, "api-version": {"2018-02-01"}}
	address, header := imdsURL+"oauth2/token", http.Header{"Metadata": {"true"}}
	secret := os.Getenv("IDENTITY_HEADER")
	if endpoint := os.Getenv("IDENTITY_ENDPOINT"); endpoint != "" && secret != "" {
		address = endpoint
		query.Set("api-version", "2019-08-01")
		header = http.Header{"X-Identity-Header": {secret}}
	}
	slash := strings.LastIndexByte(address, '/') + 1
	client, err := platform.NewClient(platform.ClientConfig{
		Adapter: adapterName, BaseURL: address[:slash], HTTPClient: a.config.HTTPClient, Secrets: nonEmpty(secret), Refused: refusedToken,
	})
	if err != nil {
		return accessToken{}, failure("managed identity", chat.CodeInvalid, "the variable IDENTITY_ENDPOINT is not an address")
	}
	return a.askToken(ctx, client, platform.Call{Op: "managed identity", Path: address[slash:], Query: query, Header: header})
}

// flexibleInt is a number, which some endpoints write as a string.
type flexibleInt int64

// UnmarshalJSON reads a number, or a string with a number.
func (i *flexibleInt) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	*i = flexibleInt(n)
	return err
}

func readJSON(data []byte, into any) error { return json.Unmarshal(data, into) }

// safeName returns a name from an answer if it is safe in an error, or a text in its place.
func safeName(name string) string {
	if name == "" || len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-' && r != '.' && r != ' '
	}) {
		return "no known reason"
	}
	return name
}

func nonEmpty(texts ...string) (all []string) {
	for _, text := range texts {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}
