package chaos

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chat-adapter/chat-go/internal/pgtest"
	"github.com/chat-adapter/chat-go/internal/redistest"
)

// postgres is one server, which waits for its disk.
type postgres struct {
	server *pgtest.Server
	pool   *pgxpool.Pool
}

func newPostgres(t redistest.TB) servers {
	t.Helper()
	test, ok := t.(pgtest.TB)
	if !ok {
		t.Fatalf("chaos: %T cannot start a Postgres", t)
	}
	s := pgtest.Start(test, pgtest.Options{Durable: true})
	return postgres{s, s.Pool(test)}
}

func (p postgres) url() string      { return p.server.URL() }
func (p postgres) minReplicas() int { return 0 }

// masters is always the same: no other server takes over.
func (p postgres) masters(ctx context.Context) (id string, err error) {
	err = p.pool.QueryRow(ctx, "SELECT system_identifier::text FROM pg_control_system()").Scan(&id)
	return id, err
}

func (p postgres) strike(t redistest.TB, kind faultKind, r *rand.Rand) {
	wait := time.Duration(r.Int64N(int64(longestOutage))) // the length of the fault
	switch kind {
	case faultServerKill:
		p.server.Kill(t.(pgtest.TB))
		time.Sleep(wait)
		p.server.Run(t.(pgtest.TB))
	case faultServerHang:
		mustDo(t, p.hang(wait))
	case faultServerCut:
		_, err := p.pool.Exec(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chat-go'")
		mustDo(t, err)
	default:
		t.Fatalf("chaos: no fault of Postgres: %s", kind)
	}
}

// hang has every statement of the bots wait.
func (p postgres) hang(wait time.Duration) error {
	ctx := context.Background()
	return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "LOCK TABLE chat_go_cache, chat_go_locks, chat_go_queues, chat_go_queue_entries IN ACCESS EXCLUSIVE MODE"); err != nil {
			return err
		}
		time.Sleep(wait)
		return nil
	})
}
