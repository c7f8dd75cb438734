// The whole way of a message on a platform with the npm SDK.
// Usage: node main.mjs platform apiUrl callers messages
import { Chat, ConsoleLogger } from "chat";
import { createMemoryState } from "@chat-adapter/state-memory";

const [platform, apiUrl, callers, messages] = process.argv.slice(2);
const { adapter: create, request, register } = await import(`./${platform}.mjs`);
const adapter = create(apiUrl, new ConsoleLogger("silent"));
const chat = new Chat({ userName: "thebot", adapters: { [platform]: adapter }, state: createMemoryState(), logger: "silent", concurrency: "queue" });
if (register) register(chat);
else chat.onNewMention(async (thread) => { await thread.post({ markdown: "hello" }); });
await chat.initialize();

const send = async (n) => {
  const { body, headers } = request(n);
  const work = [];
  const response = await chat.webhooks[platform](new Request(`http://localhost/webhooks/${platform}`, {
    method: "POST", body, headers: { "content-type": "application/json", ...headers },
  }), { waitUntil: (p) => work.push(p), propagateHandlerErrors: true });
  if (response.status !== 200) throw new Error(`a webhook was answered ${response.status}`);
  await Promise.all(work);
};

const drive = async (from, count) => {
  let next = 0;
  await Promise.all(Array.from({ length: Number(callers) }, async () => {
    while (next < count) await send(from + next++);
  }));
};
const total = Number(messages);
await drive(0, Math.min(total, 500));
const start = process.hrtime.bigint();
const cpu = process.cpuUsage();
await drive(1_000_000, total);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({ perSecond: total / seconds, cpuMicros: (used.user + used.system) / total }));
process.exit(0);
