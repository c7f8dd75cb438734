package fakeslack

import (
	"fmt"
	"slices"
	"time"
)

// The app, for oauth.v2.access.
const (
	ClientID     = "12.34"
	ClientSecret = "client-secret"
)

// rotation is what there is to tokens that expire.
// https://docs.slack.dev/authentication/using-token-rotation
type rotation struct {
	issued  map[string][]string // tokens that work, by workspace, oldest first
	ended   map[string]string   // why the other ones do not
	refresh map[string]*refreshToken
}

type refreshToken struct {
	team string
	used bool
	dead bool
}

// maxTokens is how many tokens of a workspace work at a time.
const maxTokens = 2

// Rotate gives a workspace a token that expires, and its refresh token.
func (s *Server) Rotate(team string) (token, refresh string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rotate(team)
}

func (s *Server) rotate(team string) (token, refresh string) {
	r := &s.rotation
	if r.issued == nil {
		r.issued, r.ended, r.refresh = map[string][]string{}, map[string]string{}, map[string]*refreshToken{}
	}
	s.next++
	token, refresh = fmt.Sprintf("xoxe.xoxb-1-%d", s.next), fmt.Sprintf("xoxe-1-%d", s.next)
	r.issued[team] = append(r.issued[team], token)
	r.refresh[refresh] = &refreshToken{team: team}
	s.tokens[token] = team
	if n := len(r.issued[team]); n > maxTokens {
		s.end(r.issued[team][0], "token_revoked")
	}
	return token, refresh
}

// Expire ends a token as its time does.
func (s *Server) Expire(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(token, "token_expired")
}

func (s *Server) end(token, why string) {
	team := s.tokens[token]
	delete(s.tokens, token)
	s.rotation.ended[token] = why
	s.rotation.issued[team] = slices.DeleteFunc(s.rotation.issued[team], func(t string) bool { return t == token })
}

// EndGrace revokes the refresh tokens that were used, as Slack does a short while
// after.
func (s *Server) EndGrace() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rotation.refresh {
		r.dead = r.dead || r.used
	}
}

// Uninstall revokes all tokens of a workspace.
func (s *Server) Uninstall(team string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, token := range slices.Clone(s.rotation.issued[team]) {
		s.end(token, "token_revoked")
	}
	for _, r := range s.rotation.refresh {
		r.dead = r.dead || r.team == team
	}
}

// Working returns the tokens of a workspace that expire and have not yet.
func (s *Server) Working(team string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rotation.issued[team])
}

// team returns the workspace of a token, or why it does not work.
func (s *Server) team(token string) (team, code string) {
	if token == "" {
		return "", "not_authed"
	}
	if why, ok := s.rotation.ended[token]; ok {
		return "", why
	}
	team, ok := s.tokens[token]
	if !ok {
		return "", "invalid_auth"
	}
	return team, ""
}

// access exchanges a refresh token. Codes of an installation are for Handle.
func (s *Server) access(args Args) (map[string]any, string) {
	switch {
	case args["client_id"] != ClientID:
		return nil, "invalid_client_id"
	case args["client_secret"] != ClientSecret:
		return nil, "bad_client_secret"
	case args["grant_type"] != "refresh_token":
		return nil, "invalid_code"
	}
	r, ok := s.rotation.refresh[args["refresh_token"]]
	if !ok || r.dead {
		return nil, "invalid_refresh_token"
	}
	r.used = true
	token, refresh := s.rotate(r.team)
	return map[string]any{
		"access_token": token, "token_type": "bot", "expires_in": int(Lifetime / time.Second), "refresh_token": refresh, "bot_user_id": BotUser, "app_id": AppID,
		"team": map[string]any{"id": r.team, "name": "One"}, "enterprise": nil, "is_enterprise_install": false,
	}, ""
}

// Lifetime is how long a token that expires lives.
const Lifetime = 12 * time.Hour
