package chat

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"
)

// Unmarshal reads JSON as [json.Unmarshal] does, and gives the bot to every
// [Thread], [Channel] and [Message] that it holds at any depth, such as in the
// payload of a job queue or of a workflow. In values of type any, objects that the
// SDKs have written become a *Thread, a *Channel or a *Message.
//
// It returns [ErrUnknownAdapter] or [ErrInvalidArgument] for a thread or channel
// that no adapter of the bot made.
func (c *Chat) Unmarshal(data []byte, v any) error {
	places, err := ownObjects(data)
	if err != nil {
		return fmt.Errorf("chat: %w", err)
	}
	tag := []byte(`"_bot":"` + rand.Text() + `",`)
	decoding.Store(string(tag), c)
	defer decoding.Delete(string(tag))
	tagged := make([]byte, 0, len(data)+len(places)*len(tag))
	from := 0
	for _, at := range places {
		tagged = append(append(tagged, data[from:at]...), tag...)
		from = at
	}
	if err := json.Unmarshal(append(tagged, data[from:]...), v); err != nil {
		return err
	}
	return c.revive(reflect.ValueOf(v), tag)
}

// decoding has the bots whose Unmarshal runs, by the tag that it puts into the
// objects that belong to it: the only way to hand a bot to an UnmarshalJSON.
var decoding sync.Map // of string to *Chat

// taken returns an object's JSON without its tag, and the bot that has put it
// there. Nil: it has none.
func taken(data []byte) ([]byte, *Chat) {
	if !bytes.HasPrefix(data, []byte(`{"_bot":"`)) {
		return data, nil
	}
	end := bytes.IndexByte(data, ',')
	if end < 0 {
		return data, nil
	}
	c, ok := decoding.Load(string(data[1 : end+1]))
	if !ok {
		return data, nil
	}
	return append([]byte{'{'}, data[end+1:]...), c.(*Chat)
}

// ownObjects returns the offsets behind the opening braces of the objects that the
// SDKs have written, in their order, without those within others.
func ownObjects(data []byte) ([]int, error) {
	type level struct {
		start int // behind the brace; 0 for an array
		key   string
		isKey bool // a key comes next
		own   bool
	}
	var places []int
	var stack []level
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return places, nil
		}
		if err != nil {
			return nil, err
		}
		if top := len(stack) - 1; top >= 0 && stack[top].start > 0 && token != json.Delim('}') {
			if l := &stack[top]; l.isKey {
				l.key, l.isKey = token.(string), false
				continue
			} else if l.isKey = true; l.key == "_type" && isOwnType(token) {
				l.own = true
			}
		}
		switch token {
		case json.Delim('{'):
			stack = append(stack, level{start: int(d.InputOffset()), isKey: true})
		case json.Delim('['):
			stack = append(stack, level{})
		case json.Delim('}'), json.Delim(']'):
			top := len(stack) - 1
			if l := stack[top]; l.own {
				for len(places) > 0 && places[len(places)-1] > l.start { // those within it
					places = places[:len(places)-1]
				}
				places = append(places, l.start)
			}
			stack = stack[:top]
		}
	}
}

func isOwnType(token json.Token) bool {
	return token == threadType || token == channelType || token == messageType
}

// revive puts threads, channels and messages in the place of their objects within
// values of type any, and removes the tag from JSON that was kept as it is.
func (c *Chat) revive(v reflect.Value, tag []byte) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || isOwnValue(v.Interface()) {
			return nil
		}
		return c.revive(v.Elem(), tag)
	case reflect.Interface:
		if v.IsNil() || !v.CanSet() {
			return nil
		}
		revived, err := c.reviveValue(v.Interface(), tag)
		if err == nil && revived != nil {
			v.Set(reflect.ValueOf(revived))
		}
		return err
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				if err := c.revive(v.Field(i), tag); err != nil {
					return err
				}
			}
		}
	case reflect.Slice, reflect.Array:
		if raw, ok := reflect.TypeAssert[json.RawMessage](v); ok {
			if v.CanSet() {
				v.SetBytes(bytes.ReplaceAll(raw, tag, nil))
			}
			return nil
		}
		for i := range v.Len() {
			if err := c.revive(v.Index(i), tag); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			if err := c.revive(value, tag); err != nil {
				return err
			}
			v.SetMapIndex(key, value)
		}
	}
	return nil
}

func isOwnValue(v any) bool {
	switch v.(type) {
	case *Thread, *Channel, *Message:
		return true
	}
	return false
}

// reviveValue returns what a decoded value of type any stands for.
func (c *Chat) reviveValue(v any, tag []byte) (any, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return v, c.revive(reflect.ValueOf(v), tag)
	}
	if token, _ := object["_bot"].(string); `"_bot":"`+token+`",` != string(tag) {
		return v, c.revive(reflect.ValueOf(object), tag)
	}
	kind := object["_type"]
	delete(object, "_bot")
	data, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	switch kind {
	case threadType:
		return c.decodeThread(data)
	case channelType:
		return c.decodeChannel(data)
	}
	return c.decodeMessage(data)
}
