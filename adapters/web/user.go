package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// users says who sent a request.
type users interface {
	identify(w http.ResponseWriter, r *http.Request) (chat.Author, error)
}

// errInvalidUser is a fault of the program, not of the request.
var errInvalidUser = errors.New("Config.User returned an unusable Author")

// programUsers asks the program.
type programUsers struct {
	user func(*http.Request) (chat.Author, error)
}

func (p programUsers) identify(_ http.ResponseWriter, r *http.Request) (chat.Author, error) {
	author, err := p.user(r)
	if err != nil {
		return chat.Author{}, err
	}
	if wrong := checkID(string(author.UserID), maxUserID); wrong != "" {
		return chat.Author{}, fmt.Errorf("%w: UserID %s", errInvalidUser, wrong)
	}
	if author.UserName == "" {
		author.UserName = string(author.UserID)
	}
	if author.FullName == "" {
		author.FullName = author.UserName
	}
	if author.Bot == nil {
		author.Bot = new(false)
	}
	author.Me = false // a message of the bot's own would never be handled
	return author, nil
}

const (
	cookieName = "chat_web_user"
	cookieAge  = 365 * 24 * time.Hour
)

// cookieUsers knows a browser by a random token in a cookie. The user's id is a
// hash of it, so that ids in logs and in the state do not let anyone in.
type cookieUsers struct{}

func (cookieUsers) identify(w http.ResponseWriter, r *http.Request) (chat.Author, error) {
	token := ""
	if c, err := r.Cookie(cookieName); err == nil && len(c.Value) == len(rand.Text()) {
		token = c.Value
	}
	if token == "" {
		token = rand.Text()
		http.SetCookie(w, &http.Cookie{
			Name: cookieName, Value: token, Path: "/", MaxAge: int(cookieAge / time.Second),
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
		})
	}
	sum := sha256.Sum256([]byte(cookieName + ":" + token))
	id := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
	return chat.Author{UserID: chat.UserID(id), UserName: "guest", FullName: "Guest", Bot: new(false)}, nil
}
