package markdown_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/markdown"
)

func TestJSON(t *testing.T) {
	root := markdown.NewRoot(
		markdown.NewHeading(9, markdown.NewText("a<b>&\u2028\"")),
		markdown.NewParagraph(
			markdown.NewEmphasis(markdown.NewText("x")), &markdown.Break{},
			markdown.NewLink("https://a.b", markdown.NewInlineCode("c")), markdown.NewImage("u", "alt"),
		),
		markdown.NewOrderedList(3, markdown.NewTask(true, markdown.NewParagraph())),
		markdown.NewList(markdown.NewListItem()),
		markdown.NewTable([]markdown.Align{markdown.AlignRight}, markdown.NewTableRow("a", "b")),
		markdown.NewCode("", "x\n"),
	)
	data, err := json.Marshal(root)
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"root","children":[
		{"type":"heading","depth":6,"children":[{"type":"text","value":"a<b>&\u2028\""}]},
		{"type":"paragraph","children":[
			{"type":"emphasis","children":[{"type":"text","value":"x"}]},{"type":"break"},
			{"type":"link","title":null,"url":"https://a.b","children":[{"type":"inlineCode","value":"c"}]},
			{"type":"image","title":null,"url":"u","alt":"alt"}]},
		{"type":"list","ordered":true,"start":3,"spread":false,"children":[
			{"type":"listItem","spread":false,"checked":true,"children":[{"type":"paragraph","children":[]}]}]},
		{"type":"list","ordered":false,"start":null,"spread":false,"children":[
			{"type":"listItem","spread":false,"checked":null,"children":[]}]},
		{"type":"table","align":["right",null],"children":[{"type":"tableRow","children":[
			{"type":"tableCell","children":[{"type":"text","value":"a"}]},
			{"type":"tableCell","children":[{"type":"text","value":"b"}]}]}]},
		{"type":"code","lang":null,"meta":null,"value":"x\n"}]}`, string(data))

	var read markdown.Root
	require.NoError(t, json.Unmarshal(data, &read))
	again, err := markdown.Marshal(&read)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))
}

func TestJSONKeepsWhatItDoesNotKnow(t *testing.T) {
	const in = `{"type":"root","children":[{"type":"math","value":"a<b","n":1.50},` +
		`{"type":"text","value":"x","position":{"start":{"line":1}},"data":{"hName":"b"}}],"data":null}`
	n, err := markdown.Unmarshal([]byte(in))
	require.NoError(t, err)
	root := n.(*markdown.Root)
	require.Equal(t, "math", root.Children[0].Type())
	require.Contains(t, root.Children[1].(*markdown.Text).Extra, "position")
	data, err := markdown.Marshal(markdown.Clone(root))
	require.NoError(t, err)
	require.JSONEq(t, in, string(data))
	require.Equal(t, "x", markdown.PlainText(root))
}

func TestUnmarshalErrors(t *testing.T) {
	for in, want := range map[string]string{
		``:                          "EOF",
		`[]`:                        "node is an array, want an object",
		`{}`:                        "type is null or missing, want a string",
		`{"type":1}`:                "type is the number 1, want a string",
		`{"type":"text"} {}`:        "more than one JSON value",
		`{"type":"text","value":1}`: "value is the number 1, want a string",
		`{"type":"root","children":[{"type":"paragraph","children":[{"type":"link"}]}]}`: "children[0].children[0].url is null or missing, want a string",
		`{"type":"root","children":[null]}`:                                              "children[0].node is null or missing",
		`{"type":"heading","depth":7}`:                                                   "depth is the number 7, want 1 to 6",
		`{"type":"list","start":1.5}`:                                                    "start is the number 1.5, want a whole number",
		`{"type":"listItem","checked":"yes"}`:                                            "checked is a string, want a bool",
		`{"type":"table","align":["up"]}`:                                                "align[0] is a string",
		`{"type":"linkReference","identifier":"a","referenceType":"x"}`:                  "referenceType is a string",
		`{"type":"root","children":{}}`:                                                  "children is an object, want an array",
	} {
		_, err := markdown.Unmarshal([]byte(in))
		require.ErrorContains(t, err, want, in)
	}
	var root markdown.Root
	require.ErrorContains(t, json.Unmarshal([]byte(`{"type":"text","value":""}`), &root), `type is "text", want "root"`)
	_, err := markdown.Marshal(&markdown.Text{Extra: markdown.Extra{"data": json.RawMessage("{")}})
	require.ErrorContains(t, err, "not valid JSON")
}

func TestWalk(t *testing.T) {
	root := markdown.Parse("# a\n\n[b *c*](d) `e` [f](g)\n")

	var types []string
	markdown.Walk(root, func(n markdown.Node) bool {
		types = append(types, n.Type())
		return n.Type() != "link"
	})
	require.Equal(t, "root heading text paragraph link text inlineCode text link", strings.Join(types, " "))

	link, ok := markdown.Find(root, func(l *markdown.Link) bool { return l.URL == "g" })
	require.True(t, ok)
	require.Equal(t, "f", markdown.PlainText(link))
	_, ok = markdown.Find[*markdown.Table](root)
	require.False(t, ok)

	n := 0
	for range markdown.FindAll[*markdown.Text](root) {
		n++
	}
	require.Equal(t, 6, n)
}

func TestMapLeavesTheTreeAlone(t *testing.T) {
	root := markdown.Parse("a *b* [c](d) `e`\n\n1. f\n")
	before := outline(root)
	mapped := markdown.Map(root, func(n markdown.Node) markdown.Node {
		switch n := n.(type) {
		case *markdown.Text:
			n.Value = strings.ToUpper(n.Value)
		case *markdown.InlineCode:
			return nil
		case *markdown.Emphasis:
			return &markdown.Strong{Children: n.Children}
		}
		return n
	})
	require.Equal(t, `(root (paragraph "A " (strong "B") " " (link d "C") " ") (list 1 (listItem (paragraph "F"))))`, outline(mapped))
	require.Equal(t, before, outline(root))
}

func TestPlainText(t *testing.T) {
	require.Equal(t, "a b\n\nc\nd\ne\n\nh\ti\n1\t2\n\nx y",
		markdown.PlainText(markdown.Parse("a *b*\n\n- c\n- d\n\n  e\n\n***\n\n| h | i |\n|-|-|\n| 1 | **2** |\n\n![x y](z)\n")))
	require.Empty(t, markdown.PlainText(nil))
}

func TestASCII(t *testing.T) {
	table, ok := markdown.Find[*markdown.Table](markdown.Parse("Name | Price | 数\n:-|-:|:-:\nTea | 2.50 | 茶\n*Carrot cake* | 3 |\n"))
	require.True(t, ok)
	require.Equal(t, strings.Join([]string{
		"Name        | Price | 数",
		"------------|-------|---",
		"Tea         |  2.50 | 茶",
		"Carrot cake |     3 |",
	}, "\n"), table.ASCII())
	require.Empty(t, markdown.ASCIITable(nil, nil))
	require.Less(t, len(markdown.ASCIITable(nil, [][]string{{strings.Repeat("x", 10_000), "b"}, {"c", "d"}})), 11_000)

	// One row of many cells and many rows of none do not make a huge table.
	rows := make([][]string, 20_000)
	rows[0] = make([]string, 20_000)
	require.Less(t, len(markdown.ASCIITable(nil, rows)), 1<<20)
}
