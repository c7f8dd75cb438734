-- The tables of package pgstate. Names without a schema: run it with the search_path
-- that the bot has, or after SET search_path.
--
-- Names are bytes in order, so the collation is "C". A row that never expires has the
-- time infinity.

CREATE TABLE chat_go_subscriptions (
    prefix    text COLLATE "C" NOT NULL,
    thread_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (prefix, thread_id)
);

CREATE TABLE chat_go_locks (
    prefix     text COLLATE "C" NOT NULL,
    thread_id  text COLLATE "C" NOT NULL,
    token      text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (prefix, thread_id)
) WITH (fillfactor = 70);

-- Its numbers tell later grants of a lock from earlier ones.
CREATE SEQUENCE chat_go_fences;

CREATE TABLE chat_go_cache (
    prefix     text COLLATE "C" NOT NULL,
    key        text COLLATE "C" NOT NULL,
    value      bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (prefix, key)
);
CREATE INDEX chat_go_cache_expires_at ON chat_go_cache (expires_at) WHERE expires_at < 'infinity';

-- The values of a list are those after last_dropped, in the order of their position.
CREATE TABLE chat_go_lists (
    prefix       text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    last_dropped bigint NOT NULL,
    last         bigint NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (prefix, key)
) WITH (fillfactor = 70);
CREATE INDEX chat_go_lists_expires_at ON chat_go_lists (expires_at) WHERE expires_at < 'infinity';

CREATE TABLE chat_go_list_values (
    prefix   text COLLATE "C" NOT NULL,
    key      text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    value    bytea NOT NULL,
    PRIMARY KEY (prefix, key, position)
);

-- A queue has a row while it has entries. Whoever adds or removes entries locks this
-- row first. name is the thread's id where thread_id had to be shortened.
CREATE TABLE chat_go_queues (
    prefix        text COLLATE "C" NOT NULL,
    thread_id     text COLLATE "C" NOT NULL,
    name          text COLLATE "C",
    last          bigint NOT NULL,
    waiting_since timestamptz,
    expires_at    timestamptz NOT NULL,
    PRIMARY KEY (prefix, thread_id)
) WITH (fillfactor = 70);

CREATE TABLE chat_go_queue_entries (
    prefix    text COLLATE "C" NOT NULL,
    thread_id text COLLATE "C" NOT NULL,
    number    bigint NOT NULL,
    id        text COLLATE "C" NOT NULL,
    entry     bytea NOT NULL,
    PRIMARY KEY (prefix, thread_id, number)
);

CREATE TABLE chat_go_migrations (
    version    integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO chat_go_migrations (version) VALUES (1);
