package faketeams

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Key is a key of the Bot Framework.
type Key struct {
	ID           string
	Private      *rsa.PrivateKey
	Endorsements []string
}

func newKey(id string) *Key {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // the system has no randomness
	}
	return &Key{ID: id, Private: private, Endorsements: []string{"msteams", "webchat"}}
}

// FirstKey is the key that a new server signs with, and SecondKey another one.
var (
	FirstKey  = sync.OnceValue(func() *Key { return newKey("key-1") })
	SecondKey = sync.OnceValue(func() *Key { return newKey("key-2") })
)

// Claims are those of a token that a webhook comes with.
func Claims(now time.Time) jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "https://api.botframework.com", "aud": AppID, "serviceurl": ServiceURL, "nbf": now.Add(-time.Minute).Unix(), "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
}

// SignedBy returns a token that a key has signed.
func SignedBy(key *Key, claims jwt.MapClaims) string {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = key.ID
	text, err := token.SignedString(key.Private)
	if err != nil {
		panic(err) // the key is one for this
	}
	return text
}

// Rotate publishes another key, besides those there were.
func (s *Server) Rotate(key *Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.published = append(s.published, key)
}

// KeySet is how the Bot Framework publishes keys.
func KeySet(keys ...*Key) map[string]any {
	all := []any{map[string]any{"kty": "EC", "kid": "of another kind"}}
	for _, key := range keys {
		all = append(all, map[string]any{
			"kty": "RSA", "use": "sig", "kid": key.ID, "x5t": key.ID, "endorsements": key.Endorsements,
			"n": base64.RawURLEncoding.EncodeToString(key.Private.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.Private.E)).Bytes()),
		})
	}
	return map[string]any{"keys": all}
}

// keys are the OpenID metadata and the keys.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#openid-metadata-document
func (s *Server) keys(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v1/.well-known/openidconfiguration":
		if s.begin(w, r, "openid", nil) {
			answer(w, http.StatusOK, map[string]any{
				"issuer": "https://api.botframework.com", "jwks_uri": "https://login.botframework.com/v1/.well-known/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
			})
		}
	case "/v1/.well-known/keys":
		if !s.begin(w, r, "keys", nil) {
			return
		}
		s.mu.Lock()
		all := KeySet(s.published...)
		s.mu.Unlock()
		answer(w, http.StatusOK, all)
	default:
		s.wrong(w, "a call of "+r.URL.Path)
	}
}

// token grants tokens. https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	if !s.begin(w, r, "token", nil) {
		return
	}
	f := r.PostForm
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	scope := f.Get("scope")
	if r.Method != http.MethodPost || rest != "oauth2/v2.0/token" || f.Get("grant_type") != "client_credentials" || !strings.HasSuffix(scope, "/.default") {
		s.wrong(w, "a token of "+r.URL.Path+" for "+scope)
		return
	}
	if f.Get("client_id") != AppID || !s.proves(f.Get("client_secret"), f.Get("client_assertion_type"), f.Get("client_assertion"), "https://"+loginHost+r.URL.Path) || tenant != Tenant && tenant != "botframework.com" {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided: " + f.Get("client_secret"), "error_codes": []int{7000215}})
		return
	}
	answer(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": 3599, "access_token": s.grant(scope)})
}

// grant returns a token that works for the scope.
func (s *Server) grant(scope string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	text := "fake-token-" + strconv.FormatInt(s.next, 10)
	s.tokens[text] = scope
	return text
}

// Trust has the app's registration know a certificate.
func (s *Server) Trust(key *rsa.PublicKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trusted = key
}

// proves reports whether a request says who the app is: by its secret, by a token that
// its certificate has signed, or by one of its federated identity.
func (s *Server) proves(secret, kind, assertion, audience string) bool {
	if secret != "" {
		return secret == AppPassword
	}
	s.mu.Lock()
	key, federated := s.trusted, s.tokens[assertion] == "api://AzureADTokenExchange"
	s.mu.Unlock()
	if kind != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return false
	}
	if federated {
		return true
	}
	// https://learn.microsoft.com/entra/identity-platform/certificate-credentials
	token, err := jwt.Parse(assertion, func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{"PS256"}),
		jwt.WithAudience(audience), jwt.WithIssuer(AppID), jwt.WithSubject(AppID), jwt.WithExpirationRequired())
	if key == nil || err != nil {
		return false
	}
	thumbprint, _ := token.Header["x5t#S256"].(string)
	claims, _ := token.Claims.(jwt.MapClaims)
	return thumbprint != "" && claims["jti"] != nil
}

// identity gives tokens of the machine's identity.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
func (s *Server) identity(w http.ResponseWriter, r *http.Request) {
	if !s.begin(w, r, "identity", nil) {
		return
	}
	q := r.URL.Query()
	if r.Method != http.MethodGet || r.URL.Path != "/metadata/identity/oauth2/token" || r.Header.Get("Metadata") != "true" || q.Get("api-version") != "2018-02-01" || q.Get("resource") == "" {
		s.wrong(w, "a call of "+r.URL.Path)
		return
	}
	scope := q.Get("resource")
	if strings.HasPrefix(scope, "https://") {
		scope += "/.default"
	}
	answer(w, http.StatusOK, map[string]any{"access_token": s.grant(scope), "expires_in": "3599", "resource": q.Get("resource"), "token_type": "Bearer"})
}
