package browsertest

import (
	"context"
	"errors"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/exampletest"
)

// demo has the showcase show something, and waits until it is there.
func (b *tab) demo(name, shown string) {
	b.t.Helper()
	b.send(name)
	b.wait(`(() => {
		const last = document.querySelector('#log > li:last-child');
		return last.classList.contains('message-bot') && !last.classList.contains('streaming') && document.querySelector('#typing').hidden
			&& last.innerText.includes(%s);
	})()`, name+" is shown", shown)
}

func TestCardsAreShownAndReloaded(t *testing.T) {
	bot := exampletest.StartExample(t, "showcase", "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.demo("card", "Order #1234")
	shown := func() string {
		return eval[string](b, `document.querySelector('.card').innerText.replace(/\s*\n\s*/g, '|').trim()`)
	}
	const want = "Order #1234|Café Lovelace|Two teas and one cake for table 4.|To be paid|Prices include tax.|Total|7.50 €|Table|4|Waiter|Grace|" +
		"A section keeps together what belongs together:|Picture: the Go gopher|The Go blog|Open the documentation"
	require.Equal(t, want, shown())
	require.Equal(t, "one cake", eval[string](b, `document.querySelector('.card strong').textContent`))
	require.Equal(t, int64(0), eval[int64](b, `document.querySelectorAll('.card img').length`), "a picture from elsewhere would tell that the message was read")
	require.Equal(t, int64(0), eval[int64](b, `document.querySelectorAll('.message-bot > .message-main > .message-body').length`), "the fallback text is not shown too")
	b.wait(`document.querySelector('#announcer').textContent.includes('Order #1234')`, "screen readers are told")
	b.reload()
	b.wait(`document.querySelector('.card')`, "the card is there")
	require.Equal(t, want, shown())

	b.demo("table", "TypeScript")
	align := eval[[]string](b, `[...document.querySelectorAll('.card-table th')].map((cell) => getComputedStyle(cell).textAlign)`)
	require.Equal(t, []string{"start", "center", "right"}, align)
	require.Equal(t, int64(3), eval[int64](b, `document.querySelectorAll('.card-table tbody tr').length`))
	b.click(".card-table .text-button")
	b.wait(`document.querySelectorAll('.card-table tbody tr').length === 4 && document.querySelector('.card-table .text-button').hidden`, "all rows are there")

	b.demo("charts", "As areas")
	require.Equal(t, []string{"Pie chart: What was ordered", "Bar chart: Day by day", "Line chart: As lines", "Area chart: As areas"},
		eval[[]string](b, `[...document.querySelectorAll('.chart svg[role=img]')].map((drawing) => drawing.getAttribute('aria-label'))`))
	require.Equal(t, []int64{3, 10, 10, 10}, eval[[]int64](b, `[...document.querySelectorAll('.chart svg')].map((drawing) => drawing.querySelectorAll('.chart-fill').length)`))
	require.Equal(t, []int64{4, 6, 6, 6}, eval[[]int64](b, `[...document.querySelectorAll('.chart table')].map((table) => table.rows.length)`), "the numbers for those who do not see them")
	require.Equal(t, []string{"none", "none", "none", "none"}, eval[[]string](b, `[...document.querySelectorAll('.chart-stroke')].map((path) => getComputedStyle(path).fill)`), "a curve is a line, not an area")
	require.Empty(t, eval[[]string](b, `[...document.querySelectorAll('.chart path')].map((path) => path.getAttribute('d')).filter((d) => /NaN|Infinity/.test(d))`))
}

func TestClicksInTheShowcase(t *testing.T) {
	bot := exampletest.StartExample(t, "showcase", "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.demo("menu", "What shall I show?")
	b.click("[data-action=choices]")
	b.wait(`document.querySelector('[data-action=round]')`, "a button of the menu shows its demonstration")
	require.True(t, eval[bool](b, `document.querySelector('[data-action=off]').disabled`))
	require.Equal(t, "The same again for everyone", eval[string](b, `document.querySelector('[data-action=round]').title`))
	b.click("[data-action=round]")
	b.waitAnswer("You chose a round (round).")
	b.click("[value=express]")
	b.waitAnswer("You chose express (way).")

	// With keys a menu goes through its options: only Enter, or going on, chooses.
	b.do(chromedp.Focus(chromedp.CSS("select[data-action=size]")), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown))
	require.Equal(t, "medium", eval[string](b, `document.querySelector('select[data-action=size]').value`))
	b.enter(0)
	b.waitAnswer("You chose medium (size).")
	for _, m := range b.messages() {
		require.NotContains(t, m, "You chose small")
	}

	b.demo("edit", "Not decided")
	b.click("[data-action=change]")
	b.wait(`document.querySelector('#log > li:last-child .card-title').textContent.startsWith('Changed')`, "the card is edited where it stands")
	require.Empty(t, eval[[]string](b, `[...document.querySelectorAll('[data-action=change]')].map((e) => e.outerHTML)`))
	b.click("[data-action=remove]")
	b.wait(`!document.querySelector('[data-action=remove]')`, "the message is gone")

	b.demo("approval", "Delete them")
	b.click("#log > li:last-child .card-actions .button")
	b.waitAnswer("The backups are gone.")

	b.demo("ephemeral", "nobody else")
	require.Equal(t, "Only you can see this. It will not be kept.", eval[string](b, `document.querySelector('.ephemeral .message-hint').textContent`))
	b.demo("plan", "Tea is ready")
	require.Equal(t, []string{"Boil water (done)", "Warm the pot (done)", "Wait three minutes (done)"},
		eval[[]string](b, `[...document.querySelectorAll('.tasks li')].map((task) => [...task.querySelectorAll('span')].map((e) => e.textContent).join(''))`))
}

func TestWhatBecomesOfAClickIsShown(t *testing.T) {
	bot := newPageBot(t, func() chat.Postable {
		return chat.Card(card.New("A card", card.NewActions(card.NewButton("go", "Go"), card.NewButton("fail", "Fail"))))
	})
	release := make(chan struct{})
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		<-release
		_, err := ev.Thread.Post(ctx, chat.Text("done"))
		return err
	}, "go")
	bot.OnAction(func(context.Context, *chat.ActionEvent) error { return errors.New("secret") }, "fail")
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("hi")
	b.wait(`document.querySelector('[data-action=go]')`, "the card is there")
	bot.away.Store(2) // the page sends it again by itself
	b.do(chromedp.Focus(chromedp.CSS("[data-action=go]")))
	b.enter(0)
	b.wait(`document.querySelector('[data-action=go]').getAttribute('aria-busy') === 'true' && document.querySelector('.card-status').textContent.includes('Working')`, "the click is being handled")
	b.click("[data-action=go]")
	close(release)
	b.waitAnswer("done")
	b.wait(`!document.querySelector('[aria-busy]')`, "it is handled")
	require.Equal(t, "go", eval[string](b, `document.activeElement.dataset.action`), "the focus stays")
	require.Len(t, b.messages(), 3, "a second click on a busy button is none")

	b.click("[data-action=fail]")
	b.wait(`document.querySelector('.card-problem')?.textContent.includes('Something went wrong')`, "the failure is told")
	bot.away.Store(100)
	b.click("[data-action=go]")
	b.wait(`document.querySelector('.card-problem')?.textContent.includes('cannot be reached')`, "the server is away")
	b.shoot("away")
	bot.away.Store(0)
	b.click(".card-status button")
	b.wait(`document.querySelectorAll('.message-bot').length === 3`, "it is handled when the server is back")
}

func TestConversationsAreDeleted(t *testing.T) {
	bot := exampletest.StartExample(t, "showcase", "memory://")
	b := newTab(t, wide)
	b.open(bot.Page())
	b.demo("card", "Order #1234")
	b.wait(`document.querySelector('.conversation-delete')`, "the conversation is listed")
	other := b.another(wide)
	other.open(eval[string](b, `location.href`))
	other.wait(`document.querySelector('.card')`, "the card is there")
	b.click(".conversation-delete")
	b.wait(`document.querySelector('#deletion').open`, "the page asks")
	b.shoot("deletion")
	require.Equal(t, "deletion-no", eval[string](b, `document.activeElement.id`))
	b.do(chromedp.KeyEvent(kb.Escape))
	b.wait(`!document.querySelector('#deletion').open && document.querySelector('.card')`, "Escape keeps it")
	b.click(".conversation-delete")
	b.click("#deletion-yes")
	for _, page := range []*tab{b, other} {
		page.wait(`document.querySelectorAll('.conversation').length === 0 && !document.querySelector('#greeting').hidden`, "it is gone")
	}
}

// hostileCards would do something in a page that is careless.
const hostileCards = `[
	{"type":"card","title":"<img src=x onerror=alert(1)>","subtitle":"<script>alert(1)</script>","imageUrl":"javascript:alert(1)","children":[
		{"type":"text","content":"<img src=x onerror=alert(1)> [x](javascript:alert(1))"},
		{"type":"image","url":"https://evil.example/pixel.png","alt":"\" onerror=\"alert(1)"},
		{"type":"link","url":"javascript:alert(1)","label":"<b onclick=alert(1)>"},
		{"type":"link","url":"JaVa\tScRiPt:alert(1)","label":"x"},
		{"type":"fields","children":[{"type":"field","label":"<b>","value":"<svg onload=alert(1)>"},null]},
		{"type":"table","headers":["<script>alert(1)</script>",{}],"rows":[["<img src=x>"],null,"x",[null,{"a":1}]],"align":["x\" onclick=\"alert(1)"],"widths":["1;background:url(https://evil.example)",{}],"gridStyle":"x y","pageSize":"x"},
		{"type":"chart","title":"<script>","chart":{"type":"pie","segments":[{"label":"<script>","value":1e308},{"label":"b","value":1e308},{"label":"c","value":-1},{"label":"d","value":"x"},null]}},
		{"type":"chart","title":"t","chart":{"type":"bar","categories":["<script>alert(1)</script>",null],"series":[{"name":"<b>","data":[{"label":"<script>alert(1)</script>","value":1e308}]},{"name":"n","data":[{"label":"","value":-1e308}]},null]}},
		{"type":"chart","title":"t","chart":{"type":"line","categories":[],"series":[]}},
		{"type":"chart","title":"t","chart":{"type":"constructor"}},
		{"type":"chart"},
		{"type":"actions","children":[
			{"type":"button","id":"\"><script>","label":"<img src=x onerror=alert(1)>","style":"x onclick","tooltip":"\" onmouseover=\"alert(1)"},
			{"type":"link-button","url":"javascript:alert(1)","label":"x"},
			{"type":"link-button","url":"data:text/html,<script>alert(1)</script>","label":"x"},
			{"type":"select","id":"s","label":"<b>","options":[{"label":"<img src=x>","value":"\"><script>"},null,7]},
			{"type":"radio_select","id":"r","label":"<b>","options":[{"label":"<img src=x>","value":"v","description":"<script>"}]},
			{"type":"script"},null,"x"]},
		{"type":"script","content":"alert(1)"},{"type":"__proto__"},null,7,"x",[]]},
	{"type":"card","title":{"toString":1},"children":"x"},
	{"type":"card"}
]`

func TestHostileCardsAreInert(t *testing.T) {
	bot := newPageBot(t, func() chat.Postable {
		return chat.Card(card.New("<img src=x onerror=alert(1)>", card.NewText("<b>click</b>"),
			card.NewActions(card.NewButton("<script>", "<script>alert(1)</script>"))))
	})
	clicked := make(chan string, 1)
	bot.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
		clicked <- ev.ActionID
		return nil
	})
	b := newTab(t, wide)
	b.open(bot.url)
	b.send("hi")
	b.wait(`document.querySelector('.card')`, "the card is there")
	require.Equal(t, "<img src=x onerror=alert(1)>", eval[string](b, `document.querySelector('.card-title').textContent`))
	require.Equal(t, int64(0), eval[int64](b, `document.querySelectorAll('.card a, .card img, .card script').length`))
	b.click(".card button")
	require.Equal(t, "<script>", <-clicked)

	wrong := eval[[]string](b, `Promise.all(['card.js', 'fields.js', 'tasks.js', 'files.js'].map((name) => import(new URL('assets/' + name, location.href).href))).then(([{ card }, { field }, { tasks }, { files }]) => {
		const box = document.createElement('div');
		const hostile = '"><img src=x onerror=alert(1)><script>alert(1)</script>';
		box.append(...JSON.parse(%s).map((each) => card(each, { perform: async () => {} })));
		for (const type of ['text', 'fields', 'text_input', 'date_input', 'number_input', 'select', 'radio_select', 'external_select', 'script']) {
			const input = { type, id: hostile, label: hostile, placeholder: hostile, initialValue: hostile, initialOption: hostile, content: hostile, maxLength: hostile, min: hostile,
				options: [{ label: hostile, value: hostile }], children: [{ label: hostile, value: hostile }] };
			for (const each of [input, { type }]) {
				const made = field(each, {});
				if (made) box.append(made.element);
				made?.setError?.(hostile);
			}
		}
		box.append(tasks({ title: hostile, tasks: [{ id: 1, title: hostile, status: 'constructor', details: hostile, output: '[x](javascript:alert(1))' }, null] }));
		box.append(files([{ url: 'javascript:alert(1)', filename: hostile, mediaType: 'image/png' }, { url: 'https://evil.example/x.png', mediaType: 'image/png' }, { url: 'files/X?', filename: hostile, mediaType: 'image/svg+xml' }, { url: 'files/../conversations?', mediaType: 'image/png' }, null]));
		document.body.append(box);
		const wrong = [];
		for (const node of box.querySelectorAll('*')) {
			if (['IMG', 'SCRIPT', 'IFRAME', 'OBJECT', 'STYLE', 'LINK', 'FORM', 'USE', 'FOREIGNOBJECT', 'ANIMATE'].includes(node.tagName.toUpperCase())) wrong.push(node.outerHTML);
			if (node.hasAttribute('href') && !/^(https?:|mailto:|files\/X\?)/.test(node.getAttribute('href'))) wrong.push(node.outerHTML);
			for (const { name, value } of node.attributes) {
				if (name.startsWith('on') || name === 'src' || (name === 'style' && node.tagName !== 'COL') || (name === 'd' && /NaN|Infinity/.test(value))) wrong.push(node.outerHTML);
			}
			if (getComputedStyle(node).backgroundImage.includes('evil')) wrong.push(node.outerHTML);
		}
		box.remove();
		return wrong;
	})`, hostileCards)
	require.Empty(t, wrong)
}
