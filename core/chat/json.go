package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/internal/jsontext"
)

// errUnknownField tells [decoder.object] to keep a field as it is.
var errUnknownField = errors.New("unknown field")

// fieldError says which field of a JSON value is not what it should be.
type fieldError struct {
	path string
	want string
}

func (e *fieldError) Error() string {
	if e.path == "" {
		return "it is not " + e.want
	}
	return fmt.Sprintf("field %q is not %s", e.path, e.want)
}

// decoder reads a JSON value in one pass. The value is valid: [newDecoder] has
// looked. A null leaves what it is read into as it was. Names are matched
// exactly, as JavaScript does.
type decoder struct {
	data []byte
	pos  int
}

func newDecoder(data []byte) (*decoder, error) {
	if !json.Valid(data) {
		return nil, errors.New("it is not valid JSON")
	}
	d := &decoder{data: data}
	d.space()
	return d, nil
}

func (d *decoder) space() {
	for d.pos < len(d.data) && d.data[d.pos] <= ' ' {
		d.pos++
	}
}

// at reports whether the next byte is c. It is never past the end of valid JSON.
func (d *decoder) at(c byte) bool { return d.pos < len(d.data) && d.data[d.pos] == c }

// null reads a null if there is one.
func (d *decoder) null() bool {
	if !d.at('n') {
		return false
	}
	d.pos += len("null")
	return true
}

// object reads an object. It calls field at the value of each member, which must
// read it or return errUnknownField; name is part of the data. Unknown members come back as they are, each
// with a comma before it.
func (d *decoder) object(field func(name []byte) error) (extra string, err error) {
	if d.null() {
		return "", nil
	}
	if !d.at('{') {
		return "", &fieldError{want: "an object"}
	}
	var unknown []byte
	for d.pos++; ; d.pos++ {
		d.space()
		if d.at('}') {
			break
		}
		start := d.pos
		name, err := d.name()
		if err != nil {
			return "", err
		}
		d.space()
		d.pos++ // the colon
		d.space()
		value := d.pos
		if err := field(name); errors.Is(err, errUnknownField) {
			d.pos = value
			d.skip()
			unknown = append(append(unknown, ','), d.data[start:d.pos]...)
		} else if err != nil {
			return "", inField(string(name), err)
		}
		d.space()
		if !d.at(',') {
			break
		}
	}
	d.pos++
	return string(unknown), nil
}

// name reads the name of a member.
func (d *decoder) name() ([]byte, error) {
	start := d.pos
	if d.skipString() {
		return d.data[start+1 : d.pos-1], nil
	}
	var name string
	err := json.Unmarshal(d.data[start:d.pos], &name)
	return []byte(name), err
}

// array reads an array. It calls item at each value, which must read it.
func (d *decoder) array(item func() error) error {
	if d.null() {
		return nil
	}
	if !d.at('[') {
		return &fieldError{want: "an array"}
	}
	for i := 0; ; i++ {
		d.pos++
		d.space()
		if d.at(']') {
			break
		}
		if err := item(); err != nil {
			return inField(strconv.Itoa(i), err)
		}
		d.space()
		if !d.at(',') {
			break
		}
	}
	d.pos++
	return nil
}

func inField(name string, err error) error {
	field, ok := errors.AsType[*fieldError](err)
	if !ok {
		return fmt.Errorf("field %q: %w", name, err)
	}
	if field.path != "" {
		name += "." + field.path
	}
	return &fieldError{path: name, want: field.want}
}

// skip reads any value.
func (d *decoder) skip() {
	depth := 0
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case '"':
			d.skipString()
		case '{', '[':
			depth++
			d.pos++
		case '}', ']':
			depth--
			d.pos++
		case ',', ':', ' ', '\t', '\r', '\n':
			d.pos++
		default:
			d.skipWord()
		}
		if depth == 0 {
			return
		}
	}
}

// skipWord reads a number, a bool or a null.
func (d *decoder) skipWord() {
	for ; d.pos < len(d.data); d.pos++ {
		switch d.data[d.pos] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return
		}
	}
}

// skipString reads a string and reports whether it is without escapes.
func (d *decoder) skipString() (plain bool) {
	plain = true
	for d.pos++; d.pos < len(d.data); d.pos++ {
		switch d.data[d.pos] {
		case '\\':
			plain = false
			d.pos++
		case '"':
			d.pos++
			return plain
		}
	}
	return false
}

// raw reads any value and returns it. It is part of the data.
func (d *decoder) raw() json.RawMessage {
	start := d.pos
	d.skip()
	return d.data[start:d.pos:d.pos]
}

func (d *decoder) string(s *string) error {
	if d.null() {
		return nil
	}
	if !d.at('"') {
		return &fieldError{want: "a string"}
	}
	start := d.pos
	if d.skipString() && utf8.Valid(d.data[start:d.pos]) {
		*s = string(d.data[start+1 : d.pos-1])
		return nil
	}
	return json.Unmarshal(d.data[start:d.pos], s)
}

func (d *decoder) bool(b *bool) error {
	switch {
	case d.null():
	case d.at('t'):
		*b = true
		d.pos += len("true")
	case d.at('f'):
		*b = false
		d.pos += len("false")
	default:
		return &fieldError{want: "a bool"}
	}
	return nil
}

// int reads a number. JavaScript has no other kind, so a fraction is rounded.
func (d *decoder) int(n *int64) error {
	if d.null() {
		return nil
	}
	start := d.pos
	d.skip()
	text := string(d.data[start:d.pos])
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		*n = i
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(f) > 1<<53 {
		return &fieldError{want: "a number below 2^53"}
	}
	*n = int64(math.Round(f))
	return nil
}

// time reads a time as JavaScript's toISOString writes it.
func (d *decoder) time(t *time.Time) error {
	var s string
	if err := d.string(&s); err != nil || s == "" {
		return err
	}
	parsed, err := time.Parse(time.RFC3339, s)
	if err != nil || parsed.UTC().Year() < 0 || parsed.UTC().Year() > 9999 {
		return &fieldError{want: "a time such as 2006-01-02T15:04:05.000Z"}
	}
	*t = parsed.UTC()
	return nil
}

// strings reads an object whose values are strings.
func (d *decoder) strings(m *map[string]string) error {
	found := map[string]string{}
	_, err := d.object(func(name []byte) error {
		if !d.at('"') {
			return &fieldError{want: "a string"}
		}
		var value string
		err := d.string(&value)
		found[string(name)] = value
		return err
	})
	if err == nil && len(found) > 0 {
		*m = found
	}
	return err
}

// appendTime writes a time as JavaScript's toISOString does. What cannot be
// written with a year of four digits becomes the first or last that can.
func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	switch {
	case t.Year() < 0:
		t = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	case t.Year() > 9999:
		t = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	}
	b = t.AppendFormat(append(b, '"'), time.RFC3339) // much faster than a layout with milliseconds
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(b[:len(b)-1], '.', '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10), 'Z', '"')
}

// appendField writes a field of an object that has one already, unless it is
// empty.
func appendField(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return jsontext.AppendString(b, value)
}

// appendNumber writes a field of an object that has one already, unless it is 0.
func appendNumber(b []byte, name string, value int64) []byte {
	if value == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return strconv.AppendInt(b, value, 10)
}
