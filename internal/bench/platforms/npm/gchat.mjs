import { generateKeyPairSync, sign } from "node:crypto";
import { createGoogleChatAdapter } from "@chat-adapter/gchat";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const issuer = "chat@system.gserviceaccount.com";
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = Math.floor(Date.now() / 1000);
const content = encode({ alg: "RS256", kid: "k", typ: "JWT" }) + "." + encode({ iss: issuer, aud: "123456789012", iat: now, exp: now + 3600 });
const token = content + "." + sign("RSA-SHA256", Buffer.from(content), privateKey).toString("base64url");

export const adapter = (apiUrl, logger) => {
  // The keys of Google are at Google's address whatever the adapter is told.
  const real = globalThis.fetch;
  const keys = JSON.stringify({ k: publicKey.export({ format: "pem", type: "spki" }) });
  globalThis.fetch = (url, options) => String(url).includes(issuer) ? Promise.resolve(new Response(keys)) : real(url, options);
  return createGoogleChatAdapter({ auth: "benchmark-key", googleChatProjectNumber: "123456789012", botUserId: "users/99", apiUrl: `${apiUrl}/`, userName: "thebot", logger });
};

export const request = (n) => {
  const space = { name: `spaces/S${n}`, type: "ROOM", spaceType: "SPACE" };
  const ada = { name: "users/100", displayName: "Ada", type: "HUMAN" };
  const body = JSON.stringify({
    commonEventObject: { hostApp: "CHAT" },
    chat: { user: ada, eventTime: "2026-01-01T00:00:00Z", messagePayload: { space, message: {
      name: `spaces/S${n}/messages/T.M`, sender: ada, createTime: "2026-01-01T00:00:00Z", text: "@thebot hello", thread: { name: `spaces/S${n}/threads/T` }, space,
      annotations: [{ type: "USER_MENTION", startIndex: 0, length: 7, userMention: { type: "MENTION", user: { name: "users/99", displayName: "thebot", type: "BOT" } } }],
    } } },
  });
  return { body, headers: { authorization: `Bearer ${token}` } };
};
