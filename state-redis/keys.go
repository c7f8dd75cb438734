package redisstate

import (
	"hash/fnv"
	"strconv"
)

// pendingKeys is over how many keys the marks of waiting threads are spread, so
// that no slot of a Cluster carries them all. It is part of the stored format:
// all instances must agree.
const pendingKeys = 16

// keys builds the names under which everything is stored. Names of threads and
// cache keys stand in them as they are: the TypeScript adapters read the same.
type keys struct {
	prefix        string
	subscriptions string // one set
	subscription  string // prefix of one key for each thread
	lock          string
	cache         string
	list          string
	queue         string
	fence         string
	probe         string
	pending       [pendingKeys]string
}

func newKeys(prefix string) keys {
	k := keys{
		prefix:        prefix,
		subscriptions: prefix + ":subscriptions",
		subscription:  prefix + ":subscription:",
		lock:          prefix + ":lock:",
		cache:         prefix + ":cache:",
		list:          prefix + ":list:",
		queue:         prefix + ":queue:",
		fence:         prefix + ":fence:",
		probe:         prefix + ":probe:",
	}
	for i := range k.pending {
		k.pending[i] = prefix + ":pending:" + strconv.Itoa(i)
	}
	return k
}

// pendingFor returns the key that holds the thread's mark: FNV-1a of the
// thread's id, modulo pendingKeys.
func (k *keys) pendingFor(threadID string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(threadID))
	return k.pending[h.Sum32()%pendingKeys]
}
