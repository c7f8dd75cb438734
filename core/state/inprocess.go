package state

// InProcess is an optional role of a state that one process has to itself, such as
// one in its memory: it tells the bot that nobody else can empty the state, and that
// its calls take no time worth saving. A state without the role is taken to be shared.
type InProcess interface {
	// InProcess reports whether nothing outside of this process can see or change what
	// is stored, and no call waits for anything outside of it. The answer never
	// changes, and there is one before Connect and after Close.
	InProcess() bool
}
