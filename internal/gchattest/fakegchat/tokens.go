package fakegchat

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The app.
const (
	ProjectNumber = "123456789012"
	EndpointURL   = "https://bot.example.com/webhooks/gchat"
	AddOnAccount  = "service-123456789012@gcp-sa-gsuiteaddons.iam.gserviceaccount.com"
	PushAudience  = "https://bot.example.com/pubsub"
	PushAccount   = "pusher@project.iam.gserviceaccount.com"
	Topic         = "projects/project/topics/chat"
	Account       = "bot@project.iam.gserviceaccount.com"
	// Delegate is the user in whose name the app may make calls.
	Delegate = "helper@example.com"
	// BotID is the app's own user.
	BotID = "users/100000000000000000099"

	ChatIssuer   = "chat@system.gserviceaccount.com"
	GoogleIssuer = "https://accounts.google.com"
	tokenURL     = "https://oauth2.googleapis.com/token" //nolint:gosec // Reason: an address, no credential.
)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// Keys of those who sign. A test that wants a wrong one takes the stranger's.
var (
	ChatKey     = sync.OnceValue(newKey)
	GoogleKey   = sync.OnceValue(newKey)
	NextKey     = sync.OnceValue(newKey)
	StrangerKey = sync.OnceValue(newKey)
	accountKey  = sync.OnceValue(newKey)
)

// Credentials is the key file of the app's service account.
func Credentials() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(accountKey())
	if err != nil {
		panic(err)
	}
	data, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "project", "private_key_id": "k1", "client_email": Account, "client_id": "1", "token_uri": tokenURL,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		panic(err)
	}
	return data
}

// Claims are those of a token that Chat sends now.
func Claims(change ...func(jwt.MapClaims)) jwt.MapClaims {
	now := time.Now()
	c := jwt.MapClaims{"iss": ChatIssuer, "aud": ProjectNumber, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for _, f := range change {
		f(c)
	}
	return c
}

// IDClaims are those of an ID token of Google's for an account.
func IDClaims(audience, email string) jwt.MapClaims {
	return Claims(func(c jwt.MapClaims) {
		c["iss"], c["aud"], c["email"], c["email_verified"], c["sub"] = GoogleIssuer, audience, email, true, "117"
	})
}

// Sign returns a token that a key has signed.
func Sign(key *rsa.PrivateKey, kid string, claims jwt.MapClaims) string {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	t.Header["kid"] = kid
	signed, err := t.SignedString(key)
	if err != nil {
		panic(err)
	}
	return signed
}

// ChatToken is a token with which Chat sends events, and PushToken one with which
// Pub/Sub pushes. They are good for an hour.
var (
	ChatToken = sync.OnceValue(func() string { return Sign(ChatKey(), "chat-1", Claims()) })
	PushToken = sync.OnceValue(func() string { return Sign(GoogleKey(), "google-1", IDClaims(PushAudience, PushAccount)) })
)

// ChatKeys is the key set of Chat as JSON.
func ChatKeys() string { return encode(keySet(map[string]*rsa.PrivateKey{"chat-1": ChatKey()})) }

// keySet is a JWK Set without "alg", which is optional: the adapter knows the algorithm.
// https://www.rfc-editor.org/rfc/rfc7517
func keySet(keys map[string]*rsa.PrivateKey) any {
	list := []map[string]string{}
	for kid, key := range keys {
		list = append(list, map[string]string{
			"kty": "RSA", "use": "sig", "kid": kid,
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		})
	}
	return map[string]any{"keys": list}
}

// access is what an access token opens.
type access struct {
	user   string // empty: the app itself
	scopes []string
}

const scopePrefix = "https://www.googleapis.com/auth/"

// may reports whether a token has one of the scopes.
func (a access) may(scopes ...string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(a.scopes, scopePrefix+s) })
}

// token exchanges an assertion.
// https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.tokenCalls++
	hold := s.holdTokens
	s.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if failure, failing := s.Take("token", Failure{Status: http.StatusServiceUnavailable, Code: "UNAVAILABLE"}); failing {
		http.Error(w, `{"error":"`+failure.Code+`","error_description":"`+failure.Message+`"}`, failure.Status)
		return
	}
	refuse := func(code string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": r.FormValue("assertion")})
	}
	if r.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		refuse("unsupported_grant_type")
		return
	}
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(Account), jwt.WithAudience(tokenURL), jwt.WithExpirationRequired())
	if _, err := parser.ParseWithClaims(r.FormValue("assertion"), claims, func(*jwt.Token) (any, error) { return &accountKey().PublicKey, nil }); err != nil {
		refuse("invalid_grant")
		return
	}
	subject, _ := claims["sub"].(string)
	scope, _ := claims["scope"].(string)
	if subject == Account {
		subject = ""
	}
	if subject != "" && !strings.HasSuffix(subject, "@example.com") {
		refuse("unauthorized_client")
		return
	}
	token := s.grant(access{subject, strings.Fields(scope)})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "expires_in": 3600, "token_type": "Bearer"})
}

// grant returns a token that opens something.
func (s *Server) grant(a access) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastToken++
	token := fmt.Sprintf("ya29.token-%d", s.lastToken)
	s.access[token] = a
	return token
}

// metadata is what a machine of Google Cloud knows of its service account.
// https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys#instance-metadata
func (s *Server) metadata(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Metadata-Flavor", "Google")
	if r.Header.Get("Metadata-Flavor") != "Google" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	switch path, _ := strings.CutPrefix(r.URL.Path, "/computeMetadata/v1/"); path {
	case "instance/service-accounts/default/email":
		_, _ = w.Write([]byte(Account))
	case "instance/service-accounts/default/token":
		token := s.grant(access{scopes: strings.Split(r.URL.Query().Get("scopes"), ",")})
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "expires_in": 3600, "token_type": "Bearer"})
	default:
		http.NotFound(w, r)
	}
}

// signJWT signs for a service account whose key Google keeps.
// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt
func (s *Server) signJWT(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	given, ok := s.access[token]
	s.mu.Unlock()
	var asked struct {
		Payload string `json:"payload"`
	}
	claims := jwt.MapClaims{}
	switch {
	case !ok || !given.may("cloud-platform"):
		write(w, *forbidden("The caller does not have permission"))
	case r.URL.Path != "/v1/projects/-/serviceAccounts/"+Account+":signJwt" || json.NewDecoder(r.Body).Decode(&asked) != nil || json.Unmarshal([]byte(asked.Payload), &claims) != nil:
		write(w, *invalid("There is nothing to sign."))
	default:
		_ = json.NewEncoder(w).Encode(map[string]string{"keyId": "k1", "signedJwt": Sign(accountKey(), "k1", claims)})
	}
}

// RevokeTokens has no token that was given open anything.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access = map[string]access{}
}

// TokenCalls returns how often a token was asked for.
func (s *Server) TokenCalls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokenCalls
}

// HoldTokens has requests for tokens wait until the channel is closed.
func (s *Server) HoldTokens(until chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holdTokens = until
}
