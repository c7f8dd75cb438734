package memorystate

// Config is what [New] takes. It has no fields: there is nothing to set yet.
type Config struct{}
