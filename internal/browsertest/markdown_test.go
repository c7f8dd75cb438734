package browsertest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// rendered returns what the page's renderer makes of Markdown, as HTML without
// the direction of each block.
func rendered(b *tab, markdown string) string {
	b.t.Helper()
	return eval[string](b, `import(new URL('assets/markdown.js', location.href).href).then(({ render }) => {
		const box = document.createElement('div');
		box.append(...render(%s));
		if (![...box.children].every((block) => block.dir)) throw new Error('a block has no direction');
		for (const block of box.querySelectorAll('[dir]')) block.removeAttribute('dir');
		return box.innerHTML;
	})`, markdown)
}

const linkAttributes = ` target="_blank" rel="noopener noreferrer nofollow"`

func TestMarkdown(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	for _, test := range []struct{ name, markdown, html string }{
		{"empty", "", ""},
		{"paragraphs", "one\n\ntwo", "<p>one</p><p>two</p>"},
		{"line breaks", "one\ntwo  \nthree\\\nfour", "<p>one<br>two<br>three<br>four</p>"},
		{"headings", "# a\n### b ###\n#no", "<h1>a</h1><h3>b</h3><p>#no</p>"},
		{"underlined headings", "a\n===\nb\n---", "<h1>a</h1><h2>b</h2>"},
		{"emphasis", "*a* _b_ **c** __d__ ***e*** ~~f~~", "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong> <em><strong>e</strong></em> <del>f</del></p>"},
		{"nested emphasis", "**a *b* c** *d **e***", "<p><strong>a <em>b</em> c</strong> <em>d <strong>e</strong></em></p>"},
		{"no emphasis", "2 * 3 * 4, snake_case_name, **open", "<p>2 * 3 * 4, snake_case_name, **open</p>"},
		{"escapes", `\*a\* \<b\> \\ \d`, `<p>*a* &lt;b&gt; \ \d</p>`},
		{"entities", "&amp; &lt; &#65; &#x42; &unknown; &#0;", "<p>&amp; &lt; A B &amp;unknown; \uFFFD</p>"},
		{"code spans", "`a` ``b ` c`` `*d*` `open", "<p><code>a</code> <code>b ` c</code> <code>*d*</code> `open</p>"},
		{
			"links", "[a](https://x.example/p?q=1&r=2 \"title\") [*b*](http://y.example) [mail](mailto:a@b.example)",
			`<p><a href="https://x.example/p?q=1&amp;r=2"` + linkAttributes + `>a</a> <a href="http://y.example/"` + linkAttributes + `><em>b</em></a> <a href="mailto:a@b.example"` + linkAttributes + `>mail</a></p>`,
		},
		{
			"bare links", "see https://x.example/a_b_c(d), and <https://y.example>.",
			`<p>see <a href="https://x.example/a_b_c(d)"` + linkAttributes + `>https://x.example/a_b_c(d)</a>, and <a href="https://y.example/"` + linkAttributes + `>https://y.example</a>.</p>`,
		},
		{
			"reference links", "[a][ref] [ref] [other]\n\n[REF]: https://x.example",
			`<p><a href="https://x.example/"` + linkAttributes + `>a</a> <a href="https://x.example/"` + linkAttributes + `>ref</a> [other]</p>`,
		},
		{"no link in a link", "[a https://x.example b](https://y.example)", `<p><a href="https://y.example/"` + linkAttributes + `>a <span>https://x.example</span> b</a></p>`},
		{"pictures are links", "![cat](https://x.example/cat.png)", `<p><a href="https://x.example/cat.png"` + linkAttributes + `>Picture: cat</a></p>`},
		{"bullets", "- a\n- b\n  - c\n* d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><ul><li>d</li></ul>"},
		{"numbers", "3. a\n4. b", `<ol start="3"><li>a</li><li>b</li></ol>`},
		{"loose list", "- a\n\n  b\n\n- c", "<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>"},
		{"tasks", "- [x] a\n- [ ] b", `<ul><li class="task"><input type="checkbox" disabled="" checked="" aria-label="done">a</li><li class="task"><input type="checkbox" disabled="" aria-label="to do">b</li></ul>`},
		{"list with code", "1. a\n\n   ```\n   b\n   ```", `<ol><li><p>a</p><div class="code"><div class="code-head"><span>code</span><button class="code-copy" type="button">Copy</button></div><pre tabindex="0"><code>b</code></pre></div></li></ol>`},
		{"quote", "> a\nb\n>\n> - c\n\nd", "<blockquote><p>a<br>b</p><ul><li>c</li></ul></blockquote><p>d</p>"},
		{"rule", "a\n\n* * *\nb", "<p>a</p><hr><p>b</p>"},
		{"code", "```js\nlet a = `x`;\n\n<b>\n```\nend", `<div class="code"><div class="code-head"><span>js</span><button class="code-copy" type="button">Copy</button></div><pre tabindex="0"><code>let a = ` + "`x`" + `;

&lt;b&gt;</code></pre></div><p>end</p>`},
		{"open code", "~~~\na", `<div class="code"><div class="code-head"><span>code</span><button class="code-copy" type="button">Copy</button></div><pre tabindex="0"><code>a</code></pre></div>`},
		{"table", "| a | b | c |\n|:--|:-:|--:|\n| `1` | x \\| y |\n", `<div class="table" tabindex="0"><table><thead><tr><th>a</th><th class="center">b</th><th class="right">c</th></tr></thead><tbody><tr><td><code>1</code></td><td class="center">x | y</td><td class="right"></td></tr></tbody></table></div>`},
		{"no table", "a | b\nc | d", "<p>a | b<br>c | d</p>"},
		{"HTML is text", "<b>a</b>\n\n<div onclick=x>\n\n<!-- c -->", "<p>&lt;b&gt;a&lt;/b&gt;</p><p>&lt;div onclick=x&gt;</p><p>&lt;!-- c --&gt;</p>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.html, rendered(b, test.markdown))
		})
	}
}

// hostile are texts that would do something in a page that is careless.
var hostile = []string{
	`<img src=x onerror=alert(1)>`,
	`<script>alert(1)</script>`,
	`<svg onload=alert(1)>`,
	`<iframe src="javascript:alert(1)"></iframe>`,
	`<a href="javascript:alert(1)">x</a>`,
	`[x](javascript:alert(1))`,
	`[x](JaVaScRiPt:alert(1))`,
	`[x](java&#115;cript:alert(1))`,
	"[x](java\tscript:alert(1))",
	`[x](<javascript:alert(1)>)`,
	`[x](data:text/html,<script>alert(1)</script>)`,
	`[x](vbscript:alert(1))`,
	`[x](//evil.example)`,
	`[x](https://good.example" onmouseover="alert(1))`,
	`[x][r]` + "\n\n" + `[r]: javascript:alert(1)`,
	`<javascript:alert(1)>`,
	`![x](https://evil.example/pixel.png)`,
	`![x](x" onerror="alert(1))`,
	"```\" onload=\"alert(1)\n</code></pre><script>alert(1)</script>\n```",
	"| <img src=x onerror=alert(1)> | b |\n|---|---|\n| <script>alert(1)</script> | c |",
	`- [ ] <input autofocus onfocus=alert(1)>`,
	`**<b onclick=alert(1)>**`,
	`&lt;img src=x onerror=alert(1)&gt;`,
	`<style>*{display:none}</style>`,
	`<meta http-equiv=refresh content=0;url=https://evil.example>`,
	`<form action=https://evil.example><button>x</button></form>`,
}

func TestHostileMessagesStayText(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	// A message as a person would send it, and as the bot repeats it.
	b.send("<img src=x onerror=alert(1)> and [x](javascript:alert(1))")
	b.waitAnswer("<img src=x onerror=alert(1)> and [x](javascript:alert(1))")
	require.Equal(t, "user: <img src=x onerror=alert(1)> and [x](javascript:alert(1))", b.messages()[0])
	require.Equal(t, int64(0), eval[int64](b, `document.querySelectorAll('#log img, #log script, #log a').length`))
	b.reload()
	b.waitAnswer("<img src=x onerror=alert(1)> and [x](javascript:alert(1))")
	require.Equal(t, int64(0), eval[int64](b, `document.querySelectorAll('#log img, #log script, #log a').length`))

	allowed := []string{"A", "BLOCKQUOTE", "BR", "BUTTON", "CODE", "DEL", "DIV", "EM", "H1", "H2", "H3", "H4", "H5", "H6", "HR", "INPUT", "LI", "OL", "P", "PRE", "SPAN", "STRONG", "TABLE", "TBODY", "TD", "TH", "THEAD", "TR", "UL"}
	for _, text := range append(hostile, strings.Join(hostile, "\n"), strings.Join(hostile, "\n\n")) {
		wrong := eval[[]string](b, `import(new URL('assets/markdown.js', location.href).href).then(({ render }) => {
			const box = document.createElement('div');
			box.append(...render(%s));
			document.body.append(box);
			const allowed = new Set(%s);
			const wrong = [];
			for (const node of box.querySelectorAll('*')) {
				if (!allowed.has(node.tagName)) wrong.push(node.outerHTML);
				if (node.tagName === 'A' && !/^(https?:|mailto:)/.test(node.getAttribute('href'))) wrong.push(node.outerHTML);
				if (node.tagName === 'INPUT' && node.type !== 'checkbox') wrong.push(node.outerHTML);
				for (const { name } of node.attributes) if (name.startsWith('on') || name === 'style' || name === 'src') wrong.push(node.outerHTML);
			}
			box.remove();
			return wrong;
		})`, text, allowed)
		require.Empty(t, wrong, "%q", text)
	}
}

// TestMarkdownIsNeverSlow renders texts on which a careless parser takes
// quadratic time or more. The bound is a hundred times what they need.
func TestMarkdownIsNeverSlow(t *testing.T) {
	bot := exampletest.Start(t, "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	const n = 20_000
	for name, text := range map[string]string{
		"brackets":   strings.Repeat("[", n),
		"links":      strings.Repeat("[a](", n),
		"pictures":   strings.Repeat("![a](<b", n),
		"stars":      strings.Repeat("*a ", n),
		"marks":      strings.Repeat("*a_", n),
		"closed":     strings.Repeat("a**b", n),
		"backticks":  strings.Repeat("`a``b```c````", n/4),
		"quotes":     strings.Repeat(">", n) + "a",
		"lists":      strings.Repeat("- ", n) + "a",
		"spaces":     "a" + strings.Repeat(" ", n) + "b",
		"blank":      "- a\n" + strings.Repeat("\n", n) + "b",
		"dashes":     "|a|\n|" + strings.Repeat("-", n) + "x|",
		"dots":       "https://x.example/" + strings.Repeat(".", n),
		"parens":     "https://x.example/" + strings.Repeat(")", n),
		"entities":   strings.Repeat("&#", n),
		"angles":     strings.Repeat("<a:", n),
		"lines":      strings.Repeat("a\n", n),
		"delimiters": strings.Repeat("a**_~~", n),
	} {
		took := eval[float64](b, `import(new URL('assets/markdown.js', location.href).href).then(({ render }) => {
			const start = performance.now();
			render(%s);
			return performance.now() - start;
		})`, text)
		t.Logf("%-10s %7d bytes %8.1f ms", name, len(text), took)
	}
}
