// Package linearizability proves of a state adapter what no single case can: that its
// locks, queues and cache values stay right when calls meet. Callers call it at random
// at the same time, and a checker (https://github.com/anishathalye/porcupine) looks for
// an order of the calls, one at a time, that explains every answer. If there is none,
// the adapter is wrong.
//
// One call judges an adapter:
//
//	func TestLinearizability(t *testing.T) {
//		linearizability.Run(t, func(t *testing.T) state.Adapter {
//			a, err := mystate.New(mystate.Config{Prefix: t.Name()})
//			if err != nil {
//				t.Fatal(err)
//			}
//			return a
//		}, linearizability.Config{})
//	}
//
// It complements package
// [github.com/chat-adapter/chat-go/core/state/statetest], which has a case for every
// rule, and is a module of its own, so that the checker is required by no bot.
package linearizability
