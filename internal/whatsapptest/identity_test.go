package whatsapptest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/whatsapptest/fakewhatsapp"
)

// sender is a message whose sender has these ids.
func sender(id, phone, scoped string) string {
	fields, contact := "", ""
	if phone != "" {
		fields, contact = fmt.Sprintf(`"from":%q,`, phone), fmt.Sprintf(`,"wa_id":%q`, phone)
	}
	if scoped != "" {
		fields, contact = fields+fmt.Sprintf(`"from_user_id":%q,`, scoped), contact+fmt.Sprintf(`,"user_id":%q`, scoped)
	}
	return delivery(entry(fakewhatsapp.PhoneNumberID, `"contacts":[{"profile":{"name":"Ada","username":"ada_l"}`+contact+`}]`,
		`"messages":[{`+fields+`"timestamp":"1749416383",`+text(id, id)+`}]`))
}

// system says that a user has other ids.
func system(id, kind, from, fields string) string {
	return delivery(entry(fakewhatsapp.PhoneNumberID, fmt.Sprintf(`"messages":[{%s"id":"wamid.%s","timestamp":"1749416383","type":"system","system":{"type":%q,%s}}]`, from, id, kind, fields)))
}

func threadOf(user string) chat.ThreadID {
	return chat.ThreadID("whatsapp:" + fakewhatsapp.PhoneNumberID + ":" + user)
}

func (r *rig) stored(t *testing.T, key string) string {
	t.Helper()
	data, err := r.state.Get(t.Context(), key)
	require.NoError(t, err, key)
	return string(data)
}

// TestAUserIsKnownByEachId checks the keys and values that the TypeScript SDK has, too.
func TestAUserIsKnownByEachId(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const number = fakewhatsapp.PhoneNumberID
	r.send(t, sender("1", ada, adaScoped))
	m := next[*chat.Message](t, r)
	require.Equal(t, threadOf(ada), m.ThreadID)
	require.Equal(t, "ada_l", m.Author.UserName)
	require.JSONEq(t, `"`+ada+`"`, r.stored(t, "whatsapp:identity:alias:"+number+":"+ada))
	require.JSONEq(t, `"`+ada+`"`, r.stored(t, "whatsapp:identity:alias:"+number+":"+adaScoped))
	require.JSONEq(t, `{"bsuid":"`+adaScoped+`","phone":"`+ada+`"}`, r.stored(t, "whatsapp:identity:route:"+number+":"+ada))

	r.send(t, sender("2", "", adaScoped)) // she hides her number now
	m = next[*chat.Message](t, r)
	require.Equal(t, threadOf(ada), m.ThreadID)
	require.Equal(t, chat.UserID(ada), m.Author.UserID)

	_, err := r.PostMessage(t.Context(), m.ThreadID, chat.Text("hello"))
	require.NoError(t, err)
	call := r.whatsapp.Calls("POST " + number + "/messages")[0]
	require.Equal(t, []any{ada, adaScoped}, []any{call.Args["to"], call.Args["recipient"]})

	thread, err := r.Adapter.OpenDM(t.Context(), adaScoped)
	require.NoError(t, err)
	require.Equal(t, threadOf(ada), thread)
}

// TestAUserWithoutANumber begins with a scoped id, and keeps it when the number is told.
func TestAUserWithoutANumber(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, sender("1", "", adaScoped))
	require.Equal(t, threadOf(adaScoped), next[*chat.Message](t, r).ThreadID)
	_, err := r.PostMessage(t.Context(), threadOf(adaScoped), chat.Text("hello"))
	require.NoError(t, err)
	call := r.whatsapp.Calls("POST " + fakewhatsapp.PhoneNumberID + "/messages")[0]
	require.Equal(t, []any{nil, adaScoped}, []any{call.Args["to"], call.Args["recipient"]})
	r.send(t, sender("2", ada, adaScoped))
	require.Equal(t, threadOf(adaScoped), next[*chat.Message](t, r).ThreadID)
	other := newRigOn(t, r.whatsapp, r.state)
	other.send(t, from(text("3", "from a phone that tells no scoped id")))
	require.Equal(t, threadOf(adaScoped), next[*chat.Message](t, other).ThreadID, "on another instance")
}

// TestAUserWhoseIDsChange keeps the thread, is reached under the new ids, and leaves the
// old number to whom it goes.
func TestAUserWhoseIDsChange(t *testing.T) {
	t.Parallel()
	const newPhone, newScoped, stranger = "16505559999", "US.222", "US.333"
	for name, c := range map[string]struct {
		change, to, recipient string
	}{
		"with the number": {
			system("s", "user_changed_number", `"from":"`+ada+`",`, `"wa_id":"`+newPhone+`","user_id":"`+newScoped+`","previous_user_id":"`+adaScoped+`"`), newPhone, newScoped,
		},
		"without the number": {system("s", "user_changed_user_id", "", `"user_id":"`+newScoped+`","previous_user_id":"`+adaScoped+`"`), "", newScoped},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.whatsapp.AddPerson(fakewhatsapp.Person{Phone: newPhone, Scoped: newScoped})
			r.send(t, sender("1", ada, adaScoped))
			require.Equal(t, threadOf(ada), next[*chat.Message](t, r).ThreadID)
			r.send(t, c.change)
			ev := next[*chat.PlatformEvent](t, r)
			require.Equal(t, "whatsapp:system", ev.Name)
			require.Equal(t, threadOf(ada), ev.ThreadID)

			for i, who := range [][2]string{{"", newScoped}, {newPhone, newScoped}, {"", adaScoped}, {ada, adaScoped}} { // some came late
				if c.to == "" && who[0] != "" {
					continue
				}
				r.send(t, sender(fmt.Sprintf("2%d", i), who[0], who[1]))
				require.Equal(t, threadOf(ada), next[*chat.Message](t, r).ThreadID, who)
				if who[1] == adaScoped {
					r.send(t, c.change) // the platform repeats itself
				}
			}
			r.send(t, sender("3", ada, stranger))
			require.Equal(t, threadOf(stranger), next[*chat.Message](t, r).ThreadID, "the old number is somebody else's")
			r.send(t, sender("4", "", newScoped))
			require.Equal(t, threadOf(ada), next[*chat.Message](t, r).ThreadID)
		})
	}
}

// TestPostsGoToTheNewNumber posts to the thread of a user who has moved.
func TestPostsGoToTheNewNumber(t *testing.T) {
	t.Parallel()
	const newPhone = "16505559999"
	r := newRig(t)
	r.whatsapp.AddPerson(fakewhatsapp.Person{Phone: newPhone})
	r.send(t, from(text("1", "hello")))
	m := next[*chat.Message](t, r)
	r.send(t, system("s", "user_changed_number", `"from":"`+ada+`",`, `"wa_id":"`+newPhone+`"`))
	require.Equal(t, m.ThreadID, next[*chat.PlatformEvent](t, r).ThreadID)
	_, err := r.PostMessage(t.Context(), m.ThreadID, chat.Text("hello"))
	require.NoError(t, err)
	require.Equal(t, []chat.ThreadID{threadOf(newPhone)}, r.whatsapp.Threads(), "where it is shown")
	r.send(t, from(text("2", "hello from Ada's new phone")))
	_ = next[*chat.Message](t, r)
}
