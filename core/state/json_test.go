package state

import (
	"encoding/json"
	"strings"
	"testing"
)

var jsonSamples = []string{
	``, ` `, `null`, `true`, `false`, `nul`, `truex`, `tru`, `"a"`, `"`, `"a`, `"\u00e9"`, `"\u00g9"`, `"\u00"`, `"\x"`, `"\`,
	"\"a\nb\"", "\"\x7f\"", "\"\xff\"", `"\"\\\/\b\f\n\r\t"`, `0`, `-0`, `-`, `01`, `-01`, `1.`, `.5`, `1.5`, `1e`, `1e+`, `1E-07`,
	`1.5e10x`, `+1`, `Infinity`, `NaN`, `{}`, `{ }`, `{`, `}`, `[`, `]`, `[]`, `[ ]`, `[1,]`, `[,1]`, `[1 2]`, `[1,2]`, `{"a"}`,
	`{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{a:1}`, `{"a":1,"a":2}`, ` { "a" : [ 1 , { "b" : null } ] } `, `{}{}`, `1 2`, `[}`, `{]`,
	"\t\r\n1", "\v1", "\ufeff1", `"😀"`, `[[[[]]]]`, `[[[[]]]`,
	`{"_type":"chat:Message","text":"<b>&amp;</b>","n":12345678901234567890}`,
}

func TestValidJSONAgreesWithTheStandardLibrary(t *testing.T) {
	samples := append([]string{
		strings.Repeat("[", 10000) + strings.Repeat("]", 10000),
		strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
		strings.Repeat(`{"a":`, 10001) + "1" + strings.Repeat("}", 10001),
	}, jsonSamples...)
	for _, special := range []string{"\x00", "\x1f", " ", "!", `"`, "#", `\`, "]", "\x7f", "\x80", "\xa2", "\xff", `\n`} {
		for before := range 20 { // strings are read eight bytes at a time
			samples = append(samples, `"`+strings.Repeat("a", before)+special+"\x80bcdefghijkl\"")
		}
	}
	for _, s := range samples {
		if got, want := validJSON([]byte(s)), json.Valid([]byte(s)); got != want {
			t.Errorf("validJSON(%.60q) = %v, want %v", s, got, want)
		}
	}
}

func FuzzValidJSON(f *testing.F) {
	for _, s := range jsonSamples {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, want := validJSON(b), json.Valid(b); got != want {
			t.Errorf("validJSON(%q) = %v, want %v", b, got, want)
		}
	})
}

func BenchmarkCheckEntry(b *testing.B) {
	e := QueueEntry{Message: []byte(`{"_type":"chat:Message","id":"1234.5678","threadId":"slack:C123:1234.5678",` +
		`"text":"hello there, how are you?","author":{"userId":"U1","userName":"bob","isBot":false},` +
		`"metadata":{"dateSent":"2026-01-01T00:00:00Z","edited":false},"attachments":[]}`)}
	b.SetBytes(int64(len(e.Message)))
	for b.Loop() {
		if err := CheckEntry("entry", e); err != nil {
			b.Fatal(err)
		}
	}
}
