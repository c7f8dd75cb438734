// Package statetest proves that a state adapter keeps the contract of package
// [github.com/chat-adapter/chat-go/core/state].
//
// One call runs every case, each on an adapter of its own:
//
//	func TestConformance(t *testing.T) {
//		statetest.Run(t, func(t *testing.T) state.Adapter {
//			a, err := mystate.New(mystate.Config{Prefix: t.Name()})
//			if err != nil {
//				t.Fatal(err)
//			}
//			return a
//		}, statetest.Features{Inbox: true, Swaps: true})
//	}
//
// [Features] declares what the adapter has. What is declared and absent fails,
// and so does what is present and not declared, so that nothing goes untested
// and nothing is lost unnoticed.
//
// A failure prints what was seen and what was wanted, the rule as it stands in
// the contract, and the file and line where it stands. The suite makes no call again
// that has failed, and waits for nothing but the lifetimes and silences that it sets
// itself. They grow with what a call of the adapter takes, and a case of lifetimes that
// was too slow to decide is run again with longer ones; in the end it fails as
// undecided. So there are no false alarms on a slow machine; a fault that needs rare
// timing may pass.
//
// [RunOpener] proves that an adapter is opened by URL as it should be. [NewProxy]
// stands before any backend that speaks TCP, and has what [Features] needs for
// outages, lost replies and counted connections.
//
// [Cases] lists the cases; go test -run picks some of them by their IDs.
// [Bench] measures the operations that a bot lives on.
package statetest
