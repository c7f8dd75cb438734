package statetest

import "github.com/chat-adapter/chat-go/core/state"

const ruleInProcess = "The answer never changes, and there is one before Connect and after Close."

var inProcessCases = []Case{
	{ID: "InProcess/Constant", Rule: ruleInProcess, Run: func(t TB, s *Subject) {
		a, ctx := s.Open(), s.Context()
		in, ok := state.As[state.InProcess](a)
		if !ok {
			return
		}
		first := in.InProcess()
		must(t, "Connect", a.Connect(ctx))
		equal(t, "InProcess after Connect", in.InProcess(), first)
		s.set(t, a, "key", "1", 0)
		equal(t, "InProcess after a call", in.InProcess(), first)
		must(t, "Close", a.Close(ctx))
		equal(t, "InProcess after Close", in.InProcess(), first)
	}},
}
