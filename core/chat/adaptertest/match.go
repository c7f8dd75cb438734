package adaptertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// differences compares what is wanted of a message or an event with what was
// seen, field by field. A field whose wanted value is zero is not compared.
func differences(want, seen chat.Inbound) []string {
	w, s := reflect.ValueOf(want), reflect.ValueOf(seen)
	if w.Type() != s.Type() {
		return []string{fmt.Sprintf("it is a %T, want a %T", seen, want)}
	}
	return compare("", w, s)
}

func compare(path string, want, seen reflect.Value) []string {
	if want.IsZero() {
		return nil
	}
	if equal, ok := compareWhole(want, seen); ok {
		if equal {
			return nil
		}
		return []string{fmt.Sprintf("%s is %s, want %s", path, show(plain(seen)), show(plain(want)))}
	}
	switch want.Kind() {
	case reflect.Pointer:
		if seen.IsNil() {
			return []string{fmt.Sprintf("%s is nil, want %s", path, show(plain(want)))}
		}
		return compare(path, want.Elem(), seen.Elem())
	case reflect.Struct:
		var all []string
		for i := range want.NumField() {
			field := want.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			name := field.Name
			if field.Anonymous {
				name = ""
			}
			all = append(all, compare(join(path, name), want.Field(i), seen.Field(i))...)
		}
		return all
	case reflect.Slice:
		if want.Len() != seen.Len() {
			return []string{fmt.Sprintf("%s has %d elements, want %d", path, seen.Len(), want.Len())}
		}
		var all []string
		for i := range want.Len() {
			all = append(all, compare(fmt.Sprintf("%s[%d]", path, i), want.Index(i), seen.Index(i))...)
		}
		return all
	}
	if !reflect.DeepEqual(want.Interface(), seen.Interface()) {
		return []string{fmt.Sprintf("%s is %s, want %s", path, show(plain(seen)), show(plain(want)))}
	}
	return nil
}

// compareWhole compares values whose fields or bytes do not say what they mean.
func compareWhole(want, seen reflect.Value) (equal, ok bool) {
	switch w := want.Interface().(type) {
	case time.Time:
		return w.UnixMilli() == seen.Interface().(time.Time).UnixMilli(), true
	case json.RawMessage:
		return sameJSON(w, seen.Interface().(json.RawMessage)), true
	case *markdown.Root:
		s := seen.Interface().(*markdown.Root)
		return s != nil && markdown.Print(w) == markdown.Print(s), true
	}
	return false, false
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return false
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}

// plain is the value for printing, without pointers' addresses.
func plain(v reflect.Value) any {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		if tree, ok := reflect.TypeAssert[*markdown.Root](v); ok {
			return markdown.Print(tree)
		}
		return v.Elem().Interface()
	}
	if raw, ok := reflect.TypeAssert[json.RawMessage](v); ok {
		return string(raw)
	}
	return v.Interface()
}

func join(path, name string) string {
	switch {
	case name == "":
		return path
	case path == "":
		return name
	}
	return path + "." + name
}
