package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// securityPolicy lets the page run its own files and nothing else: no script and
// no style in the page, no picture from elsewhere, no HTML made from strings.
const securityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

// ServeHTTP serves the page, its data and the AI SDK's stream protocol.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", securityPolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	a.routes.ServeHTTP(w, r)
}

// newRoutes returns the handler of all paths below "/webhooks/web".
func (a *Adapter) newRoutes() (http.Handler, error) {
	routes := map[string]http.Handler{
		"GET /":                 http.HandlerFunc(a.servePage),
		"POST /":                a.withUser(a.serveTurn),
		"GET /conversations":    a.withUser(a.serveConversations),
		"DELETE /conversations": a.withUser(a.serveDeletion),
		"GET /messages":         a.withUser(a.serveMessages),
		"GET /events":           a.withUser(a.serveEvents),
		"POST /stop":            a.withUser(a.serveStop),
		"POST /actions":         a.withUser(a.serveAction),
		"POST /options":         a.withUser(a.serveOptions),
		"POST /modals":          a.withUser(a.serveSubmission),
		"POST /modals/close":    a.withUser(a.serveClosing),
	}
	files, resumed := a.withUser(a.serveFile), a.withUser(a.serveResumed)
	for _, asset := range a.page.assets {
		routes["GET /assets/"+asset.name] = asset
	}
	// A ServeMux would redirect unclean paths to where they are not: it does not
	// know what comes before them.
	route := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		if h, ok := routes[method+" "+r.URL.Path]; ok {
			h.ServeHTTP(w, r)
			return
		}
		if method == http.MethodGet && strings.HasPrefix(r.URL.Path, filePath) {
			files.ServeHTTP(w, r)
			return
		}
		if method == http.MethodGet && strings.HasSuffix(r.URL.Path, streamPath) {
			resumed.ServeHTTP(w, r)
			return
		}
		writeError(w, http.StatusNotFound, "there is nothing at this path")
	})
	// Requests of other origins' pages are refused, by Sec-Fetch-Site or Origin,
	// unless the program allows them. Programs that are no browsers send neither.
	sameOrigin := http.NewCrossOriginProtection()
	for _, origin := range a.config.AllowedOrigins {
		if err := sameOrigin.AddTrustedOrigin(origin); err != nil {
			return nil, err // New has checked them
		}
	}
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusForbidden, "the request comes from another site's page")
	}))
	return a.allowOrigins(sameOrigin.Handler(route)), nil
}

type userHandler func(w http.ResponseWriter, r *http.Request, user chat.Author)

// withUser finds out who sent the request.
func (a *Adapter) withUser(next userHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		user, err := a.users.identify(w, r)
		switch {
		case errors.Is(err, errInvalidUser):
			a.log.ErrorContext(r.Context(), "user-invalid", "error", err)
			writeError(w, http.StatusInternalServerError, "the server does not know who you are")
		case errors.Is(err, chat.ErrTemporary):
			a.unavailable(w, r, "user-unknown", err)
		case err != nil:
			a.log.DebugContext(r.Context(), "user-refused", "error", err)
			writeError(w, http.StatusUnauthorized, "you are not signed in")
		default:
			next(w, r, user)
		}
	}
}

// servePage serves the page. The page finds its files and data relative to its
// own path, whatever proxies make of it, so the path must end in a slash.
func (a *Adapter) servePage(w http.ResponseWriter, r *http.Request) {
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil && !strings.HasSuffix(u.Path, "/") {
		last := u.EscapedPath()[strings.LastIndexByte(u.EscapedPath(), '/')+1:]
		w.Header().Set("Location", "./"+last+"/")
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	a.withUser(func(w http.ResponseWriter, r *http.Request, _ chat.Author) { a.page.ServeHTTP(w, r) })(w, r)
}

// serveMessages answers a conversation's kept messages as UIMessages, oldest
// first.
func (a *Adapter) serveMessages(w http.ResponseWriter, r *http.Request, user chat.Author) {
	thread, ok := conversationThread(w, r, user)
	if !ok {
		return
	}
	t, err := a.read(r.Context(), thread)
	if err != nil {
		a.unavailable(w, r, "history-unreadable", err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"messages": t.messages})
}

// serveConversations answers the user's conversations, the last used first.
func (a *Adapter) serveConversations(w http.ResponseWriter, r *http.Request, user chat.Author) {
	list, err := a.conversations(r.Context(), user.UserID)
	if err != nil {
		a.unavailable(w, r, "conversations-unreadable", err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"conversations": list})
}

// streamPath follows the id of a conversation.
const streamPath = "/stream"

// conversationThread returns the user's thread for the conversation that the
// query names, or answers 400.
func conversationThread(w http.ResponseWriter, r *http.Request, user chat.Author) (chat.ThreadID, bool) {
	id := r.URL.Query().Get("conversation")
	if wrong := checkID(id, maxConversationID); wrong != "" {
		writeError(w, http.StatusBadRequest, "conversation "+wrong)
		return "", false
	}
	return threadID(user.UserID, id), true
}

// unavailable answers 503 for an error of what the bot depends on, without its
// words.
func (a *Adapter) unavailable(w http.ResponseWriter, r *http.Request, event string, err error) {
	if r.Context().Err() == nil {
		a.log.WarnContext(r.Context(), event, "error", err)
	}
	w.Header().Set("Retry-After", "1")
	writeError(w, http.StatusServiceUnavailable, "the bot cannot do this now, try again")
}

func writeError(w http.ResponseWriter, status int, text string) {
	writeJSON(w, status, map[string]string{"error": text})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	data, err := json.Marshal(value)
	if err != nil { // only if a type above cannot be marshalled
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // a reader that is gone needs no answer
}
