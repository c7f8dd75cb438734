package pgstate

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chat-adapter/chat-go/core/state"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migration is a step that makes or changes the tables.
type Migration struct {
	// Version counts from 1. A later version of this module has more.
	Version int
	// SQL is executed once, in one transaction. It names tables without a schema and
	// records the version in the table chat_go_migrations.
	SQL string
}

// Migrations returns the steps that make the tables, in their order, for programs that
// set Config.SkipMigrations. They are the files of the folder migrations, too. An older
// version of this module works with the tables of a newer one.
func Migrations() []Migration {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	slices.Sort(names)
	all := make([]Migration, len(names))
	for i, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			panic(err) // it is a part of the program
		}
		all[i] = Migration{Version: i + 1, SQL: string(text)}
	}
	return all
}

// setUpError is a reason why the adapter cannot work on this database.
type setUpError struct {
	kind  error
	text  string
	cause error
}

func (e *setUpError) Error() string {
	if e.cause == nil {
		return e.text
	}
	return e.text + ": " + e.cause.Error()
}

func (e *setUpError) Unwrap() error { return e.cause }

// setUp finds or makes the tables and checks that they can be used.
func (o *op) setUp() error {
	pool, err := o.a.openPool()
	if err != nil {
		return err
	}
	if pool == nil {
		return state.ErrClosed
	}
	version, err := o.version()
	if err != nil {
		return err
	}
	if latest := len(Migrations()); version < latest {
		if o.a.cfg.SkipMigrations {
			return &setUpError{kind: state.ErrMisconfigured, text: fmt.Sprintf(
				"the tables have version %d and version %d is needed: run the migrations, or leave Config.SkipMigrations unset", version, latest)}
		}
		if err := o.migrate(); err != nil {
			return err
		}
	}
	if err := o.checkRights(); err != nil {
		return err
	}
	return o.check()
}

// version returns the version of the tables, 0 if there are none.
func (o *op) version() (version int, err error) {
	var encoding string
	var there bool
	err = o.send(again, func(b *batch) {
		b.row(nil, []any{&encoding, &there}, `SELECT current_setting('server_encoding'), to_regclass($1::text) IS NOT NULL`, o.a.tables+"migrations")
	})
	if err != nil {
		return 0, err
	}
	if encoding != "UTF8" {
		return 0, &setUpError{kind: state.ErrMisconfigured, text: "the database has the encoding " + encoding + ", want UTF8"}
	}
	if !there {
		return 0, nil
	}
	err = o.send(again, func(b *batch) {
		b.row(nil, []any{&version}, `SELECT coalesce(max(version), 0) FROM chat_go_migrations`)
	})
	if codeOf(err) == "42501" {
		return 0, &setUpError{kind: state.ErrMisconfigured, text: "the role lacks rights: SELECT ON " + o.a.tables + "migrations", cause: err}
	}
	return version, err
}

// migrationLock is the key of the advisory lock under which tables are made.
const migrationLock = 0x63686174_676f01

// migrate brings the tables to the latest version. Many instances may come at once.
func (o *op) migrate() error {
	c, err := o.a.pool.Acquire(o.ctx)
	if err != nil {
		return &unsentError{err}
	}
	defer c.Release()
	err = pgx.BeginFunc(o.ctx, c, func(tx pgx.Tx) error {
		// The lock ends with the transaction.
		if _, err := tx.Exec(o.ctx, `SELECT pg_advisory_xact_lock($1::bigint)`, int64(migrationLock)); err != nil {
			return err
		}
		if o.a.cfg.Schema != "" {
			if _, err := tx.Exec(o.ctx, `SELECT set_config('search_path', $1::text, true)`, strings.TrimSuffix(o.a.tables, "."+tableNames)); err != nil {
				return err
			}
		}
		version := 0
		var there bool
		// To read pg_class has the session learn what others made while it waited.
		const find = `SELECT count(*) > 0 FROM pg_catalog.pg_class WHERE oid = to_regclass($1::text)`
		if err := tx.QueryRow(o.ctx, find, o.a.tables+"migrations").Scan(&there); err != nil {
			return err
		}
		if there {
			if err := tx.QueryRow(o.ctx, o.a.sql(`SELECT coalesce(max(version), 0) FROM chat_go_migrations`)).Scan(&version); err != nil {
				return err
			}
		}
		for _, m := range Migrations() {
			if m.Version <= version {
				continue
			}
			if _, err := tx.Exec(o.ctx, m.SQL, pgx.QueryExecModeSimpleProtocol); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && codeOf(err) == "42501" {
		return &setUpError{kind: state.ErrMisconfigured, cause: err, text: "tables are missing, and the role may not make them: " +
			"grant it CREATE on the schema once, or run the migrations with another role"}
	}
	if err != nil && codeOf(err) == "3F000" {
		return &setUpError{kind: state.ErrMisconfigured, cause: err, text: "the schema of the tables does not exist: make it, or set Config.Schema to another"}
	}
	return err
}

// tableRights are what the role needs.
var tableRights = []struct{ table, rights string }{
	{"subscriptions", "SELECT INSERT DELETE"},
	{"locks", "SELECT INSERT UPDATE DELETE"},
	{"cache", "SELECT INSERT UPDATE DELETE"},
	{"lists", "SELECT INSERT UPDATE DELETE"},
	{"list_values", "SELECT INSERT DELETE"},
	{"queues", "SELECT INSERT UPDATE DELETE"},
	{"queue_entries", "SELECT INSERT DELETE"},
	{"migrations", "SELECT"},
}

// checkRights names the rights that the role lacks.
func (o *op) checkRights() error {
	var tables, rights, missing []string
	for _, t := range tableRights {
		for right := range strings.FieldsSeq(t.rights) {
			tables, rights = append(tables, o.a.tables+t.table), append(rights, right)
		}
	}
	err := o.send(again, func(b *batch) {
		b.rows(func() { missing = nil }, func(rows pgx.Rows) error {
			var text string
			err := rows.Scan(&text)
			missing = append(missing, text)
			return err
		}, `SELECT r || ' ON ' || t FROM unnest($1::text[], $2::text[]) AS needed(t, r) WHERE NOT has_table_privilege(t, r)
UNION ALL SELECT 'USAGE ON SEQUENCE ' || $3::text WHERE NOT has_sequence_privilege($3::text, 'USAGE')`, tables, rights, o.a.tables+"fences")
	})
	if err == nil && missing != nil {
		return &setUpError{kind: state.ErrMisconfigured, text: "the role lacks rights: " + strings.Join(missing, ", ")}
	}
	return err
}

// Check writes a row, removes it in the same transaction, and so finds out whether
// the server takes writes. Nobody sees the row.
func (a *Adapter) Check(ctx context.Context) error {
	o, err := a.begin(ctx, "check")
	if err != nil {
		return err
	}
	defer o.end()
	if err := o.check(); err != nil {
		return o.fail(err)
	}
	return nil
}

func (o *op) check() error {
	probe := `\check ` + rand.Text() // no name is stored so
	return o.send(again, func(b *batch) {
		b.exec(nil, `INSERT INTO chat_go_cache (prefix, key, value, expires_at) VALUES ($1::text, $2::text, '', statement_timestamp())`, o.a.cfg.Prefix, probe)
		b.exec(nil, `DELETE FROM chat_go_cache WHERE prefix = $1::text AND key = $2::text`, o.a.cfg.Prefix, probe)
	})
}
