package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// status returns the status of a refusal, 0 for none.
func status(err error) int {
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.Status
	}
	return 0
}

func post(body io.Reader) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/", body)
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, 9, 10} {
		body, err := ReadBody(post(strings.NewReader(strings.Repeat("x", length))), 10)
		require.NoError(t, err)
		require.Len(t, body, length)
	}
	for _, length := range []int{11, 100_000} {
		_, err := ReadBody(post(strings.NewReader(strings.Repeat("x", length))), 10)
		require.Equal(t, http.StatusRequestEntityTooLarge, status(err), "the length is declared")
		_, err = ReadBody(post(io.MultiReader(strings.NewReader(strings.Repeat("x", length)))), 10)
		require.Equal(t, http.StatusRequestEntityTooLarge, status(err), "the length is not declared")
	}
	r := post(strings.NewReader("hello"))
	r.Body = http.MaxBytesReader(nil, io.NopCloser(strings.NewReader("hello")), 3)
	_, err := ReadBody(r, 10)
	require.Equal(t, http.StatusRequestEntityTooLarge, status(err), "the bot's own bound")
	refused, _ := errors.AsType[*Error](err)
	require.Equal(t, "the body has more than 3 bytes", refused.Answer)

	_, err = ReadBody(post(iotest.ErrReader(fmt.Errorf("read: %w", os.ErrDeadlineExceeded))), 10)
	require.Equal(t, http.StatusRequestTimeout, status(err))
	_, err = ReadBody(post(iotest.ErrReader(io.ErrUnexpectedEOF)), 10)
	require.Equal(t, http.StatusBadRequest, status(err))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "the log says why")

	r = post(nil)
	r.Body = nil
	body, err := ReadBody(r, 10)
	require.NoError(t, err)
	require.Empty(t, body)
}

func TestChecksOfARequest(t *testing.T) {
	t.Parallel()
	r := post(nil)
	require.NoError(t, CheckMethod(r, http.MethodGet, http.MethodPost))
	require.Equal(t, http.StatusMethodNotAllowed, status(CheckMethod(r, http.MethodGet)))
	for header, want := range map[string]string{
		"application/json":                  JSON,
		"Application/JSON; charset=utf-8":   JSON,
		"application/x-www-form-urlencoded": Form,
		"application/json; charset":         JSON,
		"":                                  "",
		"nothing at all":                    "",
	} {
		r.Header.Set("Content-Type", header)
		require.Equal(t, want, MediaType(r.Header), header)
		require.Equal(t, want == JSON, CheckMediaType(r, JSON) == nil, header)
	}
	r.Header.Set("Content-Type", "text/plain")
	require.Equal(t, http.StatusUnsupportedMediaType, status(CheckMediaType(r, JSON, Form)))
}

func TestNoAnswerQuotesTheBody(t *testing.T) {
	t.Parallel()
	var into struct {
		Name   string `json:"name"`
		Count  int8   `json:"count"`
		Things []int  `json:"things"`
		Inner  struct {
			Flag *bool `json:"flag"`
		} `json:"inner"`
	}
	for body, want := range map[string]string{
		`{"name": 4711}`:              "name is a JSON number, want string",
		`{"count": 4711}`:             "count is a JSON number, want int8",
		`{"count": "s3cret"}`:         "count is a JSON string, want int8",
		`{"things": {"s3cret": 1}}`:   "things is a JSON object, want array",
		`{"inner": "s3cret"}`:         "inner is a JSON string, want object",
		`{"inner": {"flag": 4711}}`:   "inner.flag is a JSON number, want bool",
		`["s3cret"]`:                  "the value is a JSON array, want object",
		`s3cret`:                      "not JSON at byte 1",
		``:                            "not JSON at byte 0",
		`{"name": "x"} {"name": "y"}`: "not JSON at byte 15",
	} {
		err := DecodeJSON([]byte(body), &into)
		require.Equal(t, http.StatusBadRequest, status(err), body)
		require.ErrorContains(t, err, want, body)
		w := httptest.NewRecorder()
		Refuse(w, post(nil), slog.New(slog.DiscardHandler), err)
		require.Contains(t, w.Body.String(), want)
		require.NotContains(t, w.Body.String()+err.Error(), "s3cret")
		require.NotContains(t, w.Body.String()+err.Error(), "4711")
	}
	require.NoError(t, DecodeJSON([]byte(`{"name": "x"}`), &into))

	form, err := ParseForm([]byte("a=1&a=2&b=%20"))
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, form["a"])
	_, err = ParseForm([]byte("a=%zzs3cret"))
	require.Equal(t, http.StatusBadRequest, status(err))
	require.NotContains(t, err.Error(), "s3cret")
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	answer := func(err error) (int, string, http.Header) {
		w := httptest.NewRecorder()
		var log strings.Builder
		Refuse(w, post(nil), slog.New(slog.NewTextHandler(&log, nil)), err)
		require.Contains(t, log.String(), err.Error(), "the log says why")
		return w.Code, strings.TrimSpace(w.Body.String()), w.Header()
	}
	code, text, header := answer(CheckMethod(post(nil), http.MethodGet, http.MethodHead))
	require.Equal(t, http.StatusMethodNotAllowed, code)
	require.Equal(t, "want GET or HEAD", text)
	require.Equal(t, "GET, HEAD", header.Get("Allow"))

	code, text, _ = answer(fmt.Errorf("around: %w", unauthorizedf("the reason %d", 1)))
	require.Equal(t, http.StatusUnauthorized, code)
	require.Equal(t, "Unauthorized", text, "not the reason")

	code, text, _ = answer(fmt.Errorf("%w: s3cret", chat.ErrInvalidArgument))
	require.Equal(t, http.StatusBadRequest, code)
	require.Equal(t, "Bad Request", text)

	code, text, _ = answer(errors.New("s3cret"))
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Equal(t, "Service Unavailable", text)
}

// The error of a program's own check is a proof that is missing, unless the check
// itself could not be made: then the platform has to deliver again.
func TestUnauthorized(t *testing.T) {
	t.Parallel()
	require.NoError(t, Unauthorized(nil))
	for err, want := range map[error]int{
		errors.New("s3cret"):                       http.StatusUnauthorized,
		chat.ErrInvalidArgument:                    http.StatusUnauthorized,
		chat.ErrTemporary:                          http.StatusServiceUnavailable,
		context.Canceled:                           http.StatusServiceUnavailable,
		fmt.Errorf("%w", context.DeadlineExceeded): http.StatusServiceUnavailable,
	} {
		refused := Unauthorized(err)
		require.Equal(t, want, status(refused), err)
		require.ErrorIs(t, refused, err, "the log says why")
		w := httptest.NewRecorder()
		Refuse(w, post(nil), slog.New(slog.DiscardHandler), refused)
		require.Equal(t, http.StatusText(want), strings.TrimSpace(w.Body.String()))
	}
}

// What a webhook and a socket bring is told apart by chat's error.
func TestBadRequestIsInvalidArgument(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, DecodeJSON([]byte("x"), new(int)), chat.ErrInvalidArgument)
	require.NotErrorIs(t, Unauthorized(io.EOF), chat.ErrInvalidArgument)
	require.NotErrorIs(t, CheckMethod(post(nil), http.MethodGet), chat.ErrInvalidArgument)
}

func FuzzBodies(f *testing.F) {
	for _, body := range []string{"", "{}", `{"a":[1,{"token":"x"}]}`, "a=1&b=%7B%22token%22%3A1%7D", "[", "\xff", `{"a":1e999}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var into struct {
			A map[string][]int
			B *string
		}
		if err := DecodeJSON(body, &into); err != nil {
			require.Equal(t, http.StatusBadRequest, status(err))
		}
		if _, err := ParseForm(body); err != nil {
			require.Equal(t, http.StatusBadRequest, status(err))
		}
		clean, err := redactor{}.json(body)
		if !json.Valid(body) {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.True(t, json.Valid(clean), "%q", clean)
		again, err := redactor{}.json(clean)
		require.NoError(t, err)
		require.True(t, bytes.Equal(clean, again), "replacing secrets twice changes nothing more: %q, %q", clean, again)
	})
}
