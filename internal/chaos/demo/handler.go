package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"time"

	"github.com/chat-adapter/chat-go/internal/chaos"
)

//go:embed page
var pageFiles embed.FS

// viewEvery is the time between two views that a page gets.
const viewEvery = 250 * time.Millisecond

// newHandler serves the page, its views and its buttons. Faults that they do end
// with ctx.
func newHandler(ctx context.Context, live *chaos.Live) http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /views", func(w http.ResponseWriter, r *http.Request) { sendViews(w, r, live) })
	fault := func(pattern string, do func(r *http.Request) error) {
		mux.HandleFunc("POST "+pattern, func(w http.ResponseWriter, r *http.Request) {
			switch err := do(r); {
			case err == nil:
				w.WriteHeader(http.StatusAccepted)
			case errors.Is(err, chaos.ErrNoBot):
				http.Error(w, err.Error(), http.StatusNotFound)
			case errors.Is(err, chaos.ErrBusy):
				http.Error(w, err.Error(), http.StatusConflict)
			default:
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	fault("/bots/{name}/kill", func(r *http.Request) error { return live.KillBot(ctx, r.PathValue("name")) })
	fault("/bots/{name}/pause", func(r *http.Request) error { return live.PauseBot(ctx, r.PathValue("name")) })
	fault("/redis/kill", func(*http.Request) error { return live.KillRedis(ctx) })
	fault("/redis/failover", func(*http.Request) error { return live.FailOver(ctx) })

	guarded := http.NewCrossOriginProtection().Handler(mux) // no other page presses the buttons
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		guarded.ServeHTTP(w, r)
	})
}

// sendViews sends a view again and again, as server-sent events, until the page
// leaves.
func sendViews(w http.ResponseWriter, r *http.Request, live *chaos.Live) {
	w.Header().Set("Content-Type", "text/event-stream")
	defer live.Watch()()
	ticker := time.NewTicker(viewEvery)
	defer ticker.Stop()
	for {
		view, err := live.View()
		if err != nil {
			fmt.Fprintln(os.Stderr, "demo:", err)
			return
		}
		data, err := json.Marshal(view)
		if err != nil {
			panic(err) // a view is always JSON
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil {
			return
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return
		}
	}
}
