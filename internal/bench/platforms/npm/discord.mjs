import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { createDiscordAdapter } from "@chat-adapter/discord";

const seed = Buffer.from("thirty-two bytes for benchmarks!");
const key = createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]), format: "der", type: "pkcs8" });
const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32).toString("hex");

export const adapter = (apiUrl, logger) => {
  // The adapter posts to Discord's address whatever it is told.
  const real = globalThis.fetch;
  globalThis.fetch = (url, options) => real(String(url).replace("https://discord.com/api/v10", `${apiUrl}/api/v10`), options);
  return createDiscordAdapter({ botToken: "MTIz.bench.mark", applicationId: "123", publicKey, apiUrl: `${apiUrl}/api/v10`, userName: "thebot", logger });
};

export const register = (chat) => chat.onSlashCommand(async (event) => { await event.channel.post({ markdown: "hello" }); });

export const request = (n) => {
  const body = JSON.stringify({
    id: String(500_000_000_000_000_000n + BigInt(n)), application_id: "123", type: 2, token: `token-${n}`, version: 1, guild_id: "10",
    channel_id: String(600_000_000_000_000_000n + BigInt(n)), channel: { id: String(600_000_000_000_000_000n + BigInt(n)), type: 0 },
    member: { user: { id: String(400_000_000_000_000_000n + BigInt(n)), username: "ada", global_name: "Ada" }, roles: [] }, data: { id: "7", name: "hello", type: 1 },
  });
  const stamp = String(Math.floor(Date.now() / 1000));
  return { body, headers: { "x-signature-timestamp": stamp, "x-signature-ed25519": sign(null, Buffer.from(stamp + body), key).toString("hex") } };
};
