// The whole way of a message on Slack with the npm SDK.
// Usage: node slack.mjs apiUrl secret token callers messages
import { createHmac } from "node:crypto";
import { Chat, ConsoleLogger } from "chat";
import { createSlackAdapter } from "@chat-adapter/slack";
import { createMemoryState } from "@chat-adapter/state-memory";

const [apiUrl, signingSecret, botToken, callers, messages] = process.argv.slice(2);
const adapter = createSlackAdapter({ botToken, signingSecret, apiUrl, logger: new ConsoleLogger("silent") });
const chat = new Chat({ userName: "bot", adapters: { slack: adapter }, state: createMemoryState(), logger: "silent", concurrency: "queue" });
chat.onNewMention(async (thread) => { await thread.post({ markdown: "hello" }); });
await chat.initialize();

const send = async (n) => {
  const ts = `${1_700_000_000 + Math.floor(n / 1e6)}.${String(n % 1e6).padStart(6, "0")}`;
  const body = JSON.stringify({
    type: "event_callback", team_id: "T0BENCH", api_app_id: "A0APP", event_id: `Ev${n}`, event_time: 1700000000,
    authorizations: [{ team_id: "T0BENCH", user_id: "U0BOT", is_bot: true }],
    event: { type: "app_mention", channel: "C0BENCH", channel_type: "channel", user: "U0ADA", ts, event_ts: ts, team: "T0BENCH", text: "<@U0BOT> hello" },
  });
  const stamp = String(Math.floor(Date.now() / 1000));
  const signature = "v0=" + createHmac("sha256", signingSecret).update(`v0:${stamp}:${body}`).digest("hex");
  const work = [];
  const response = await chat.webhooks.slack(new Request("http://localhost/webhooks/slack", {
    method: "POST", body,
    headers: { "content-type": "application/json", "x-slack-request-timestamp": stamp, "x-slack-signature": signature },
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
