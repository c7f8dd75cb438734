package platform

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

var webhookMutants = []mutant{
	{"signature not looked at", "Signatures/Wrong", verify(func(r *http.Request, _ []byte) error { return acmeFresh(r) })},
	{"signature looked at only if there is one", "Signatures/Missing", verify(func(r *http.Request, body []byte) error {
		if r.Header.Get("Acme-Signature") == "" {
			return nil
		}
		return verifyACME(r, body)
	})},
	{"signature of the first bytes only", "Signatures/Wrong", verify(func(r *http.Request, body []byte) error {
		want := acmeSignature(r.Header.Get("Acme-Time"), body)[:8]
		if !strings.HasPrefix(r.Header.Get("Acme-Signature"), want) {
			return errForged
		}
		return acmeFresh(r)
	})},
	{"signature without its time", "Signatures/TooOld", verify(func(r *http.Request, body []byte) error {
		if !hmac.Equal([]byte(r.Header.Get("Acme-Signature")), []byte(acmeSignature(r.Header.Get("Acme-Time"), body))) {
			return errForged
		}
		return nil
	})},
	{"time not covered by the signature", "Signatures/Renewed", func(a *acme) chat.Adapter {
		// What the platform signed is remembered: its time can be exchanged.
		a.verify = func(r *http.Request, body []byte) error {
			if err := acmeFresh(r); err != nil {
				return err
			}
			for age := range 2 * int(acmeMaxAge/time.Second) {
				stamp := fmt.Sprint(time.Now().Unix() - int64(age) + 2)
				if hmac.Equal([]byte(r.Header.Get("Acme-Signature")), []byte(acmeSignature(stamp, body))) {
					return nil
				}
			}
			return errForged
		}
		return a
	}},
	{"another body accepted if it parses alike", "Signatures/OtherBody", verify(func(r *http.Request, body []byte) error {
		return verifyACME(r, []byte(strings.TrimSpace(string(body))))
	})},
	{"signature refused with 400", "Signatures/Missing", func(a *acme) chat.Adapter { return &statusMutant{a, http.StatusUnauthorized, http.StatusBadRequest} }},
	{"delivered before it is verified", "Signatures/Wrong", func(a *acme) chat.Adapter { return &hastyMutant{a} }},

	{"people without a name refused", "Recordings/Answered", func(a *acme) chat.Adapter {
		parse := a.parse
		a.parse = func(body []byte) (chat.Inbound, error) {
			in, err := parse(body)
			if m, ok := in.(*chat.Message); ok && m.Author.UserName == "" {
				return nil, errPayload
			}
			return in, err
		}
		return a
	}},
	{"own messages delivered as anybody's", "Webhooks/Own", parse(func(in chat.Inbound) chat.Inbound {
		if m, ok := in.(*chat.Message); ok {
			m.Author.Me = false
		}
		return in
	})},
	{"message ids as the platform numbers them", "Webhooks/Twins", func(a *acme) chat.Adapter {
		a.parse = func(body []byte) (chat.Inbound, error) {
			return parseACME(body, func(p acmePayload) chat.MessageID { return chat.MessageID(fmt.Sprint(p.Number)) })
		}
		return a
	}},
	{"a new message id for each delivery", "Webhooks/Redelivered", func(a *acme) chat.Adapter {
		a.parse = func(body []byte) (chat.Inbound, error) {
			return parseACME(body, func(p acmePayload) chat.MessageID {
				return composedID(p) + chat.MessageID(fmt.Sprint("-", time.Now().UnixNano()))
			})
		}
		return a
	}},
	{"all ids the same", "Webhooks/UniqueIDs", func(a *acme) chat.Adapter {
		a.parse = func(body []byte) (chat.Inbound, error) {
			return parseACME(body, func(acmePayload) chat.MessageID { return "1" })
		}
		return a
	}},
	{"a new event id for each delivery", "Webhooks/EventRedelivered", parse(func(in chat.Inbound) chat.Inbound {
		if e, ok := in.(*chat.ReactionEvent); ok {
			e.ID = fmt.Sprint(time.Now().UnixNano())
		}
		return in
	})},
	{"the author's name for the id", "Webhooks/Samples", parse(func(in chat.Inbound) chat.Inbound {
		if m, ok := in.(*chat.Message); ok {
			m.Author.UserID = chat.UserID(m.Author.UserName)
		}
		return in
	})},
	{"text cut", "Webhooks/Samples", parse(func(in chat.Inbound) chat.Inbound {
		if m, ok := in.(*chat.Message); ok {
			m.Text = m.Text[:len(m.Text)/2]
		}
		return in
	})},
	{"topic forgotten", "Webhooks/Samples", parse(func(in chat.Inbound) chat.Inbound {
		if m, ok := in.(*chat.Message); ok {
			m.ThreadID = m.ThreadID[:strings.LastIndex(string(m.ThreadID), ":")+1]
		}
		return in
	})},
	{"reactions not delivered", "Webhooks/Samples", parse(func(in chat.Inbound) chat.Inbound {
		if _, ok := in.(*chat.ReactionEvent); ok {
			return nil
		}
		return in
	})},
	{"unknown events refused", "Webhooks/Samples", func(a *acme) chat.Adapter {
		parse := a.parse
		a.parse = func(body []byte) (chat.Inbound, error) {
			if in, err := parse(body); in != nil || err != nil {
				return in, err
			}
			return nil, errPayload
		}
		return a
	}},
	{"one webhook at a time lost", "Webhooks/Together", func(a *acme) chat.Adapter {
		busy := make(chan struct{}, 1)
		deliver := a.deliver
		a.deliver = func(ctx context.Context, in chat.Inbound) error {
			select {
			case busy <- struct{}{}:
				defer func() { <-busy }()
				time.Sleep(20 * time.Millisecond)
				return deliver(ctx, in)
			default:
				return nil
			}
		}
		return a
	}},

	{"garbage answered 200", "Bodies/Garbage", func(a *acme) chat.Adapter { return &statusMutant{a, http.StatusBadRequest, http.StatusOK} }},
	{"garbage answered 500", "Bodies/Garbage", func(a *acme) chat.Adapter {
		return &statusMutant{a, http.StatusBadRequest, http.StatusInternalServerError}
	}},
	{"panic on a payload without author", "Bodies/Damaged", func(a *acme) chat.Adapter {
		parse := a.parse
		a.parse = func(body []byte) (chat.Inbound, error) {
			var p acmePayload
			if json.Unmarshal(body, &p) == nil && p.Event == "message" {
				_ = p.From.ID
			}
			return parse(body)
		}
		return a
	}},
	{"panic on null", "Bodies/Odd", func(a *acme) chat.Adapter {
		parse := a.parse
		a.parse = func(body []byte) (chat.Inbound, error) {
			var p *acmePayload
			if err := json.Unmarshal(body, &p); err != nil {
				return nil, err
			}
			_ = p.Event
			return parse(body)
		}
		return a
	}},
	{"panic on a short body", "Bodies/Cut", func(a *acme) chat.Adapter {
		parse := a.parse
		a.parse = func(body []byte) (chat.Inbound, error) {
			_ = body[1]
			return parse(body)
		}
		return a
	}},
	{"the read error of a huge body ignored", "Bodies/Huge", func(a *acme) chat.Adapter {
		a.read = readAnyhow
		a.verify = func(*http.Request, []byte) error { return nil }
		return a
	}},
	{"the read error of a slow body ignored", "Bodies/Slow", func(a *acme) chat.Adapter {
		a.read = readAnyhow
		return a
	}},

	{"answered before it is stored", "Outage/Unavailable", func(a *acme) chat.Adapter {
		deliver := a.deliver
		a.deliver = func(ctx context.Context, in chat.Inbound) error {
			go func() { _ = deliver(context.WithoutCancel(ctx), in) }()
			return nil
		}
		return a
	}},
	{"the error of Deliver answered 400", "Outage/Unavailable", func(a *acme) chat.Adapter {
		a.refusal = func(error) int { return http.StatusBadRequest }
		return a
	}},
	{"the error of Deliver answered 200", "Outage/Unavailable", func(a *acme) chat.Adapter {
		a.refusal = func(error) int { return http.StatusOK }
		return a
	}},
	{"the end of the bot answered 200", "Outage/Shutdown", func(a *acme) chat.Adapter {
		a.refusal = func(err error) int {
			if errors.Is(err, chat.ErrShutdown) {
				return http.StatusOK
			}
			return chat.HTTPStatus(err)
		}
		return a
	}},
	{"redeliveries remembered before they are stored", "Outage/Unavailable", func(a *acme) chat.Adapter {
		known := make(chan map[string]bool, 1)
		known <- map[string]bool{}
		deliver := a.deliver
		a.deliver = func(ctx context.Context, in chat.Inbound) error {
			if m, ok := in.(*chat.Message); ok {
				all := <-known
				seen := all[string(m.ID)]
				all[string(m.ID)] = true
				known <- all
				if seen {
					return nil
				}
			}
			return deliver(ctx, in)
		}
		return a
	}},
}

// readAnyhow reads what it can.
func readAnyhow(r *http.Request) ([]byte, error) {
	body, _ := io.ReadAll(r.Body)
	return body, nil
}

// verify plants another check of the signature.
func verify(check func(r *http.Request, body []byte) error) func(*acme) chat.Adapter {
	return func(a *acme) chat.Adapter {
		a.verify = check
		return a
	}
}

// parse plants a change of what was parsed.
func parse(change func(chat.Inbound) chat.Inbound) func(*acme) chat.Adapter {
	return func(a *acme) chat.Adapter {
		parse := a.parse
		a.parse = func(body []byte) (chat.Inbound, error) {
			in, err := parse(body)
			if in == nil || err != nil {
				return nil, err
			}
			return change(in), nil
		}
		return a
	}
}

// statusMutant answers another status.
type statusMutant struct {
	*acme
	from, to int
}

func (m *statusMutant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.acme.ServeHTTP(&statusWriter{w, m}, r)
}

type statusWriter struct {
	http.ResponseWriter
	m *statusMutant
}

func (w *statusWriter) WriteHeader(status int) {
	if status == w.m.from {
		status = w.m.to
	}
	w.ResponseWriter.WriteHeader(status)
}

// hastyMutant delivers what it then refuses.
type hastyMutant struct{ *acme }

func (m *hastyMutant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := m.read(r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if in, err := m.parse(body); err == nil && in != nil {
		_ = m.deliver(r.Context(), in)
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	m.acme.ServeHTTP(w, r)
}
