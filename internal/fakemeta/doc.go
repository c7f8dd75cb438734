// Package fakemeta has what the fakes of WhatsApp, Messenger and Instagram share: a
// server of the Graph API that checks each call, keeps it and refuses as Meta does, and
// the signature of webhooks. What a platform does with a call is its fake's.
//
//	fake.Server = fakemeta.New(tb, fakemeta.Config{Adapter: "messenger", Token: Token, Answer: fake.answer})
//	…
//	func (f *Fake) answer(c *fakemeta.Call) (any, *fakemeta.Failure) {
//		if c.Method != http.MethodPost || c.Path != "me/messages" {
//			return nil, fakemeta.Unknown(c)
//		}
//		if problems := messages.Check(c.Args); len(problems) > 0 {
//			return f.Refuse(c, problems...) // fails the test, too
//		}
//		…
//	}
//
// https://developers.facebook.com/docs/graph-api/overview
package fakemeta
