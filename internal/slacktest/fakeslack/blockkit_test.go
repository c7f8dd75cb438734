package fakeslack

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCheckBlocksFinds plants one fault in each block.
func TestCheckBlocksFinds(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for want, block := range map[string]string{
		"is no block":                `{"type":"map"}`,
		"cannot stand in a":          `{"type":"alert"}`,
		"is not documented":          `{"type":"divider","colour":"red"}`,
		"text is missing":            `{"type":"section"}`,
		"has 3001 characters":        `{"type":"section","text":{"type":"mrkdwn","text":"` + long(3001) + `"}}`,
		"has 0 characters":           `{"type":"section","text":{"type":"mrkdwn","text":""}}`,
		"a < that is not escaped":    `{"type":"section","text":{"type":"mrkdwn","text":"a <!channel> b"}}`,
		"a & that is not escaped":    `{"type":"section","text":{"type":"mrkdwn","text":"a & b"}}`,
		"emoji is for plain_text":    `{"type":"section","text":{"type":"mrkdwn","text":"a","emoji":true}}`,
		"has 151 characters":         `{"type":"header","text":{"type":"plain_text","text":"` + long(151) + `"}}`,
		`is "mrkdwn", want one`:      `{"type":"header","text":{"type":"mrkdwn","text":"a"}}`,
		"alt_text is missing":        `{"type":"image","image_url":"https://example.com/a.png"}`,
		"want an address":            `{"type":"image","alt_text":"a","image_url":"data:x"}`,
		"a second time in the block": `{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"A"}},{"type":"button","action_id":"a","text":{"type":"plain_text","text":"B"}}]}`,
		"want 1 to 25":               `{"type":"actions","elements":[]}`,
		"none of the options":        `{"type":"actions","elements":[{"type":"static_select","options":[{"text":{"type":"plain_text","text":"A"},"value":"a"}],"initial_option":{"text":{"type":"plain_text","text":"B"},"value":"b"}}]}`,
		"the first row has 2":        `{"type":"table","rows":[[{"type":"raw_text","text":"a"},{"type":"raw_text","text":"b"}],[{"type":"raw_text","text":"a"}]]}`,
		"want 2 to 101":              `{"type":"data_table","caption":"c","rows":[[{"type":"raw_text","text":"a"}]]}`,
		"the bound is 10000":         `{"type":"table","rows":[[{"type":"raw_text","text":"` + long(9_000) + `"}],[{"type":"raw_text","text":"` + long(2_000) + `"}]]}`,
		"points for":                 `{"type":"data_visualization","title":"t","chart":{"type":"bar","axis_config":{"categories":["a","b"]},"series":[{"name":"s","data":[{"label":"a","value":1}]}]}}`,
		"want more than 0":           `{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":[{"label":"a","value":0}]}}`,
		"rich_text_section":          `{"type":"rich_text","elements":[{"type":"text","text":"a"}]}`,
		"task_id is missing":         `{"type":"plan","title":"t","tasks":[{"type":"task_card","title":"a"}]}`,
	} {
		surface := InMessage
		if strings.Contains(block, "alert") {
			block, surface = `{"type":"table","rows":[[{"type":"raw_text","text":"a"}]]}`, Modal
		}
		problems := CheckBlocks([]byte("["+block+"]"), surface)
		require.NotEmpty(t, problems, block)
		require.Contains(t, strings.Join(problems, "\n"), want)
	}
	table := `{"type":"table","rows":[[{"type":"raw_text","text":"a"}]]}`
	require.Len(t, CheckBlocks([]byte("["+table+","+table+"]"), InMessage), 1, "one table in a message")
	require.NotEmpty(t, CheckBlocks([]byte("["+strings.Repeat(`{"type":"divider"},`, 50)+`{"type":"divider"}]`), InMessage))
	require.Empty(t, CheckBlocks([]byte(`[{"type":"section","text":{"type":"mrkdwn","text":"<@U1> <#C1|x> <https://e.com|x> &amp; a"}}]`), InMessage))
}

func TestCheckViewFinds(t *testing.T) {
	const input = `{"type":"input","label":{"type":"plain_text","text":"A"},"element":{"type":"plain_text_input","action_id":"a"}}`
	for want, view := range map[string]string{
		"title is missing":    `{"type":"modal","submit":{"type":"plain_text","text":"S"},"blocks":[` + input + `]}`,
		"submit is missing":   `{"type":"modal","title":{"type":"plain_text","text":"T"},"blocks":[` + input + `]}`,
		"has 25 characters":   `{"type":"modal","title":{"type":"plain_text","text":"` + strings.Repeat("x", 25) + `"},"blocks":[{"type":"divider"}]}`,
		"has 3001 characters": `{"type":"modal","title":{"type":"plain_text","text":"T"},"private_metadata":"` + strings.Repeat("x", 3001) + `","blocks":[{"type":"divider"}]}`,
		"want 1 to 100":       `{"type":"modal","title":{"type":"plain_text","text":"T"},"blocks":[]}`,
	} {
		require.Contains(t, strings.Join(CheckView([]byte(view), Modal), "\n"), want)
	}
	require.Empty(t, CheckView([]byte(`{"type":"home","blocks":[{"type":"divider"}]}`), Home))
}

// recorder takes down what a server reports.
type recorder struct {
	failed int
	ends   []func()
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed++ }
func (r *recorder) Cleanup(f func())      { r.ends = append(r.ends, f) }

func TestArgumentsAreChecked(t *testing.T) {
	for name, args := range map[string]Args{
		"unknown":       {"channel": "C1", "text": "x", "colour": "red"},
		"missing":       {"text": "x"},
		"wrong type":    {"channel": "C1", "text": "x", "thread_ts": "yesterday"},
		"too long":      {"channel": "C1", "markdown_text": strings.Repeat("x", 12_001)},
		"conflict":      {"channel": "C1", "text": "x", "markdown_text": "x"},
		"no text":       {"channel": "C1"},
		"no fallback":   {"channel": "C1", "blocks": `[{"type":"divider"}]`},
		"invalid block": {"channel": "C1", "text": "x", "blocks": `[{"type":"map"}]`},
	} {
		r := &recorder{}
		s := New(r)
		s.AddChannel(Channel{ID: "C1"})
		s.mu.Lock()
		_, code := s.answer("chat.postMessage", Token, args)
		s.mu.Unlock()
		require.Equal(t, "invalid_arguments", code, name)
		require.Equal(t, 1, r.failed, name)
		for _, end := range r.ends {
			end()
		}
	}
}
