// A bot of the npm packages among several bots that share their threads. It serves
// webhooks, which are messages as JSON, and writes down what its handlers do.
// Usage: node member.mjs settings, which are JSON: those of platform.mjs,
// concurrency, which is the Chat's, work, which is how long a handler takes at most in
// ms, and drain, which has SIGTERM wait until everything that came is handled.
import http from "node:http";
import { Chat, Message } from "chat";
import { connect, platform, quiet } from "./platform.mjs";

const settings = JSON.parse(process.argv[2]);
const write = (line) => process.stdout.write(JSON.stringify(line) + "\n"); // to a pipe: at once
const fake = platform({ posts: [], modals: [] });
fake.persistThreadHistory = false;
const chat = new Chat({ userName: "bot", adapters: { fake }, state: await connect(settings), logger: quiet, concurrency: settings.concurrency });

let runs = 0;
const handle = (as) => async (thread, message, context) => {
  const run = ++runs;
  write({ event: "begin", run, as, thread: thread.id, messages: [...(context?.skipped ?? []), message].map((m) => m.id), at: Date.now() });
  if (as === "mention") await thread.subscribe();
  await new Promise((resolve) => setTimeout(resolve, Math.random() * settings.work));
  write({ event: "end", run, at: Date.now() });
};
chat.onNewMention(handle("mention"));
chat.onSubscribedMessage(handle("subscribed"));
await chat.initialize();

const pending = new Set();
const waitUntil = (promise) => {
  pending.add(promise);
  promise.finally(() => pending.delete(promise));
};
const server = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const message = Message.fromJSON(JSON.parse(Buffer.concat(chunks)));
  chat.processMessage(fake, message.threadId, message, { waitUntil }).catch(() => {});
  response.end();
});
server.listen(0, "127.0.0.1", () => write({ event: "ready", addr: `127.0.0.1:${server.address().port}` }));

process.on("SIGTERM", async () => {
  if (settings.drain) {
    await new Promise((resolve) => server.close(resolve));
    while (pending.size > 0) await Promise.allSettled(pending);
  }
  process.exit(0);
});
process.stdin.resume().on("close", () => process.exit(0)); // the test is gone
