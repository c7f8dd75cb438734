package conformance

import "context"

var resourceMutants = []mutant{
	{"concurrent Connects make an attempt each", "Resources/OneAttempt", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			if v.phase.Load() == 0 {
				v.backend.dial()
				defer v.backend.hangUp()
			}
			return v.Connect(ctx)
		}}
	}},
	{"Close leaves the connection open", "Resources/Connections", func(v *view) adapter {
		return &closeMutant{view: v, close: func(context.Context) error {
			v.phase.Store(2)
			v.closeOnce.Do(func() { close(v.closed) })
			return nil
		}}
	}},
	{"a call opens a connection and leaves it", "Resources/Connections", func(v *view) adapter {
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			v.backend.dial()
			return v.Get(ctx, key)
		}}
	}},
	{"a call after Close connects before it fails", "Resources/Connections", func(v *view) adapter {
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			if v.phase.Load() == 2 {
				v.backend.dial()
				v.backend.hangUp()
			}
			return v.Get(ctx, key)
		}}
	}},
	{"Close leaves a goroutine behind", "Resources/Goroutines", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			go func() { <-v.backend.ended }()
			return v.Connect(ctx)
		}}
	}},
	{"Close closes a client that was lent", "Resources/LentClient", func(v *view) adapter {
		return &closeMutant{view: v, close: func(ctx context.Context) error {
			_ = v.Close(ctx)
			return v.backend.Close(ctx)
		}}
	}},
}
