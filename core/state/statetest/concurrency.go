package statetest

import (
	"fmt"
	"math/rand/v2"
)

const ruleConcurrent = "Every method is safe for concurrent use."

var concurrencyCases = []Case{
	{ID: "Concurrency/EveryMethod", Rule: ruleConcurrent, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		together(16, func(i int) {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range 40 {
				x := validArgs()
				x.name = fmt.Sprint("name ", r.IntN(3))
				x.size = r.IntN(3)
				x.message = fmt.Append(nil, r.IntN(1000))
				lock, err := a.AcquireLock(s.Context(), x.name, x.ttl)
				if err == nil {
					x.lock = lock
				}
				calls := s.calls(x)
				for range 5 {
					c := calls[r.IntN(len(calls))]
					if err := c.do(s.Context(), a); err != nil && !isOutcome(err) {
						t.Errorf("%s at the same time as other calls\n    seen: %v\n    want: no error but a regular answer", c.name, err)
						return
					}
				}
			}
		})
	}},
}
