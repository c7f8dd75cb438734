package adapterkit

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// IDFormat encodes ids of threads, channels and messages from parts, and decodes them. Such
// ids are stored, so the format of an adapter must never change. ID is the type of the ids.
// The parts are separated by colons.
//
//	var threads = adapterkit.IDFormat[chat.ThreadID]{Prefix: "telegram", Parts: []adapterkit.IDPart{
//		{Name: "chat id", Check: isNumber},
//		{Name: "topic id", Check: isNumber, Optional: true},
//	}}
//	id, err := threads.Join("-1001", "7") // "telegram:-1001:7"
//	parts, err := threads.Split(id)       // "-1001", "7"
type IDFormat[ID ~string] struct {
	// Prefix is the first part: in ids of threads and channels it is the adapter's name.
	// Default none, as in ids of messages.
	Prefix string
	// Parts are the parts after the prefix, with the optional ones at the end. Required.
	Parts []IDPart
}

// IDPart is one part of an id.
type IDPart struct {
	// Name is the name of the part in errors. Required.
	Name string
	// Encoding is the encoding of the part. Default: [PlainID].
	Encoding IDEncoding
	// Optional says that the part may be missing, with all parts after it. Default false.
	Optional bool
	// Empty says that the part may be empty. Default false.
	Empty bool
	// Check reports whether a text is valid as the part. Default: every text is valid.
	Check func(part string) bool
}

// IDEncoding is the encoding of a part, by which it contains no colon.
type IDEncoding int

// The encodings, as in the TypeScript SDK.
const (
	// PlainID is no encoding, for parts that never contain a colon.
	PlainID IDEncoding = iota
	// Base64ID is base64 with the URL alphabet and without padding.
	Base64ID
	// URIComponentID is JavaScript's encodeURIComponent.
	URIComponentID
	// ColonID escapes only "%" and ":", as "%25" and "%3A".
	ColonID
)

var (
	colonEscaper   = strings.NewReplacer("%", "%25", ":", "%3A")
	colonUnescaper = strings.NewReplacer("%25", "%", "%3A", ":")
	// likeJavaScript turns url.QueryEscape into encodeURIComponent.
	likeJavaScript = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")
)

// Encode encodes a part. Only the result of PlainID can contain a colon.
func (e IDEncoding) Encode(part string) string {
	switch e {
	case Base64ID:
		return base64.RawURLEncoding.EncodeToString([]byte(part))
	case URIComponentID:
		return likeJavaScript.Replace(url.QueryEscape(part))
	case ColonID:
		return colonEscaper.Replace(part)
	}
	return part
}

// Decode is the inverse of Encode. It returns false for a text that is not an encoding. It
// also decodes some texts that Encode does not return.
func (e IDEncoding) Decode(text string) (string, bool) {
	switch e {
	case Base64ID:
		part, err := base64.RawURLEncoding.Strict().DecodeString(text)
		return string(part), err == nil
	case URIComponentID:
		part, err := url.PathUnescape(text)
		return part, err == nil
	case ColonID:
		return colonUnescaper.Replace(text), true
	}
	return text, true
}

// Join encodes parts as an id. If the format does not allow the parts, the error is
// [chat.ErrInvalidArgument].
func (f IDFormat[ID]) Join(parts ...string) (ID, error) {
	if len(parts) > len(f.Parts) || len(parts) < f.least() {
		return "", fmt.Errorf("%w: an id of %d parts, want %s", chat.ErrInvalidArgument, len(parts), f)
	}
	var texts []string
	if f.Prefix != "" {
		texts = append(texts, f.Prefix)
	}
	for i, part := range parts {
		p := f.Parts[i]
		text := p.Encoding.Encode(part)
		if back, ok := p.Encoding.Decode(text); !p.takes(part) || !ok || back != part || strings.Contains(text, ":") {
			return "", fmt.Errorf("%w: the %s of an id is %q, want %s", chat.ErrInvalidArgument, p.Name, part, f)
		}
		texts = append(texts, text)
	}
	return ID(strings.Join(texts, ":")), nil
}

// Split is the inverse of Join. For an id that Join does not return, the error is
// [chat.ErrInvalidArgument].
func (f IDFormat[ID]) Split(id ID) ([]string, error) {
	texts := strings.Split(string(id), ":")
	if f.Prefix != "" {
		if texts[0] != f.Prefix {
			return nil, f.invalid(id)
		}
		texts = texts[1:]
	}
	if len(texts) > len(f.Parts) || len(texts) < f.least() {
		return nil, f.invalid(id)
	}
	parts := make([]string, len(texts))
	for i, text := range texts {
		p := f.Parts[i]
		part, ok := p.Encoding.Decode(text)
		if !ok || !p.takes(part) || p.Encoding.Encode(part) != text {
			return nil, f.invalid(id)
		}
		parts[i] = part
	}
	return parts, nil
}

// String returns the format, such as "telegram:{chat id}[:{topic id}]".
func (f IDFormat[ID]) String() string {
	var b strings.Builder
	b.WriteString(f.Prefix)
	for i, p := range f.Parts {
		separator := ":"
		if i == 0 && f.Prefix == "" {
			separator = ""
		}
		if p.Optional {
			b.WriteString("[" + separator + "{" + p.Name + "}]")
		} else {
			b.WriteString(separator + "{" + p.Name + "}")
		}
	}
	return b.String()
}

func (f IDFormat[ID]) invalid(id ID) error {
	return fmt.Errorf("%w: id %q, want %s", chat.ErrInvalidArgument, id, f)
}

// least returns how many parts are required.
func (f IDFormat[ID]) least() int {
	if i := slices.IndexFunc(f.Parts, func(p IDPart) bool { return p.Optional }); i >= 0 {
		return i
	}
	return len(f.Parts)
}

func (p IDPart) takes(part string) bool {
	return (part != "" || p.Empty) && (p.Check == nil || part == "" || p.Check(part))
}
