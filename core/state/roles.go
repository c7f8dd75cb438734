package state

// As finds a role in an adapter or in what it wraps, as [errors.As] finds an
// error in a chain: R is one of the optional roles ([Inbox], [Swaps], [Turns]), or
// any other interface or type. The first adapter of the chain that is an R is the
// answer. The chain goes on where an adapter has the method
//
//	Unwrap() state.Adapter
//
// and ends where it has not, or where it returns nil.
//
// A wrapper that only watches calls, such as one that counts them, needs the
// method and nothing else: the roles of the adapter below are then called past
// it. A wrapper that changes what a call means, such as one that renames threads,
// must implement every role itself and must not have the method.
func As[R any](a Adapter) (R, bool) {
	for a != nil {
		if role, ok := a.(R); ok {
			return role, true
		}
		w, ok := a.(interface{ Unwrap() Adapter })
		if !ok {
			break
		}
		a = w.Unwrap()
	}
	var none R
	return none, false
}
