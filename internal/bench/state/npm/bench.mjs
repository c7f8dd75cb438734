// Measures one npm state adapter. Reads a line of JSON for each measurement,
// {"op","callers","ms","prefix"}, and answers with one, {"ops","error"}.
//
//   node bench.mjs ioredis|redis redis://host:port
//   node bench.mjs pg postgres://user@host:port/database
import readline from "node:readline";

const [, , which, url] = process.argv;
const quiet = { debug() {}, info() {}, warn() {}, error() {}, child() { return quiet; } };

async function open(prefix) {
  if (which === "pg") {
    const { createPostgresState } = await import("@chat-adapter/state-pg");
    const state = createPostgresState({ url, keyPrefix: prefix, logger: quiet });
    await state.connect();
    return state;
  }
  const m = which === "ioredis" ? await import("@chat-adapter/state-ioredis") : await import("@chat-adapter/state-redis");
  const make = which === "ioredis" ? m.createIoRedisState : m.createRedisState;
  const state = make({ url, keyPrefix: prefix, logger: quiet });
  await state.connect();
  return state;
}

const value = JSON.parse(process.env.BENCH_VALUE);
const message = JSON.parse(process.env.BENCH_MESSAGE);

// Each operation is one call of what a bot does, for caller c in round i.
const operations = {
  "lock+release": (s) => async (c) => {
    const lock = await s.acquireLock(c, 30000);
    await s.releaseLock(lock);
  },
  isSubscribed: (s) => (c) => s.isSubscribed(c),
  get: (s) => (c) => s.get(c),
  set: (s) => (c) => s.set(c, value, 60000),
  setIfNotExists: (s) => (c, i) => s.setIfNotExists(`${c}:${i}`, true, 60000),
  "enqueue+dequeue": (s) => async (c) => {
    const now = Date.now();
    await s.enqueue(c, { message, enqueuedAt: now, expiresAt: now + 90000 }, 10);
    await s.dequeue(c);
  },
  // As the SDK does with the strategy queue.
  message: (s) => async (c, i) => {
    if (!(await s.setIfNotExists(`${c}:${i}`, true, 60000))) throw new Error("claimed");
    const lock = await s.acquireLock(c, 30000);
    if (!lock) throw new Error("locked");
    await s.isSubscribed(c);
    await s.dequeue(c);
    await s.releaseLock(lock);
  },
  append: (s) => (c) => s.appendToList(c, value, { maxLength: 100, ttlMs: 60000 }),
};

const states = new Map();
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { op, callers, ms, prefix } = JSON.parse(line);
  try {
    if (!states.has(prefix)) states.set(prefix, await open(prefix));
    const state = states.get(prefix);
    const call = operations[op](state);
    const ids = Array.from({ length: callers }, (_, c) => `slack:C${c}:1700000000.000100`);
    if (op === "get") await Promise.all(ids.map((id) => state.set(id, value)));
    if (op === "isSubscribed") await Promise.all(ids.map((id) => state.subscribe(id)));
    const run = async (id, until) => {
      let n = 0;
      for (; performance.now() < until; n++) await call(id, `${until}:${n}`);
      return n;
    };
    await Promise.all(ids.map((id) => run(id, performance.now() + ms / 5)));
    const start = performance.now();
    const counts = await Promise.all(ids.map((id) => run(id, start + ms)));
    const took = performance.now() - start;
    console.log(JSON.stringify({ ops: (counts.reduce((a, b) => a + b, 0) / took) * 1000 }));
  } catch (err) {
    console.log(JSON.stringify({ error: String(err) }));
  }
}
process.exit(0);
