package fakeslack

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

type file struct {
	File
	length   int
	complete bool
}

// File is an uploaded file.
type File struct {
	ID, Name, Title string
	Content         []byte
	// Channel and Thread are where it was shared.
	Channel, Thread string
	Deleted         bool
}

// AddFile adds a file that a user has shared. It is downloaded from the server's
// address, with a token.
func (s *Server) AddFile(f File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[f.ID] = &file{File: f, length: len(f.Content), complete: true}
}

// File returns a file.
func (s *Server) File(id string) (File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[id]
	if !ok {
		return File{}, false
	}
	return f.File, true
}

// fileOf returns the file that a call is about, or what Slack says instead.
func (s *Server) fileOf(args Args) (*file, string) {
	f, ok := s.files[args["file"]]
	switch {
	case !ok:
		return nil, "file_not_found"
	case f.Deleted:
		return nil, "file_deleted"
	}
	return f, ""
}

func (s *Server) fileInfo(args Args) (map[string]any, string) {
	f, refused := s.fileOf(args)
	if refused != "" {
		return nil, refused
	}
	return map[string]any{"file": s.describe(f)}, ""
}

// serveFile answers a download. Without a token Slack shows a page to sign in.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[r.PathValue("file")]
	_, refused := s.team(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	switch {
	case refused != "":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!DOCTYPE html><html>Sign in")
	case !ok || f.Deleted:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", http.DetectContentType(f.Content))
		_, _ = w.Write(f.Content)
	}
}

func (s *Server) describe(f *file) map[string]any {
	return map[string]any{
		"id": f.ID, "name": f.Name, "title": f.Title, "size": len(f.Content), "mimetype": http.DetectContentType(f.Content),
		"url_private": strings.TrimSuffix(s.APIURL, "api/") + "files-pri/" + f.ID + "/" + url.PathEscape(f.Name),
	}
}

func (s *Server) uploadURL(args Args) (map[string]any, string) {
	if args.Int("length", 0) <= 0 {
		return nil, "missing_argument"
	}
	f := &file{File: File{ID: s.id("F"), Name: args["filename"]}, length: args.Int("length", 0)}
	s.files[f.ID] = f
	return map[string]any{"file_id": f.ID, "upload_url": strings.TrimSuffix(s.APIURL, "api/") + "upload/" + f.ID}, ""
}

func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	content, problem, err := uploaded(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if problem != "" {
		s.errorf("the upload %s", problem)
	}
	f, ok := s.files[r.PathValue("file")]
	if err != nil || !ok || f.Content != nil {
		http.Error(w, "no such upload", http.StatusNotFound)
		return
	}
	if len(content) != f.length {
		s.errorf("the upload of %s has %d bytes, its length was said to be %d", f.Name, len(content), f.length)
		http.Error(w, "wrong length", http.StatusBadRequest)
		return
	}
	f.Content = content
	_, _ = io.WriteString(w, "OK")
}

// uploaded returns what was uploaded, and what is wrong with how it was.
func uploaded(r *http.Request) (content []byte, problem string, err error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, "", err
	}
	if r.Header.Get("Authorization") != "" {
		problem = "has a token, which its address makes needless"
	}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return body, problem, nil
	}
	// Some readers refuse what may follow the last boundary by RFC 2046, 5.1.1.
	if end := "--" + params["boundary"] + "--"; bytes.Count(body, []byte(end)) != 1 || !bytes.HasSuffix(body, []byte(end+"\r\n")) {
		problem = "does not end once"
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	part, _, err := r.FormFile("file")
	if err != nil {
		return nil, problem, err
	}
	defer func() { _ = part.Close() }()
	content, err = io.ReadAll(part)
	return content, problem, err
}

func (s *Server) completeUpload(args Args) (map[string]any, string) {
	var list []struct{ ID, Title string }
	if err := json.Unmarshal([]byte(args["files"]), &list); err != nil || len(list) == 0 {
		s.errorf("files.completeUploadExternal: files is %s", args["files"])
		return nil, "invalid_arguments"
	}
	var c *channel
	if id := args["channel_id"]; id != "" {
		var code string
		if c, code = s.target(Args{"channel": id, "thread_ts": args["thread_ts"]}); code != "" {
			return nil, code
		}
		if c.NotIn {
			return nil, "not_in_channel"
		}
	}
	var infos []map[string]any
	var ids []string
	for _, item := range list {
		f, ok := s.files[item.ID]
		if !ok || f.Content == nil || f.complete {
			return nil, "file_not_found"
		}
		f.complete, f.Title = true, item.Title
		if c != nil {
			f.Channel, f.Thread = c.ID, args["thread_ts"]
		}
		ids = append(ids, f.ID)
		infos = append(infos, map[string]any{"id": f.ID, "title": f.Title})
	}
	if c != nil {
		c.add(&Message{
			Channel: c.ID, TS: s.tsAt(time.Now()), Thread: args["thread_ts"], User: BotUser, Text: args["initial_comment"],
			Blocks: raw(args["blocks"]), Files: ids,
		})
	}
	return map[string]any{"files": infos}, ""
}

func (s *Server) deleteFile(args Args) (map[string]any, string) {
	f, refused := s.fileOf(args)
	if refused != "" {
		return nil, refused
	}
	f.Deleted = true
	if c, ok := s.channels[f.Channel]; ok {
		for _, m := range c.messages {
			if len(m.Files) == 1 && m.Files[0] == f.ID && m.Text == "" {
				m.Deleted = true
			}
		}
	}
	return nil, ""
}
