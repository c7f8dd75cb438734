package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
)

// redacted replaces a secret.
const redacted = "REDACTED"

// redactor replaces the secrets in a recording: values whose names are those of secrets, and
// given texts.
type redactor struct {
	secrets []string
}

// secretNames are parts of the names of headers and fields that contain a secret or a
// signature, in lower case and without punctuation.
var secretNames = []string{
	"authorization", "cookie", "signature", "secret", "token", "apikey", "password", "responseurl", "assertion", "credential",
}

func isSecret(name string) bool {
	name = strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(name))
	return slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(name, part) })
}

func (d redactor) redact(r *Recording) error {
	for name, values := range r.Header {
		for i, value := range values {
			values[i] = d.value(name, value)
		}
	}
	path, query, ok := strings.Cut(r.Path, "?")
	r.Path = d.text(path)
	if ok {
		r.Path += "?" + d.form(query)
	}
	kind := MediaType(r.Header)
	switch {
	case len(r.Body) == 0:
	case kind == Form:
		r.Body = []byte(d.form(string(r.Body)))
	case kind == JSON || strings.HasSuffix(kind, "+json") || looksLikeJSON(r.Body):
		body, err := d.json(r.Body)
		if err != nil {
			return errors.New("the body is not JSON, so its secrets cannot be found")
		}
		r.Body = body
	default:
		r.Body = []byte(d.text(string(r.Body)))
	}
	if length := r.Header.Get("Content-Length"); length != "" {
		r.Header.Del("Content-Length") // it is the length of the original body
	}
	return nil
}

// text replaces the given secrets in a text.
func (d redactor) text(text string) string {
	for _, secret := range d.secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	return text
}

// value replaces a value by its name, and secrets within it.
func (d redactor) value(name, value string) string {
	if value != "" && isSecret(name) {
		return redacted
	}
	if looksLikeJSON([]byte(value)) {
		if clean, err := d.json([]byte(value)); err == nil {
			return string(clean)
		}
	}
	return d.text(value)
}

// form replaces secrets in the fields of a form or a query. Their order stays.
func (d redactor) form(text string) string {
	fields := strings.Split(text, "&")
	for i, field := range fields {
		name, value, ok := strings.Cut(field, "=")
		if !ok {
			fields[i] = d.text(field)
			continue
		}
		plainName, nameErr := url.QueryUnescape(name)
		plainValue, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			fields[i] = d.text(name) + "=" + redacted
			continue
		}
		clean := d.value(plainName, plainValue)
		if plainName == "code" || plainName == "key" || plainName == "sig" {
			clean = redacted
		}
		if clean != plainValue {
			value = url.QueryEscape(clean)
		}
		fields[i] = d.text(name) + "=" + value
	}
	return strings.Join(fields, "&")
}

func looksLikeJSON(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// json replaces secrets in one JSON value and leaves all other bytes as they are.
func (d redactor) json(text []byte) ([]byte, error) {
	if !json.Valid(text) {
		return nil, errors.New("not JSON")
	}
	var out bytes.Buffer
	scopes := []jsonScope{{}}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	written := 0 // how many bytes of text are in out
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			out.Write(text[written:])
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		end := int(decoder.InputOffset())
		scope := &scopes[len(scopes)-1]
		switch token := token.(type) {
		case json.Delim:
			if token == '{' || token == '[' {
				scopes = append(scopes, jsonScope{object: token == '{', wantName: token == '{', secret: scope.secretValue()})
			} else {
				scopes = scopes[:len(scopes)-1]
				scopes[len(scopes)-1].next()
			}
			continue
		case string:
			start := written + bytes.IndexByte(text[written:end], '"')
			if scope.object && scope.wantName {
				scope.name, scope.wantName = token, false
				out.Write(text[written:end])
				written = end
				continue
			}
			clean := d.value(scope.name, token)
			if scope.secretValue() {
				clean = redacted
			}
			if clean != token {
				quoted, err := json.Marshal(clean)
				if err != nil {
					return nil, err
				}
				out.Write(text[written:start])
				out.Write(quoted)
				written = end
			}
		case json.Number:
			if scope.secretValue() {
				start := end - len(token)
				out.Write(text[written:start])
				out.WriteString("0")
				written = end
			}
		}
		out.Write(text[written:end])
		written = end
		scope.next()
	}
}

// jsonScope is an object or array that is being read.
type jsonScope struct {
	object   bool
	wantName bool   // the next string is a name
	name     string // the name of the next value
	secret   bool   // all values are secrets
}

func (s *jsonScope) secretValue() bool { return s.secret || s.object && isSecret(s.name) }

// next is called after a value.
func (s *jsonScope) next() { s.wantName, s.name = s.object, "" }
