package statetest

import "github.com/chat-adapter/chat-go/core/state"

const ruleCheck = "Check writes something of its own, removes it and returns nil, or returns why the backend takes no writes now"

var checkerCases = []Case{
	{ID: "Checker/Ready", Rule: ruleCheck, Needs: NeedsChecker, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		s.set(t, a, "key", "1", 0)
		s.enqueue(t, a, "thread", "1", 0, 1)
		together(8, func(int) { must(t, "Check", role[state.Checker](a).Check(ctx)) })
		s.value(t, a, "key", "1")
		s.drain(t, a, "thread", "1")
	}},
}
