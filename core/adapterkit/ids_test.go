package adapterkit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// The formats of the TypeScript SDK's adapters.
var formats = []adapterkit.IDFormat[string]{
	{Prefix: "telegram", Parts: []adapterkit.IDPart{{Name: "chat id", Check: isNumber}, {Name: "topic id", Check: isNumber, Optional: true}}},
	{Prefix: "slack", Parts: []adapterkit.IDPart{{Name: "channel"}, {Name: "thread ts", Empty: true}}},
	{Prefix: "teams", Parts: []adapterkit.IDPart{
		{Name: "conversation id", Encoding: adapterkit.Base64ID},
		{Name: "service URL", Encoding: adapterkit.Base64ID},
		{Name: "type", Optional: true},
	}},
	{Prefix: "twilio", Parts: []adapterkit.IDPart{{Name: "bot number", Encoding: adapterkit.URIComponentID}, {Name: "recipient", Encoding: adapterkit.URIComponentID}}},
	{Prefix: "web", Parts: []adapterkit.IDPart{{Name: "user", Encoding: adapterkit.ColonID}, {Name: "conversation", Encoding: adapterkit.ColonID}}},
	{Parts: []adapterkit.IDPart{{Name: "chat id", Check: isNumber}, {Name: "message id", Check: isNumber}}},
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		format adapterkit.IDFormat[string]
		parts  []string
		id     string
	}{
		{formats[0], []string{"-1001"}, "telegram:-1001"},
		{formats[0], []string{"-1001", "7"}, "telegram:-1001:7"},
		{formats[1], []string{"C1", ""}, "slack:C1:"},
		{formats[2], []string{"19:abc@thread.tacv2;messageid=1", "https://smba.example/"}, "teams:MTk6YWJjQHRocmVhZC50YWN2MjttZXNzYWdlaWQ9MQ:aHR0cHM6Ly9zbWJhLmV4YW1wbGUv"},
		{formats[2], []string{"a", "b", "personal"}, "teams:YQ:Yg:personal"},
		{formats[3], []string{"whatsapp:+1 (555)", "!~*'()é%"}, "twilio:whatsapp%3A%2B1%20(555):!~*'()%C3%A9%25"},
		{formats[4], []string{"a:b%3A", "x y"}, "web:a%3Ab%253A:x y"},
		{formats[5], []string{"-1001", "42"}, "-1001:42"},
	} {
		id, err := test.format.Join(test.parts...)
		require.NoError(t, err)
		require.Equal(t, test.id, id)
		parts, err := test.format.Split(id)
		require.NoError(t, err)
		require.Equal(t, test.parts, parts)
	}
}

func TestIDsThatAreNone(t *testing.T) {
	t.Parallel()
	require.Equal(t, "telegram:{chat id}[:{topic id}]", formats[0].String())
	require.Equal(t, "{chat id}:{message id}", formats[5].String())
	for id, format := range map[string]adapterkit.IDFormat[string]{
		"":                    formats[0],
		"telegram":            formats[0],
		"telegram:":           formats[0],
		"telegram:x":          formats[0],
		"telegram:1:":         formats[0],
		"telegram:1:x":        formats[0],
		"telegram:1:2:3":      formats[0],
		"Telegram:1":          formats[0],
		"slack:1":             formats[1],
		"slack::1":            formats[1],
		"teams:YQ==:Yg":       formats[2], // padding
		"teams:YR:Yg":         formats[2], // bits that Join does not write
		"teams:a b:Yg":        formats[2],
		"twilio:%2b1:x":       formats[3], // lower case
		"twilio:%2B1:%zz":     formats[3],
		"twilio:a+b:x":        formats[3],
		"web:%3a:x":           formats[4],
		"web:a%20b%:x":        formats[4],
		"1:2:3":               formats[5],
		"pager:1:2":           formats[5],
		"telegram:-1001 :7":   formats[0],
		"telegram:\u0661:7":   formats[0],
		"slack:C1:1:2":        formats[1],
		"teams:YQ:Yg:a:b":     formats[2],
		"twilio:only one":     formats[3],
		"twilio:x:%":          formats[3],
		"twilio:%C3%28 :\xff": formats[3],
	} {
		_, err := format.Split(id)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, id)
		require.ErrorContains(t, err, format.String())
	}
	for _, parts := range [][]string{nil, {""}, {"x"}, {"1", ""}, {"1", "2", "3"}, {"1:2"}} {
		_, err := formats[0].Join(parts...)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, parts)
	}
	_, err := formats[1].Join("C:1", "")
	require.ErrorIs(t, err, chat.ErrInvalidArgument, "a colon in a plain part")
}

func FuzzIDs(f *testing.F) {
	for _, id := range []string{"telegram:-1001:7", "slack:C1:", "teams:YQ:Yg:x", "twilio:%2B1:x", "web:%25:%3A", "1:2", ":", "%", "\xff"} {
		f.Add(id, id, id)
	}
	f.Fuzz(func(t *testing.T, id, first, second string) {
		for _, format := range formats {
			if parts, err := format.Split(id); err == nil {
				again, err := format.Join(parts...)
				require.NoError(t, err)
				require.Equal(t, id, again)
			}
			if joined, err := format.Join(first, second); err == nil {
				parts, err := format.Split(joined)
				require.NoError(t, err, joined)
				require.Equal(t, []string{first, second}, parts)
			}
		}
	})
}

func ExampleIDFormat() {
	threads := adapterkit.IDFormat[chat.ThreadID]{Prefix: "telegram", Parts: []adapterkit.IDPart{
		{Name: "chat id", Check: isNumber},
		{Name: "topic id", Check: isNumber, Optional: true},
	}}
	id, err := threads.Join("-1001", "7")
	fmt.Println(id, err)
	parts, err := threads.Split("telegram:-1001")
	fmt.Println(len(parts), parts[0], err)
	_, err = threads.Split("telegram:general")
	fmt.Println(err)
	// Output:
	// telegram:-1001:7 <nil>
	// 1 -1001 <nil>
	// invalid argument: id "telegram:general", want telegram:{chat id}[:{topic id}]
}
