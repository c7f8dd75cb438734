package slack

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

func testReader() *reader {
	return &reader{names: &known{
		users:    map[string]userInfo{"U0ADA": {DisplayName: "Ada"}, "U0BOT": {DisplayName: "bot"}},
		channels: map[string]channelName{"C0ONE": {Name: "general"}},
	}}
}

func printed(nodes []markdown.Node) string {
	return strings.TrimSuffix(markdown.Print(markdown.NewRoot(nodes...)), "\n")
}

func TestMrkdwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, markdown, text string }{
		{"hello", "hello", "hello"},
		{"*bold* _italic_ ~gone~ `code`", "**bold** *italic* ~~gone~~ `code`", "bold italic gone code"},
		{"*bold _and italic_*", "**bold *and italic***", "bold and italic"},
		{"2*3*4 snake_case_name a~b~c", "2\\*3\\*4 snake_case_name a\\~b\\~c", "2*3*4 snake_case_name a~b~c"},
		{"* not bold* *not bold *", "\\* not bold\\* \\*not bold \\*", "* not bold* *not bold *"},
		{"(*yes*), *yes*!", "(**yes**), **yes**!", "(yes), yes!"},
		{"*a `*` b*", "**a `*` b**", "a * b"},
		{"&lt;b&gt; &amp;amp;", "\\<b> \\&amp;", "<b> &amp;"},
		{"<@U0ADA> <@U0XYZ> <@U0XYZ|Zed>", "@Ada @U0XYZ @Zed", "@Ada @U0XYZ @Zed"},
		{"<#C0ONE> <#C0TWO|two> <#C0TWO|>", "#general #two #C0TWO", "#general #two #C0TWO"},
		{"<!here> <!channel|channel> <!subteam^S0ONE|@devs> <!subteam^S0ONE>", "@here @channel @devs @S0ONE", "@here @channel @devs @S0ONE"},
		{"<https://go.dev|Go> <https://go.dev>", "[Go](https://go.dev) <https://go.dev>", "Go https://go.dev"},
		{"<https://x/?a=1&amp;b=2|a>", "[a](https://x/?a=1&b=2)", "a"},
		{"<mailto:a@b.c|a@b.c>", "<a@b.c>", "a@b.c"},
		{"<!date^1392734382^{date_short}^https://x|Feb 18>", "[Feb 18](https://x)", "Feb 18"},
		{"<!date^1392734382^{date_short}>", "Tue, 18 Feb 2014 14:39:42 UTC", "Tue, 18 Feb 2014 14:39:42 UTC"},
		{"a < b > c", "a < b > c", "a < b > c"},
		{"&gt; quoted\n&gt; more\nnot", "> quoted\n> more\n\nnot", "quoted\nmore\n\nnot"},
		{"&gt;&gt;&gt;all\nof it", "> all\n> of it", "all\nof it"},
		{"&gt;&gt; two", "> \\> two", "> two"},
		{"see\n```\nx := *p &amp;&amp; y\n```\nend", "see\n\n```\nx := *p && y\n```\n\nend", "see\n\nx := *p && y\n\nend"},
		{"```<https://a.b|a.b> <@U0ADA>```", "```\na.b <@U0ADA>\n```", "a.b <@U0ADA>"},
		{"`<https://a.b>`", "`https://a.b`", "https://a.b"},
		{"one\n\ntwo\nthree", "one\n\ntwo\nthree", "one\n\ntwo\nthree"},
		{":wave: :+1::skin-tone-3: :our_own: 12:30:45", "👋 👍🏼 :our_own: 12:30:45", "👋 👍🏼 :our_own: 12:30:45"},
		{"```", "\\`\\`\\`", "```"},
		{"", "", ""},
	} {
		nodes := testReader().mrkdwn(c.in)
		require.Equal(t, c.text, markdown.PlainText(markdown.NewRoot(nodes...)), c.in)
		require.Equal(t, c.markdown, printed(nodes), c.in)
	}
}

// TestMrkdwnIsLinear checks the texts that could cost a careless parser much. A
// quadratic one needs minutes for them, this one a fraction of a second.
func TestMrkdwnIsLinear(t *testing.T) {
	t.Parallel()
	began := time.Now()
	for _, piece := range []string{"*a ", "<", "`", "*`", "*<", "<a", "_*~", "&gt;", "```", "<@U1>", ":a:", "\n", "*a `b", "x*", "_a*b ", "*a_ ~"} {
		testReader().mrkdwn(strings.Repeat(piece, (64<<10)/len(piece)))
		require.Less(t, time.Since(began), 20*time.Second, "%q", piece)
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	section := func(elements string) string {
		return `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[` + elements + `]}]}`
	}
	item := func(text string) string {
		return `{"type":"rich_text_section","elements":[{"type":"text","text":"` + text + `"}]}`
	}
	for _, c := range []struct{ name, in, markdown string }{
		{"styles", section(`{"type":"text","text":"a "},{"type":"text","text":"b ","style":{"bold":true}},{"type":"text","text":"c","style":{"italic":true,"strike":true}},{"type":"text","text":" "},{"type":"text","text":"d","style":{"code":true}}`), "a **b** *~~c~~* `d`"},
		{"mentions", section(`{"type":"user","user_id":"U0ADA"},{"type":"text","text":" "},{"type":"channel","channel_id":"C0ONE"},{"type":"text","text":" "},{"type":"broadcast","range":"here"},{"type":"text","text":" "},{"type":"usergroup","usergroup_id":"S1"}`), "@Ada #general @here @S1"},
		{"links", section(`{"type":"link","url":"https://go.dev","text":"Go"},{"type":"text","text":" "},{"type":"link","url":"https://go.dev"}`), "[Go](https://go.dev) <https://go.dev>"},
		{"emoji", section(`{"type":"emoji","name":"wave","unicode":"1f44b"},{"type":"emoji","name":"+1","unicode":"1f44d-1f3fc"},{"type":"emoji","name":"our_own"},{"type":"emoji","name":"tada"}`), "👋👍🏼:our_own:🎉"},
		{"date", section(`{"type":"date","timestamp":1392734382,"format":"{date}","fallback":"Feb 18"}`), "Feb 18"},
		{"color", section(`{"type":"color","value":"#F405B3"}`), "#F405B3"},
		{"date with a link", section(`{"type":"date","timestamp":1392734382,"format":"{date}","url":"https://x","fallback":"Feb 18"}`), "[Feb 18](https://x)"},
		{"date without a fallback", section(`{"type":"date","timestamp":1392734382,"format":"{date}","url":"https://x"}`), "[Tue, 18 Feb 2014 14:39:42 UTC](https://x)"},
		{"references", section(`{"type":"canvas","file_id":"F1","label":"Plan","url":"https://c"},{"type":"text","text":" "},{"type":"tag","text":"new"},{"type":"text","text":" "},{"type":"citation","url":"https://d","text":"Doc"},{"type":"text","text":" "},{"type":"canvas_user_mention","user_id":"U0ADA"},{"type":"canvas_message_unfurl"}`), "[Plan](https://c) new [Doc](https://d) @Ada"},
		{"of the future", section(`{"type":"text","text":"a"},{"type":"of_the_future","text":"x"},{"type":"of_the_future"}`), "ax"},
		{"paragraphs", section(`{"type":"text","text":"one\n\n\ntwo\nthree\n"}`), "one\n\ntwo\nthree"},
		{"quote", `{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[{"type":"text","text":"a\nb"}]}]}`, "> a\n> b"},
		{"code", `{"type":"rich_text","elements":[{"type":"rich_text_preformatted","language":"go","elements":[{"type":"text","text":"x := *p\n"},{"type":"link","url":"https://a.b"}]}]}`, "```go\nx := *p\nhttps://a.b\n```"},
		{"list", `{"type":"rich_text","elements":[{"type":"rich_text_list","style":"ordered","indent":0,"elements":[` + item("a") + `]},
			{"type":"rich_text_list","style":"bullet","indent":1,"elements":[` + item("b") + `,` + item("c") + `]},
			{"type":"rich_text_list","style":"ordered","indent":0,"offset":1,"elements":[` + item("d") + `]}]}`, "1. a\n   - b\n   - c\n\n2) d"},
		{"deep list at once", `{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","indent":5,"elements":[` + item("a") + `]}]}`, "- a"},
		{"empty list", `{"type":"rich_text","elements":[{"type":"rich_text_list","elements":[]},{"type":"rich_text_list","indent":1,"elements":[` + item("a") + `]}]}`, "- a"},
		{"section", `{"type":"section","text":{"type":"mrkdwn","text":"*a*"},"fields":[{"type":"plain_text","text":"*b*"}]}`, "**a**\n\n\\*b\\*"},
		{"header", `{"type":"header","text":{"type":"plain_text","text":"A"}}`, "## A"},
		{"markdown", `{"type":"markdown","text":"**a** [b](https://c)"}`, "**a** [b](https://c)"},
		{"context", `{"type":"context","elements":[{"type":"image","image_url":"https://i","alt_text":"pic"},{"type":"mrkdwn","text":"_a_"}]}`, "![pic](https://i)\n\n*a*"},
		{"image", `{"type":"image","image_url":"https://i","alt_text":"pic"}`, "![pic](https://i)"},
		{"table", `{"type":"table","rows":[[{"type":"raw_text","text":"A"},{"type":"raw_text","text":"B"}],[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"c","style":{"bold":true}}]}]},{"type":"raw_text","text":"d"}]]}`, "| A | B |\n| --- | --- |\n| **c** | d |"},
		{"table with lists and numbers", `{"type":"data_table","caption":"Hosts","rows":[[{"type":"raw_text","text":"A"},{"type":"raw_text","text":"B"}],[{"type":"raw_number","value":5.5},{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[` + item("c") + `,` + item("d") + `]}]}],[{"type":"action","element":{"type":"button"},"fallback":{"type":"raw_text","text":"Open"}},{"type":"raw_number","value":7,"text":"seven"}]]}`, "**Hosts**\n\n| A | B |\n| --- | --- |\n| 5.5 | c, d |\n| Open | seven |"},
		{"alert", `{"type":"alert","level":"error","text":{"type":"mrkdwn","text":"*full*"}}`, "**full**"},
		{"card", `{"type":"card","hero_image":{"type":"image","image_url":"https://i","alt_text":"pic"},"title":{"type":"mrkdwn","text":"_A_ <@U0ADA>"},"subtitle":{"type":"plain_text","text":"b"},"body":{"type":"mrkdwn","text":"c"},"subtext":{"type":"mrkdwn","text":"d"},"actions":[{"type":"button","text":{"type":"plain_text","text":"Go"}}]}`, "***A* @Ada**\n\nb\n\nc\n\nd\n\n![pic](https://i)"},
		{"carousel", `{"type":"carousel","elements":[{"type":"card","title":{"type":"plain_text","text":"a"}},{"type":"card","title":{"type":"plain_text","text":"b"}}]}`, "**a**\n\n**b**"},
		{"container", `{"type":"container","title":{"type":"plain_text","text":"A"},"subtitle":{"type":"plain_text","text":"b"},"child_blocks":[{"type":"header","text":{"type":"plain_text","text":"c"}},{"type":"divider"}]}`, "**A**\n\nb\n\n## c\n\n***"},
		{"container with a rich title", `{"type":"container","rich_text_title":` + section(`{"type":"text","text":"A","style":{"italic":true}}`) + `,"child_blocks":[]}`, "*A*"},
		{"plan", `{"type":"plan","title":"P","tasks":[{"type":"task_card","task_id":"t","title":"T","status":"complete","details":` + section(`{"type":"text","text":"d"}`) + `,"output":` + section(`{"type":"text","text":"o"}`) + `,"sources":[{"type":"url","url":"https://s","text":"S"}]}]}`, "**P**\n\n**T**\n\nd\n\no\n\n[S](https://s)"},
		{"video", `{"type":"video","title":{"type":"plain_text","text":"V"},"title_url":"https://v","video_url":"https://e","description":{"type":"plain_text","text":"d"}}`, "**[V](https://v)**\n\nd"},
		{"pie", `{"type":"data_visualization","title":"C","chart":{"type":"pie","segments":[{"label":"a","value":1},{"label":"b","value":2.5}]}}`, "**C**\n\n|  |  |\n| --- | --- |\n| a | 1 |\n| b | 2.5 |"},
		{"bars", `{"type":"data_visualization","title":"C","chart":{"type":"bar","series":[{"name":"x","data":[{"label":"a","value":1}]},{"name":"y","data":[{"label":"a","value":2},{"label":"b","value":3}]}]}}`, "**C**\n\n|  | x | y |\n| --- | --- | --- |\n| a | 1 | 2 |\n| b |  | 3 |"},
		{"section with a picture", `{"type":"section","text":{"type":"plain_text","text":"a"},"accessory":{"type":"image","image_url":"https://i","alt_text":"pic"}}`, "a\n\n![pic](https://i)"},
		{"a block of the future", `{"type":"of_the_future","url":"https://x","caption":"A","parts":[{"body":{"type":"mrkdwn","text":"*b*"}},{"type":"button","text":{"type":"plain_text","text":"Go"}},` + section(`{"type":"text","text":"c"}`) + `]}`, "A\n\n**b**\n\nc"},
		{"a block of another shape", `{"type":"section","fields":{"type":"mrkdwn","text":"a"}}`, "a"},
		{"buttons", `{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Go"}}]}`, ""},
		{"nonsense", `7`, ""},
	} {
		nodes, all := testReader().blocks([]json.RawMessage{json.RawMessage(c.in)})
		require.Equal(t, c.markdown, printed(nodes), c.name)
		require.Equal(t, c.name != "nonsense", all, c.name)
	}
}

func FuzzMrkdwn(f *testing.F) {
	for _, text := range []string{"*a* _b_ ~c~ `d`", "&gt; q", "```x```", "<@U1|a> <#C1> <!date^1^{date}|x>", "<https://a|b>", "*_~`<", ":a::skin-tone-2:"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		nodes := testReader().mrkdwn(text)
		_ = markdown.PlainText(markdown.NewRoot(nodes...))
		_ = printed(nodes)
		if _, err := json.Marshal(markdown.NewRoot(nodes...)); err != nil {
			t.Errorf("the tree of %q has no JSON: %v", text, err)
		}
	})
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"type":"message","channel":"C1","user":"U1","text":"x","ts":"1.2","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","indent":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a","style":{"bold":true}}]}]}]}],"attachments":[{"text":"a","from_url":"https://x"}],"files":[{"id":"F1"}]}`))
	f.Add([]byte(`{"blocks":[{"type":"table","rows":[[{"type":"raw_text","text":"a"}],[]]},{"type":"section","text":7},{"type":"context","elements":[1]}],"edited":{"ts":"9999999999999999999.1"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := decodeMessage(raw)
		if err != nil {
			return
		}
		r := testReader()
		tree := r.message(m, decodeAll[attachment](m.Attachments))
		_ = links(tree, decodeAll[attachment](m.Attachments))
		_ = m.mention(r.mentions, tree, []string{"U0BOT"})
		if _, err := json.Marshal(timeOf(m.TS)); err != nil {
			t.Errorf("the time of %q has no JSON: %v", m.TS, err)
		}
		if _, err := json.Marshal(tree); err != nil {
			t.Errorf("the tree has no JSON: %v", err)
		}
	})
}
