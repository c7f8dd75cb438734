package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// An album comes as several messages, each in an update of its own. For the bot they are
// one message, with the id of the first one, the first text, and all files. Each update
// waits for Config.AlbumWait, and none is answered before the message is stored.
// https://core.telegram.org/bots/api#message (media_group_id)

const (
	// albumTTL is how long the messages of an album are kept in the state.
	albumTTL = time.Minute
	// albumTries is how often an update tries to deliver an album while another
	// update of the album delivers it.
	albumTries = 25
	// maxAlbum is how many messages an album has at most.
	// https://core.telegram.org/bots/api#sendmediagroup
	maxAlbum = 10
)

// piece is one message of an album as it is stored in the state.
type piece struct {
	ID  int64           `json:"id"`
	Raw json.RawMessage `json:"raw"`
}

// handleAlbum delivers the album of a message, or the message alone if its album was
// delivered without it.
func (a *Adapter) handleAlbum(ctx context.Context, u *update, m *message) error {
	key := "telegram:album:" + u.album()
	data, err := json.Marshal(piece{m.ID, u.data})
	if err != nil {
		return err
	}
	st := a.host.State()
	if err := st.AppendToList(ctx, key, data, state.ListOptions{MaxLength: maxAlbum * 4, TTL: albumTTL}); err != nil { // redelivered messages are appended again
		return err
	}
	if err := adapterkit.Sleep(ctx, a.config.AlbumWait); err != nil {
		return err
	}
	pieces, err := a.pieces(ctx, key)
	if err != nil {
		return err
	}
	whole, err := a.agree(ctx, key, pieces)
	if err != nil {
		return err
	}
	if !slices.Contains(whole, m.ID) {
		pieces, whole = []piece{{m.ID, u.data}}, []int64{m.ID}
	}
	out, err := a.albumMessage(ctx, pieces, whole)
	if err != nil {
		return err
	}
	// Another update of the album may be delivering it at the same time.
	for range albumTries {
		if _, err = a.host.Deliver(ctx, out); !errors.Is(err, chat.ErrBusy) {
			return err
		}
		if stopped := adapterkit.Sleep(ctx, a.config.AlbumWait/5); stopped != nil {
			return stopped
		}
	}
	return err
}

// pieces returns the messages that have come, sorted by id, each once.
func (a *Adapter) pieces(ctx context.Context, key string) ([]piece, error) {
	kept, err := a.host.State().GetList(ctx, key)
	if err != nil {
		return nil, err
	}
	var pieces []piece
	for _, data := range kept {
		var p piece
		if json.Unmarshal(data, &p) == nil && p.ID > 0 {
			pieces = append(pieces, p)
		}
	}
	slices.SortStableFunc(pieces, func(x, y piece) int { return cmp.Compare(x.ID, y.ID) })
	return slices.CompactFunc(pieces, func(x, y piece) bool { return x.ID == y.ID }), nil
}

// agree returns the ids of the messages that belong to the album: those that the first
// update to ask has seen. So all updates deliver the same message.
func (a *Adapter) agree(ctx context.Context, key string, pieces []piece) ([]int64, error) {
	var ids []int64
	for _, p := range pieces {
		ids = append(ids, p.ID)
	}
	data, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	st := a.host.State()
	first, err := st.SetIfNotExists(ctx, key, data, albumTTL)
	if err != nil || first {
		return ids, err
	}
	agreed, err := st.Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return ids, nil
	}
	if err != nil {
		return nil, err
	}
	var whole []int64
	if err := json.Unmarshal(agreed, &whole); err != nil {
		return nil, err
	}
	return whole, nil
}

// albumMessage makes one message of those pieces whose ids are in whole.
func (a *Adapter) albumMessage(ctx context.Context, pieces []piece, whole []int64) (*chat.Message, error) {
	var out *chat.Message
	for _, p := range pieces {
		if !slices.Contains(whole, p.ID) {
			continue
		}
		var m message
		if err := json.Unmarshal(p.Raw, &m); err != nil {
			return nil, err
		}
		one := a.message(ctx, p.Raw, &m)
		if out == nil {
			out = one
			continue
		}
		out.Attachments = append(out.Attachments, one.Attachments...)
		if out.Text == "" {
			out.Text, out.Formatted, out.Links, out.Mention = one.Text, one.Formatted, one.Links, one.Mention
		}
	}
	if out == nil {
		return nil, state.ErrUnavailable // the state lost the messages, so Telegram must send them again
	}
	return out, nil
}
