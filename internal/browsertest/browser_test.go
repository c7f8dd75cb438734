package browsertest

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/exampletest"
)

func TestMain(m *testing.M) { os.Exit(exampletest.Main(m, "../internal/chaos/demo")) }

const (
	// patience is how long the page may take for what a person waits for.
	patience = time.Minute
	// testTimeout bounds a whole test.
	testTimeout = 5 * time.Minute
)

// findChromium returns the browser's path or fails the test.
func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium: install it, on Debian with: apt-get install -y chromium")
	return ""
}

// tab is a page in a browser of its own. Anything that a browser would complain
// about fails the test.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp keeps the tab in its context

	mu         sync.Mutex
	complaints []string
	network    []string // requests that failed: a server that is away is part of the tests
}

// size is a window's size in pixels.
type size struct{ width, height int64 }

var (
	wide  = size{1280, 800}
	phone = size{390, 844}
)

// newTab starts a browser.
func newTab(t *testing.T, window size) *tab {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(findChromium(t)),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", false), // Headless hides them, most people's computers do not
		chromedp.Flag("lang", "en-GB"),
		chromedp.UserDataDir(t.TempDir()),
	}
	// Closing the browser needs a context that outlives the test's.
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	return attach(t, ctx, window)
}

// another opens one more tab in the same browser: the same person.
func (b *tab) another(window size) *tab {
	b.t.Helper()
	return attach(b.t, b.ctx, window)
}

func attach(t *testing.T, parent context.Context, window size) *tab { //nolint:revive // the test comes first, as in newTab
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("closing the browser: %v", err)
		}
		cancel()
	})
	b := &tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	b.resize(window)
	b.colours("light")
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		require.Empty(t, b.complaints, "the browser complains")
	})
	return b
}

func (b *tab) listen(e any) {
	complaint := ""
	switch e := e.(type) {
	case *runtime.EventExceptionThrown:
		complaint = "exception: " + describe(e.ExceptionDetails)
	case *cdplog.EventEntryAdded:
		switch {
		case e.Entry.Source == cdplog.EntrySourceNetwork:
			b.mu.Lock()
			defer b.mu.Unlock()
			b.network = append(b.network, e.Entry.Text+" "+e.Entry.URL)
		case e.Entry.Level == cdplog.EntryLevelError:
			complaint = string(e.Entry.Source) + ": " + e.Entry.Text
		}
	case *page.EventJavascriptDialogOpening:
		complaint = "dialog: " + e.Message
	}
	if complaint != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.complaints = append(b.complaints, complaint)
	}
}

func describe(e *runtime.ExceptionDetails) string {
	if e.Exception != nil && e.Exception.Description != "" {
		return e.Exception.Description
	}
	return e.Text
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

// resize gives the window another size. That of a phone has touch and no mouse.
func (b *tab) resize(window size) {
	b.t.Helper()
	if window == phone {
		b.do(chromedp.EmulateViewport(window.width, window.height, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait))
	} else {
		b.do(chromedp.EmulateViewport(window.width, window.height))
	}
	b.painted()
}

// painted waits until the page was told of its layout and is drawn as it is now.
func (b *tab) painted() {
	b.t.Helper()
	eval[bool](b, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}

// colours sets the colours that the person prefers, "light" or "dark". Nothing
// moves, so that pictures do not depend on the moment.
func (b *tab) colours(scheme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	require.NoError(b.t, err)
}

// open goes to the page and waits until it is online.
func (b *tab) open(url string) {
	b.t.Helper()
	b.navigate(chromedp.Navigate(url))
	b.waitOnline()
}

// reload loads the page again and waits until it is online.
func (b *tab) reload() {
	b.t.Helper()
	b.navigate(chromedp.Reload())
	b.waitOnline()
}

// navigate goes somewhere. Chromium breaks off all requests when a network
// interface of the machine comes or goes, as with every container that another
// test starts; then it is asked again.
func (b *tab) navigate(action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for {
		err := chromedp.Do(b.ctx, action)
		if err == nil {
			return
		}
		require.ErrorContains(b.t, err, "ERR_NETWORK_CHANGED")
	}
}

func (b *tab) waitOnline() {
	b.t.Helper()
	b.wait(`document.querySelector('#status').dataset.state === 'online'`, "the page is online")
}

// eval returns the value of a JavaScript expression, with arguments for %s.
func eval[T any](b *tab, expression string, args ...any) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expand(expression, args), chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	return value
}

// expand puts arguments into an expression, as JavaScript literals for %s.
func expand(format string, args []any) string {
	literals := make([]any, len(args))
	for i, arg := range args {
		data, err := json.Marshal(arg)
		if err != nil {
			panic(err)
		}
		literals[i] = string(data)
	}
	return fmt.Sprintf(format, literals...)
}

// wait waits until a JavaScript expression is true. It asks from outside: the
// page's policy lets nothing be evaluated in it.
func (b *tab) wait(expression, what string, args ...any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expand(expression, args)+")")); err == nil && ok {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			b.shoot("failed")
			b.mu.Lock()
			network := strings.Join(b.network, "\n")
			b.mu.Unlock()
			// What was waited for stands last: of a long output the end is read first.
			b.t.Fatalf("the page says:\n%s\nfailed requests:\n%s\nwaited %v until %s", eval[string](b, `document.body.innerText`), network, patience, what)
		}
	}
}

// write types a text into the message box, with line breaks as a person makes
// them.
func (b *tab) write(text string) {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS(`#composer-text`)))
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.enter(int64(chromedp.ModifierShift))
		}
		if line != "" {
			b.do(chromedp.KeyEvent(line))
		}
	}
}

// send types a text and presses Enter.
func (b *tab) send(text string) {
	b.t.Helper()
	b.write(text)
	b.enter(0)
}

// enter presses Enter as a keyboard does: the page can keep it from being typed.
func (b *tab) enter(modifiers int64) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: kind, Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: 13, Modifiers: modifiers,
		})
		require.NoError(b.t, err)
	}
}

func (b *tab) click(selector string) {
	b.t.Helper()
	// The mouse goes where the element has just been: the log follows what grows in it.
	b.wait(`(() => {
		const element = document.querySelector(%s);
		const at = JSON.stringify(element?.getBoundingClientRect());
		const rests = element && window.resting?.element === element && window.resting.at === at;
		window.resting = { element, at };
		return rests;
	})()`, "what is clicked rests", selector)
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// waitAnswer waits until the last message is the bot's, whole, and holds the text.
func (b *tab) waitAnswer(text string) {
	b.t.Helper()
	b.wait(`(() => {
		const last = document.querySelector('#log > li:last-child');
		return last?.classList.contains('message-bot') && !last.classList.contains('streaming')
			&& document.querySelector('#typing').hidden && last.querySelector('.prose').textContent.includes(%s);
	})()`, fmt.Sprintf("the bot has answered %q", text), text)
}

// watchGrowth begins to note how long the growing answer is, each time that the
// page shows more of it.
func (b *tab) watchGrowth() {
	b.t.Helper()
	eval[bool](b, `(() => {
		window.growth = new Set();
		new MutationObserver(() => {
			const text = document.querySelector('.streaming .prose')?.textContent;
			if (text) window.growth.add(text.length);
		}).observe(document.querySelector('#log'), { childList: true, subtree: true, characterData: true });
		return true;
	})()`)
}

// requireGrowth fails unless the page showed an answer in steps. A slow machine
// sees fewer of them.
func (b *tab) requireGrowth() {
	b.t.Helper()
	require.Greater(b.t, eval[int64](b, `window.growth.size`), int64(3), "the answer must come word by word")
}

// messages returns what the page shows, as "role: text".
func (b *tab) messages() []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll('#log > .message')].map((m) =>
		(m.classList.contains('message-user') ? 'user: ' : m.classList.contains('message-bot') ? 'bot: ' : 'problem: ') +
		(m.querySelector('.message-body') ?? m.querySelector('.message-main')).innerText.trim())`)
}

// screenshots is the folder for the pictures of the page.
var screenshots = flag.String("screenshots", "", "keep the pictures of the page in this `folder`. Default: the test's artifacts")

// shoot keeps a picture of the page.
func (b *tab) shoot(name string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Logf("no picture %q: %v", name, err)
		return
	}
	path := filepath.Join(b.t.ArtifactDir(), name+".png")
	if *screenshots != "" {
		require.NoError(b.t, os.MkdirAll(*screenshots, 0o755))
		path = filepath.Join(*screenshots, strings.ReplaceAll(b.t.Name(), "/", "-")+"-"+name+".png")
	}
	require.NoError(b.t, os.WriteFile(path, picture, 0o600))
	b.t.Logf("picture: %s", path)
}
