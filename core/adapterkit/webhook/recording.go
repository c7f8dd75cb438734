package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"
)

// Recording is one webhook that was received. [Recorder] writes it to a file, and tests
// read it with [ReadRecordings]. Its secrets are replaced, so a test that replays it must
// sign it again. chattest.Replay sends it to a bot, and adaptertest uses it as a sample.
type Recording struct {
	// Name is the name of the file without its ending.
	Name string
	// At is the time when the webhook was received.
	At time.Time
	// Method is the HTTP method.
	Method string
	// Path is the path after /webhooks/{adapter}, with the query.
	Path string
	// Header has the headers of the request.
	Header http.Header
	// Body is the body of the request.
	Body []byte
	// Status is the HTTP status of the answer.
	Status int
}

// recordingFile is the JSON of a recording.
type recordingFile struct {
	At     time.Time   `json:"at"`
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Header http.Header `json:"header"`
	Status int         `json:"status"`
	// Body is the body, or BodyBase64 if it is not valid UTF-8.
	Body       string `json:"body,omitempty"`
	BodyBase64 []byte `json:"bodyBase64,omitempty"`
}

const recordingEnding = ".json"

// ReadRecording reads the file of a recording.
func ReadRecording(file string) (*Recording, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var f recordingFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("webhook: recording %s: %w", file, err)
	}
	r := &Recording{
		Name: strings.TrimSuffix(filepath.Base(file), recordingEnding),
		At:   f.At, Method: f.Method, Path: f.Path, Header: f.Header, Status: f.Status, Body: f.BodyBase64,
	}
	if f.Body != "" {
		r.Body = []byte(f.Body)
	}
	return r, nil
}

// ReadRecordings reads all recordings in a folder, sorted by name, which is the order in which
// they were received. A folder without recordings is an error.
func ReadRecordings(folder string) ([]*Recording, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*"+recordingEnding))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("webhook: %s has no recordings", folder)
	}
	recordings := make([]*Recording, len(files))
	for i, file := range files {
		if recordings[i], err = ReadRecording(file); err != nil {
			return nil, err
		}
	}
	return recordings, nil
}

// Request returns the webhook as a request. server is the address of the adapter, such as
// "http://127.0.0.1:8080/webhooks/telegram". The caller signs the request.
func (r *Recording) Request(server string) (*http.Request, error) {
	req, err := http.NewRequest(r.Method, strings.TrimSuffix(server, "/")+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	return req, nil
}

// write writes the recording to a file in a folder, which it creates if needed.
func (r *Recording) write(folder string) error {
	f := recordingFile{At: r.At, Method: r.Method, Path: r.Path, Header: r.Header, Status: r.Status}
	if utf8.Valid(r.Body) {
		f.Body = string(r.Body)
	} else {
		f.BodyBase64 = r.Body
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(f); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, r.Name+recordingEnding), b.Bytes(), 0o600)
}
