package adapterkit

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// IDFormat puts ids together from parts and takes them apart: thread ids, channel
// ids and message ids, which are stored and never change. ID is the type of the
// ids. Parts stand between colons.
//
//	var threads = adapterkit.IDFormat[chat.ThreadID]{Prefix: "telegram", Parts: []adapterkit.IDPart{
//		{Name: "chat id", Check: isNumber},
//		{Name: "topic id", Check: isNumber, Optional: true},
//	}}
//	id, err := threads.Join("-1001", "7") // "telegram:-1001:7"
//	parts, err := threads.Split(id)       // "-1001", "7"
type IDFormat[ID ~string] struct {
	// Prefix is the first part, the adapter's name in ids of threads and channels.
	// Default: there is none, as in ids of messages.
	Prefix string
	// Parts are the parts after it. Optional ones stand at the end.
	Parts []IDPart
}

// IDPart is one part of an id.
type IDPart struct {
	// Name says what it is, for errors. Required.
	Name string
	// Encoding is how it is written. Default: [PlainID].
	Encoding IDEncoding
	// Optional says that it may be missing, with all parts after it. Default: it may
	// not.
	Optional bool
	// Empty says that it may be empty. Default: it may not.
	Empty bool
	// Check reports whether a text is valid as the part. Default: every text is.
	Check func(part string) bool
}

// IDEncoding is how a part is written, so that no colon is in it.
type IDEncoding int

// The encodings, each as the TypeScript SDK has it.
const (
	// PlainID is for parts that never hold a colon.
	PlainID IDEncoding = iota
	// Base64ID is base64 with the URL alphabet and without padding.
	Base64ID
	// URIComponentID is JavaScript's encodeURIComponent.
	URIComponentID
	// ColonID escapes "%" and ":" alone, as "%25" and "%3A".
	ColonID
)

var (
	colonEscaper   = strings.NewReplacer("%", "%25", ":", "%3A")
	colonUnescaper = strings.NewReplacer("%25", "%", "%3A", ":")
	// likeJavaScript turns url.QueryEscape into encodeURIComponent.
	likeJavaScript = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")
)

// Encode writes a part. No colon is in it, but for a PlainID with one.
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

// Decode is the inverse of Encode. It reports false for a text that is no encoding;
// some that Encode does not write are decoded all the same.
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

// Join puts an id together. It returns [chat.ErrInvalidArgument] for parts that the
// format does not allow.
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

// Split is the inverse of Join. It returns [chat.ErrInvalidArgument] for an id that
// Join does not make.
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

// String shows the format, such as "telegram:{chat id}[:{topic id}]".
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

// least is how many parts there must be.
func (f IDFormat[ID]) least() int {
	if i := slices.IndexFunc(f.Parts, func(p IDPart) bool { return p.Optional }); i >= 0 {
		return i
	}
	return len(f.Parts)
}

func (p IDPart) takes(part string) bool {
	return (part != "" || p.Empty) && (p.Check == nil || part == "" || p.Check(part))
}
