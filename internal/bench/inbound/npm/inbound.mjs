// The whole inbound path of the npm SDK with an empty handler.
// Usage: node inbound.mjs memory|redis|ioredis redis://… callers messages
import { Chat, Message } from "chat";
import { createMemoryState } from "@chat-adapter/state-memory";
import { createIoRedisState } from "@chat-adapter/state-ioredis";
import { createRedisState } from "@chat-adapter/state-redis";

const [which, url] = process.argv.slice(2, 4);
const [callers, messages] = process.argv.slice(4, 6).map(Number);
const quiet = { debug() {}, info() {}, warn() {}, error() {}, child() { return quiet; } };
const make = { memory: createMemoryState, ioredis: createIoRedisState, redis: createRedisState }[which];
const state = make({ url, logger: quiet });

let chat;
const adapter = {
  name: "fake",
  userName: "bot",
  initialize: async () => {},
  channelIdFromThreadId: (id) => id.split(":").slice(0, 2).join(":"),
  isDM: () => false,
  handleWebhook: async () => new Response("ok"),
};
chat = new Chat({ userName: "bot", adapters: { fake: adapter }, state, logger: "silent", concurrency: "queue" });
chat.onNewMention(async () => {});
chat.onSubscribedMessage(async () => {});
await chat.initialize();

const run = Math.random().toString(36).slice(2);
const message = (n) => new Message({
  id: `${run}${n}`, threadId: `fake:c:${run}${n}`, text: "@bot hello", raw: null,
  formatted: { type: "root", children: [{ type: "paragraph", children: [{ type: "text", value: "@bot hello" }] }] },
  author: { userId: "u", userName: "ada", fullName: "Ada", isBot: false, isMe: false },
  metadata: { dateSent: new Date(), edited: false }, attachments: [],
});

const drive = async (from, count) => {
  let next = from;
  const end = from + count;
  await Promise.all(Array.from({ length: callers }, async () => {
    while (next < end) {
      const n = next++;
      await new Promise((resolve, reject) => {
        chat.processMessage(adapter, `fake:c:${run}${n}`, message(n), { waitUntil: (p) => p.then(resolve, reject) });
      });
    }
  }));
};
await drive(0, Math.min(messages, 2000));
const start = process.hrtime.bigint();
const cpu = process.cpuUsage();
await drive(1e6, messages);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({ callers, messages, perSecond: messages / seconds, cpuMicros: (used.user + used.system) / messages }));
process.exit(0);
