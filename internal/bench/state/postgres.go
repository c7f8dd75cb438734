package main

import (
	"context"

	"github.com/jackc/pgx/v5"

	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// oursOnPostgres is the adapter of this repository on Postgres.
func oursOnPostgres(url string) (subject, error) {
	a, err := pgstate.New(pgstate.Config{URL: url, Prefix: "ours"})
	if err != nil {
		return nil, err
	}
	if err := a.Connect(context.Background()); err != nil {
		return nil, err
	}
	return &goSubject{label: "pgstate", end: func() { _ = a.Close(context.Background()) }, calls: callsOf(a)}, nil
}

// truncate empties the tables of both adapters, as far as they are there.
func truncate(url string) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	_, err = c.PgConn().Exec(ctx, `DO $$ DECLARE name text; BEGIN
FOR name IN SELECT tablename FROM pg_tables WHERE tablename ~ '^chat_(go|state)_' AND tablename <> 'chat_go_migrations' LOOP
    EXECUTE 'TRUNCATE ' || name;
END LOOP; END $$`).ReadAll()
	return err
}
