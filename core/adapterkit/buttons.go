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
	// Limit is how many bytes the platform takes as a button's data, such as 64 on
	// Telegram and 100 on Discord. It must be at least 32. Required.
	Limit int
	// Format is how data that fits is written. Default: [LineButtons].
	Format ButtonFormat
	// TTL is how long the data of a button that does not fit is kept from the last
	// time that it was posted on. Default: 30 days.
	TTL time.Duration
}

// Buttons puts a button's id and value into the one short text that a platform
// takes. What does not fit stands in the state, under "{adapter}:button:{token}".
// It is safe for concurrent use.
type Buttons struct {
	cfg  ButtonsConfig
	host chat.Host
}

// ButtonFormat is how an id and a value that fit stand in a button's data.
type ButtonFormat int

const (
	// LineButtons is "{id}\n{value}", as the TypeScript SDK has it on Discord.
	LineButtons ButtonFormat = iota
	// JSONButtons is "chat:" and {"a": id, "v": value}, as the TypeScript SDK has it on
	// Telegram.
	JSONButtons
)

const (
	jsonButton = "chat:"
	// buttonToken begins what names data in the state.
	buttonToken = "~"
	// leastButton is the length of a token with its beginning.
	leastButton = 32
)

// encode reports false for a button that decode would take for another one.
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

// decode takes data that is not the format's, such as that of a button which
// another program has posted, for an id.
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
// in Attach. Its error is [chat.ErrInvalidConfig].
func NewButtons(host chat.Host, cfg ButtonsConfig) (*Buttons, error) {
	if cfg.Limit < leastButton {
		return nil, fmt.Errorf("%w: %s: the Limit of a button's data is %d, want at least %d", chat.ErrInvalidConfig, cfg.Adapter, cfg.Limit, leastButton)
	}
	if cfg.TTL <= 0 {
		cfg.TTL = 30 * 24 * time.Hour
	}
	return &Buttons{cfg: cfg, host: host}, nil
}

// buttonData is what the state keeps of a button.
type buttonData struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// Pack returns the data of a button. The same button has the same data each time.
// It returns the state's error if it does not fit and cannot be stored.
func (b *Buttons) Pack(ctx context.Context, id, value string) (string, error) {
	if text, ok := b.cfg.Format.encode(id, value); ok && len(text) <= b.cfg.Limit && utf8.ValidString(text) {
		return text, nil
	}
	return b.keep(ctx, id, value)
}

// keep stores a button's id and value and returns the token that names them.
func (b *Buttons) keep(ctx context.Context, id, value string) (string, error) {
	data, err := json.Marshal(buttonData{id, value})
	if err != nil {
		return "", err
	}
	// A button that is posted again, as by each edit, renews what is stored.
	sum := sha256.Sum256(data)
	token := base64.RawURLEncoding.EncodeToString(sum[:])[:leastButton-len(buttonToken)]
	if err := b.host.State().Set(ctx, b.key(token), data, b.cfg.TTL); err != nil {
		return "", fmt.Errorf("%s: keeping a button: %w", b.cfg.Adapter, err)
	}
	return buttonToken + token, nil
}

// Unpack is the inverse of Pack. It returns [chat.ErrNotFound] for a button whose
// data is not kept any more, and the state's error.
func (b *Buttons) Unpack(ctx context.Context, data string) (id, value string, err error) {
	token, stored := strings.CutPrefix(data, buttonToken)
	if !stored || len(token) != leastButton-len(buttonToken) { // another program's may begin so
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
