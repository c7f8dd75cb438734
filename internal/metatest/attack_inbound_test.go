package metatest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/sim"
)

// wrongs are values that stand where another was.
var wrongs = []string{`null`, `""`, `"x"`, `"\u0000"`, `9223372036854775808`, `[]`, `{}`}

// TestAttackEvents delivers an event of each kind twice: it is handled once.
func TestAttackEvents(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		for _, name := range slices.Sorted(maps.Keys(p.events)) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, p)
				body := p.delivery(numbered(p.events[name]))
				require.Positive(t, r.take(t, body))
				require.Zero(t, r.take(t, body), "delivered again")
				require.Zero(t, r.take(t, strings.ReplaceAll(body, `":`, `" : `)), "delivered again by another serializer")
				r.done(t)
			})
		}
	})
}

func TestAttackFieldsOfWrongTypes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		for _, name := range slices.Sorted(maps.Keys(p.events)) {
			if _, same := messengers.events[name]; same && p == instagrams {
				continue // they are alike
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r, seen := newRig(t, p), map[string]bool{}
				var whole map[string]any
				require.NoError(t, json.Unmarshal([]byte(p.delivery(numbered(p.events[name]))), &whole))
				for _, path := range attack.Paths(whole) {
					at := strings.Join(path, ".")
					for _, value := range append(wrongs, "") {
						var body map[string]any
						d := json.NewDecoder(strings.NewReader(p.delivery(numbered(p.events[name]))))
						d.UseNumber()
						require.NoError(t, d.Decode(&body))
						attack.Replace(body, path, value)
						data, err := json.Marshal(body)
						require.NoError(t, err)
						if seen[string(data)] { // the number of its own is gone
							continue
						}
						seen[string(data)] = true
						before := r.accepted.Load()
						w := r.deliver(t, string(data))
						stored := r.accepted.Load() - before
						require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code, "%s=%s: %s %s", at, value, w.Body, r.log)
						if w.Code != http.StatusOK {
							require.Zero(t, stored)
							continue
						}
						require.Zero(t, r.take(t, string(data)), "%s=%s is handled twice", at, value)
						if stored == 0 && !slices.ContainsFunc(p.nothing, func(s string) bool { return strings.Contains("."+at+".", s) }) {
							t.Errorf("answered 200 and nothing has happened: %s=%s", at, value)
						}
					}
				}
				r.done(t)
			})
		}
	})
}

// TestAttackSignatures sends what is not Meta's.
func TestAttackSignatures(t *testing.T) {
	t.Parallel()
	const name = "X-Hub-Signature-256"
	each(t, func(t *testing.T, p *platform) {
		r := newRig(t, p)
		body := p.delivery(numbered(p.events["text"]))
		set := func(change func(sum string) []string) func(*http.Request) {
			return func(req *http.Request) { req.Header[name] = change(req.Header.Get(name)) }
		}
		for about, forge := range map[string]func(*http.Request){
			"none":             func(req *http.Request) { req.Header.Del(name) },
			"empty":            set(func(string) []string { return []string{""} }),
			"no sum":           set(func(string) []string { return []string{"sha256="} }),
			"another secret":   func(req *http.Request) { fakemeta.Signer("another")(req, []byte(body), time.Time{}) },
			"no secret":        func(req *http.Request) { fakemeta.Signer("")(req, []byte(body), time.Time{}) },
			"the verify token": func(req *http.Request) { fakemeta.Signer(verifyToken)(req, []byte(body), time.Time{}) },
			"another body":     signed(body + " "),
			"no body":          signed(""),
			"half":             set(func(sum string) []string { return []string{sum[:39]} }),
			"longer":           set(func(sum string) []string { return []string{sum + "00"} }),
			"no hex":           set(func(sum string) []string { return []string{sum[:len(sum)-1] + "g"} }),
			"no prefix":        set(func(sum string) []string { return []string{sum[len("sha256="):]} }),
			"another prefix":   set(func(sum string) []string { return []string{"sha1=" + sum[len("sha256="):]} }),
			"white space":      set(func(sum string) []string { return []string{sum[:20] + " " + sum[20:]} }),
			"two, the first wrong": set(func(sum string) []string {
				return []string{"sha256=" + strings.Repeat("0", 64), sum}
			}),
			"two in one": set(func(sum string) []string { return []string{"sha256=" + strings.Repeat("0", 64) + "," + sum} }),
			"long":       set(func(string) []string { return []string{"sha256=" + strings.Repeat("0", 1<<20)} }),
			"bytes":      set(func(string) []string { return []string{"sha256=\xff\x00"} }),
			"the old one": func(req *http.Request) {
				req.Header.Set("X-Hub-Signature", req.Header.Get(name))
				req.Header.Del(name)
			},
		} {
			require.Equal(t, http.StatusUnauthorized, r.deliver(t, body, forge).Code, about)
		}
		for _, unsigned := range []string{"", "x", "[", strings.Repeat("x", 20<<20)} {
			w := r.deliver(t, unsigned, func(req *http.Request) { req.Header.Del(name) })
			require.Contains(t, []int{http.StatusUnauthorized, http.StatusRequestEntityTooLarge}, w.Code)
		}
		require.Empty(t, r.done(t))
	})
}

// TestAttackVerification asks whether the webhook is the bot's.
func TestAttackVerification(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		r := newRig(t, p)
		ask := func(query string) *httptest.ResponseRecorder {
			return r.ask(t, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/webhooks/"+p.name+"?"+query, nil))
		}
		right := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {verifyToken}, "hub.challenge": {"1158201444"}}
		w := ask(right.Encode())
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, "1158201444", w.Body.String())
		for about, change := range map[string]func(url.Values){
			"another mode": func(v url.Values) { v.Set("hub.mode", "unsubscribe") }, "no mode": func(v url.Values) { v.Del("hub.mode") },
			"another token": func(v url.Values) { v.Set("hub.verify_token", "x") }, "no token": func(v url.Values) { v.Del("hub.verify_token") },
			"an empty token": func(v url.Values) { v.Set("hub.verify_token", "") }, "a longer token": func(v url.Values) { v.Set("hub.verify_token", verifyToken+"0") },
			"half a token": func(v url.Values) { v.Set("hub.verify_token", verifyToken[:5]) }, "capitals": func(v url.Values) { v.Set("hub.verify_token", strings.ToUpper(verifyToken)) },
			"two tokens": func(v url.Values) { v["hub.verify_token"] = []string{"x", verifyToken} }, "the secret": func(v url.Values) { v.Set("hub.verify_token", appSecret) },
		} {
			query := maps.Clone(right)
			change(query)
			w := ask(query.Encode())
			require.GreaterOrEqual(t, w.Code, 400, about)
			require.Less(t, w.Code, 500, about)
			require.NotContains(t, w.Body.String(), "1158201444", about)
		}
		// What is repeated is never a page, whatever it says.
		right.Set("hub.challenge", "<script>alert(1)</script>")
		w = ask(right.Encode())
		if w.Code == http.StatusOK {
			require.True(t, strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain"), w.Header())
			require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		}
		for _, challenge := range []string{"", strings.Repeat("1", 1<<20), "\x00", "1\r\nX: y"} {
			right.Set("hub.challenge", challenge)
			require.Less(t, ask(right.Encode()).Code, 500)
		}
		require.Less(t, ask("hub.mode=subscribe&hub.verify_token=%zz&;;=&hub.challenge=1").Code, 500)
		require.Empty(t, r.done(t))
	})
}

func TestAttackRequests(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		r := newRig(t, p)
		whole := p.delivery(numbered(p.events["text"]))
		send := func(method, path string, body io.Reader, sum string) int {
			return r.ask(t, httptest.NewRequestWithContext(t.Context(), method, path, body), signed(sum)).Code
		}
		at := "/webhooks/" + p.name
		for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "post", "TEACUP"} {
			require.Equal(t, http.StatusMethodNotAllowed, send(method, at, strings.NewReader(whole), whole), method)
		}
		for _, path := range []string{at + "s", "/webhooks/", "/webhooks/" + strings.ToUpper(p.name)} {
			require.Equal(t, http.StatusNotFound, send(http.MethodPost, path, strings.NewReader(whole), whole), path)
		}
		for i := 0; i < len(whole); i += 3 {
			require.Equal(t, http.StatusBadRequest, send(http.MethodPost, at, strings.NewReader(whole[:i]), whole[:i]), "half: %s", whole[:i])
		}
		broken := io.MultiReader(strings.NewReader(whole[:50]), iotest.ErrReader(io.ErrUnexpectedEOF))
		require.Equal(t, http.StatusBadRequest, send(http.MethodPost, at, broken, whole), "it breaks off")
		for about, body := range map[string]string{
			"doubled": whole + whole, "in a list": "[" + whole + "]", "with rubbish": whole + "x", "with NUL": whole + "\x00", "nested": strings.Repeat("[", 500_000), "null": "null", "a number": "7", "a text": `"x"`,
			"nested objects": strings.Repeat(`{"entry":`, 50_000), "nested entries": p.delivery(strings.Repeat("[", 500_000)), "in UTF-16": "\xfe\xff\x00{", "nothing": "{}", "no entries": p.delivery(), "null as entries": `{"object":"` + p.object + `","entry":null}`,
			"no object": strings.Replace(whole, `"object"`, `"subject"`, 1), "another object": strings.Replace(whole, p.object, "permissions", 1), "an object of another type": strings.Replace(whole, `"`+p.object+`"`, "7", 1),
			"entries twice": strings.TrimSuffix(whole, "}") + `,"entry":"x"}`, "an entry that is a number": p.delivery("7"), "an entry that is null": p.delivery("null"), "an entry of nothing": p.delivery("{}"),
			"an entry of nothing but its id": p.delivery(`{"id":"` + p.account + `"}`), "a form": "entry=" + url.QueryEscape(whole),
		} {
			require.Equal(t, http.StatusBadRequest, send(http.MethodPost, at, strings.NewReader(body), body), about)
		}
		padding := func(n int) string {
			return strings.TrimSuffix(whole, "}") + `,"padding":"` + strings.Repeat("x", n) + `"}`
		}
		huge := padding(20 << 20)
		for _, body := range []io.Reader{strings.NewReader(huge), io.MultiReader(strings.NewReader(huge))} { // with a length and without
			require.Equal(t, http.StatusRequestEntityTooLarge, send(http.MethodPost, at, body, huge))
		}
		require.Zero(t, r.accepted.Load())
		require.Positive(t, r.take(t, padding(100_000)), "a field that Meta has not invented yet")
		require.Positive(t, r.take(t, " \n"+p.delivery(numbered(p.events["text"]))+"\r\n"))
		r.done(t)
	})
}

// TestAttackBatches has own events, doubled, unknown, unreadable and other accounts' in one
// delivery. It comes again whole, in another order, and in parts.
func TestAttackBatches(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		fake, client, st := start(t, p)
		rigs := []*rig{newRigOn(t, p, fake, client, st), newRigOn(t, p, fake, client, st)}
		one, two, unknown := p.text(p.user, 1, "one"), p.text(p.user, 2, "two"), numbered(p.events["future"])
		others := strings.ReplaceAll(p.text(p.user, 3, "three"), p.account, p.other)
		unreadable := p.events["text"][:strings.LastIndex(p.events["text"], "[")] + `[7]}`
		if p == whatsApp {
			unreadable = inMessages(p.account, `"messages":[7,{"from":7}]`)
		}
		entries := []string{one, others, one, unreadable, unknown, `null`, `{"id":"` + p.account + `"}`, two, two, unknown}
		joined := p.join(one, two, unknown, one)
		backwards := slices.Clone(entries)
		slices.Reverse(backwards)
		require.Equal(t, 3, rigs[0].take(t, p.delivery(entries...)))
		for i, body := range []string{
			p.delivery(entries...), p.delivery(backwards...), p.delivery(joined), p.delivery(joined, joined), p.delivery(unknown, others), p.delivery(two), p.delivery(others),
			p.delivery(p.join(two, unknown), unreadable, p.join(one)),
		} {
			require.Zero(t, rigs[i%2].take(t, body), i)
		}
		require.Equal(t, http.StatusBadRequest, rigs[0].deliver(t, p.delivery(unreadable)).Code)
		// What follows something unreadable in the same entry is taken, too.
		three := p.text(p.user, 4, "four")
		require.Equal(t, 1, rigs[1].take(t, p.delivery(p.join(one, strings.Replace(unreadable, `"from":7`, `"from":8`, 1), three))))
		requireHandled(t, 4, rigs...)
	})
}

func start(t *testing.T, p *platform) (*fakemeta.Server, *http.Client, sim.Shared) {
	t.Helper()
	fake, client := p.start(t)
	st, ok := botrig.Memory(t).(sim.Shared)
	require.True(t, ok)
	return fake, client, st
}

// TestAttackOrder sends events backwards, and many times at once to two instances.
func TestAttackOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		fake, client, st := start(t, p)
		rigs := []*rig{newRigOn(t, p, fake, client, st), newRigOn(t, p, fake, client, st)}
		const n = 10
		var entries []string
		for i := range n {
			entries = append(entries, p.text(p.user, i, fmt.Sprint("text ", n-i)))
		}
		for _, name := range []string{"reaction", "edit", "future", "referral"} { // of messages that come later, or never
			if e, ok := p.events[name]; ok {
				entries = append(entries, numbered(e))
			}
		}
		var group sync.WaitGroup
		for i := range 24 {
			body := p.delivery(entries...)
			switch i % 3 {
			case 1:
				order := slices.Clone(entries)
				slices.Reverse(order)
				body = p.delivery(order...)
			case 2:
				body = p.delivery(entries[i%len(entries)])
			}
			group.Go(func() {
				code := http.StatusServiceUnavailable // an instance stores it just now: Meta delivers again
				for code == http.StatusServiceUnavailable {
					code = rigs[i%2].deliver(t, body).Code
				}
				if code != http.StatusOK {
					t.Errorf("answered %d", code)
				}
			})
		}
		group.Wait()
		require.Equal(t, len(entries), int(rigs[0].accepted.Load()+rigs[1].accepted.Load()))
		requireHandled(t, len(entries), rigs...)
	})
}

// TestAttackQueueThatIsFull has a delivery of which a part finds no place. The rest is
// stored, and is not stored again when the whole comes again.
func TestAttackQueueThatIsFull(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		fake, client, st := start(t, p)
		r := newRigOn(t, p, fake, client, st, func(c *chat.Config) { c.Concurrency = chat.Concurrency{MaxQueueSize: 3} })
		open := r.block()
		var entries []string
		for i := range 30 {
			entries = append(entries, p.text(p.user[:len(p.user)-1]+fmt.Sprint(i%3), i, fmt.Sprint("text ", i)))
		}
		body := p.delivery(p.join(entries[:15]...), p.join(entries[15:]...))
		require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, body).Code)
		require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, body).Code)
		require.Greater(t, int(r.accepted.Load()), 6)
		require.Less(t, int(r.accepted.Load()), 30)
		open()
		for r.deliver(t, body).Code != http.StatusOK {
			r.wait(t, int(r.accepted.Load()))
		}
		require.Zero(t, r.take(t, body))
		require.Len(t, r.done(t), 30)
	})
}

// TestAttackStateThatIsAway delivers while the state cannot be reached.
func TestAttackStateThatIsAway(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		fake, client, st := start(t, p)
		store := sim.NewStore(st, 1, 0, 0)
		r := newRigOn(t, p, fake, client, store)
		var entries []string
		for _, name := range slices.Sorted(maps.Keys(p.events)) {
			entries = append(entries, numbered(p.events[name]))
		}
		body := p.delivery(entries...)
		require.GreaterOrEqual(t, r.take(t, p.delivery(numbered(p.events["text"]))), 1, "the bot has begun")
		before := int(r.accepted.Load())
		store.SetAway(true)
		for _, e := range entries {
			require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, p.delivery(e)).Code, "%.300s", e)
		}
		require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, body).Code)
		store.SetAway(false)
		require.GreaterOrEqual(t, r.take(t, body), len(entries))
		require.Zero(t, r.take(t, body))
		require.Len(t, r.done(t), int(r.accepted.Load()))
		require.Greater(t, int(r.accepted.Load()), before)
	})
}

// TestAttackContent has odd values in the right types. Each is handled once, or refused.
func TestAttackContent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		text := p.text(p.user, 0, "hello")
		with := func(old, fresh string) string { return strings.Replace(text, old, fresh, 1) }
		id, at := `"m_text0"`, `17729980241`
		if p == whatsApp {
			id, at = `"wamid.text0"`, `1749416383`
		}
		for about, c := range map[string]struct {
			entry string
			taken bool
		}{
			"white space": {with(`"hello"`, `" \n\t"`), true}, "NUL": {with(`"hello"`, `"a\u0000b"`), true}, "no UTF-8": {with(`"hello"`, "\"a\xff\xfe\xc3b\""), true},
			"half a character": {with(`"hello"`, `"a\ud83d b\udc00"`), true}, "a long text": {with(`"hello"`, `"`+strings.Repeat("😀", 50_000)+`"`), true},
			"marks": {with(`"hello"`, `"<@100> {{emoji:wave}} **x** [a](javascript:alert(1)) `+string(p.thread)+`"`), true}, "an empty text": {with(`"hello"`, `""`), false},
			"an id with a colon": {with(id, `"a:b:c"`), true}, "an id with line endings": {with(id, `"a\nb\r\n"`), false}, "an id of NUL": {with(id, `"\u0000"`), false}, "a long id": {with(id, `"`+strings.Repeat("m", 3000)+`"`), false},
			"an id of white space": {with(id, `" "`), false}, "an id of emoji": {with(id, `"😀"`), false}, "an id with base64": {with(id, `"wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTdB+/=="`), true},
			"a user with a colon": {strings.ReplaceAll(text, `"`+p.user+`"`, `"1:2"`), false}, "a user with a path": {strings.ReplaceAll(text, `"`+p.user+`"`, `"../me"`), false},
			"a long user": {strings.ReplaceAll(text, `"`+p.user+`"`, `"`+strings.Repeat("9", 3000)+`"`), false}, "a user of white space": {strings.ReplaceAll(text, `"`+p.user+`"`, `" "`), false},
			"the year 9999": {with(at, "253402300799"), true}, "the year 10000": {with(at, "253402300800"), false}, "the year 292 billion": {with(at, "9223372036854775807"), false},
			"before Christ": {with(at, "-9223372036854775808"), false}, "the year 1970": {with(at, "0"), true}, "a week ago": {with(at, fmt.Sprint(time.Now().Add(-7*24*time.Hour).Unix())), true},
			"an entry of long ago": {with(`"time":1772998024000`, `"time":1`), true}, "a field twice": {with(`{"id":`, `{"id":"7","id":`), true},
		} {
			t.Run(about, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, p)
				body := p.delivery(c.entry)
				w := r.deliver(t, body)
				require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code, "%s %s", w.Body, r.log)
				require.Equal(t, w.Code, r.deliver(t, body).Code)
				if c.taken {
					require.Equal(t, http.StatusOK, w.Code, "%s", r.log)
				}
				if w.Code == http.StatusOK {
					require.EqualValues(t, 1, r.accepted.Load(), "taken, and not handled once")
				} else {
					require.Zero(t, r.accepted.Load())
				}
				r.done(t)
			})
		}
	})
}

// TestAttackContacts has contacts that cannot be read among messages that can.
func TestAttackContacts(t *testing.T) {
	t.Parallel()
	r := newRig(t, whatsApp)
	for i, contacts := range []string{`7`, `null`, `{}`, `[7]`, `[null]`, `[[]]`, `[{"profile":7}]`, `[{"profile":{"name":{}},"wa_id":"` + adasPhone + `"}]`, `[{"wa_id":7},{"profile":{"name":"Ada"},"wa_id":"` + adasPhone + `"}]`} {
		body := numbered(inMessages(whatsApp.account, `"contacts":`+contacts+`,"messages":[{"from":"`+adasPhone+`","id":"wamid.#","timestamp":"1749416383","type":"text","text":{"body":"hello"}}]`))
		require.Equal(t, 1, r.take(t, whatsApp.delivery(body)), contacts)
		m, ok := r.wait(t, i+1)[i].(*chat.Message)
		require.True(t, ok)
		require.EqualValues(t, adasPhone, m.Author.UserID)
	}
	r.done(t)
}
