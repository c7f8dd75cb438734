package adapterkit

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/internal/jsontext"
	"github.com/chat-adapter/chat-go/core/state"
)

// ButtonsConfig configures [Buttons].
type ButtonsConfig struct {
	// Adapter is the adapter's name. Required.
	Adapter string
	// Limit is how many bytes the data of a button has on the platform, such as 64 on
	// Telegram and 100 on Discord. It must be at least 32. Required.
	Limit int
	// Format is the format of data within the Limit. Default: [LineButtons].
	Format ButtonFormat
	// TTL is how long data that exceeds the Limit is kept in the state, since the button
	// was last posted. Default: 30 days.
	TTL time.Duration
}

// Buttons encodes the id and the value of a button as one short text, which platforms call
// its data. If the data exceeds the limit, the id and the value are kept in the state,
// under "{adapter}:button:{token}", and the data is the token. It is safe for concurrent
// use.
type Buttons struct {
	cfg  ButtonsConfig
	host chat.Host
}

// ButtonFormat is the format of an id and a value in the data of a button.
type ButtonFormat int

const (
	// LineButtons is "{id}\n{value}", as in the TypeScript SDK on Discord.
	LineButtons ButtonFormat = iota
	// JSONButtons is "chat:" and {"a": id, "v": value}, as in the TypeScript SDK on
	// Telegram.
	JSONButtons
)

const (
	jsonButton = "chat:"
	// buttonToken is put before a token, so that it differs from other data.
	buttonToken = "~"
	// leastButton is the length of a token, with buttonToken.
	leastButton = 32
)

// encode returns false if decode would not return the same id and value.
func (f ButtonFormat) encode(id, value string) (string, bool) {
	text := id
	switch {
	case f == JSONButtons:
		data := jsontext.AppendString([]byte(jsonButton+`{"a":`), id)
		if value != "" {
			data = jsontext.AppendString(append(data, `,"v":`...), value)
		}
		text = string(append(data, '}'))
	case value != "":
		text += "\n" + value
	}
	gotID, gotValue := f.decode(text)
	return text, gotID == id && gotValue == value && !strings.HasPrefix(text, buttonToken)
}

// decode returns data in another format as an id. It may be of a button of another program.
func (f ButtonFormat) decode(data string) (id, value string) {
	if f == LineButtons {
		id, value, _ = strings.Cut(data, "\n")
		return id, value
	}
	var b struct {
		ID    string `json:"a"`
		Value string `json:"v"`
	}
	if text, ok := strings.CutPrefix(data, jsonButton); ok && json.Unmarshal([]byte(text), &b) == nil && b.ID != "" {
		return b.ID, b.Value
	}
	return data, ""
}

// NewButtons returns the Buttons of an adapter. It needs the adapter's host, so call it
// in Attach. Its error is [chat.ErrInvalidConfig] and names the field.
func NewButtons(host chat.Host, cfg ButtonsConfig) (*Buttons, error) {
	if cfg.Adapter == "" {
		return nil, fmt.Errorf("%w: adapterkit: ButtonsConfig.Adapter is empty, want the adapter's name", chat.ErrInvalidConfig)
	}
	if cfg.Limit < leastButton {
		return nil, fmt.Errorf("%w: %s: ButtonsConfig.Limit is %d, want at least %d bytes", chat.ErrInvalidConfig, cfg.Adapter, cfg.Limit, leastButton)
	}
	if cfg.TTL <= 0 {
		cfg.TTL = 30 * 24 * time.Hour
	}
	return &Buttons{cfg: cfg, host: host}, nil
}

// buttonData is the JSON of a button in the state.
type buttonData struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// Pack returns the data of a button. The same id and value have the same data each time. If
// the data exceeds the limit and cannot be stored, the error is the state's.
func (b *Buttons) Pack(ctx context.Context, id, value string) (string, error) {
	if text, ok := b.cfg.Format.encode(id, value); ok && len(text) <= b.cfg.Limit && utf8.ValidString(text) {
		return text, nil
	}
	return b.keep(ctx, id, value)
}

// keep stores the id and the value of a button, and returns a token for them.
func (b *Buttons) keep(ctx context.Context, id, value string) (string, error) {
	data, err := json.Marshal(buttonData{id, value})
	if err != nil {
		return "", err
	}
	// A button that is posted again, as by each edit, renews what is stored.
	sum := sha256.Sum256(data)
	token := base64.RawURLEncoding.EncodeToString(sum[:])[:leastButton-len(buttonToken)]
	if err := b.host.State().Set(ctx, b.key(token), data, b.cfg.TTL); err != nil {
		return "", fmt.Errorf("%s: storing a button: %w", b.cfg.Adapter, err)
	}
	return buttonToken + token, nil
}

// Unpack is the inverse of Pack. If the data is no longer in the state, the error is
// [chat.ErrNotFound]; otherwise it is the state's. Data that Pack did not return, such as
// that of another program, is returned as the id.
func (b *Buttons) Unpack(ctx context.Context, data string) (id, value string, err error) {
	token, stored := strings.CutPrefix(data, buttonToken)
	if !stored || len(token) != leastButton-len(buttonToken) { // data of another program may begin like a token
		id, value = b.cfg.Format.decode(data)
		return id, value, nil
	}
	kept, err := b.host.State().Get(ctx, b.key(token))
	if errors.Is(err, state.ErrNotFound) {
		return "", "", b.gone()
	}
	if err != nil {
		return "", "", fmt.Errorf("%s: finding a button: %w", b.cfg.Adapter, err)
	}
	var d buttonData
	if err := json.Unmarshal(kept, &d); err != nil {
		return "", "", fmt.Errorf("%s: finding a button: %w", b.cfg.Adapter, err)
	}
	return d.ID, d.Value, nil
}

func (b *Buttons) gone() error {
	return &chat.PlatformError{Adapter: b.cfg.Adapter, Op: "button", Code: chat.CodeNotFound, Err: errors.New("the button is too old")}
}

func (b *Buttons) key(token string) string { return b.cfg.Adapter + ":button:" + token }
