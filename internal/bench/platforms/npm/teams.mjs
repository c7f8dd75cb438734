import { generateKeyPairSync, sign } from "node:crypto";
import https from "node:https";
import { Readable } from "node:stream";
import { createTeamsAdapter } from "@chat-adapter/teams";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const appId = "00000000-0000-0000-0000-000000000001";
const serviceUrl = "https://smba.trafficmanager.net/amer/";
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = Math.floor(Date.now() / 1000);
const content = encode({ alg: "RS256", kid: "k", typ: "JWT" }) + "."
  + encode({ iss: "https://api.botframework.com", aud: appId, serviceurl: serviceUrl, iat: now, nbf: now - 60, exp: now + 3600 });
const token = content + "." + sign("RSA-SHA256", Buffer.from(content), privateKey).toString("base64url");

export const adapter = (apiUrl, logger) => {
  // The keys of Microsoft are at Microsoft's address whatever the adapter is told.
  const real = https.request;
  const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k", use: "sig", alg: "RS256" }] });
  https.request = (options, answer) => {
    if (options.hostname !== "login.botframework.com") return real(options, answer);
    const request = { on: () => request, destroy: () => request, end: () => {
      answer(Object.assign(Readable.from([Buffer.from(keys)], { objectMode: false }), { statusCode: 200 }));
    } };
    return request;
  };
  return createTeamsAdapter({ appId, token: async () => token, apiUrl, userName: "thebot", logger });
};

export const request = (n) => {
  const id = String(1767225600000 + n);
  const bot = { id: `28:${appId}`, name: "thebot" };
  const body = JSON.stringify({
    type: "message", id, timestamp: "2026-01-01T00:00:00Z", channelId: "msteams", serviceUrl, from: { id: "29:ada", name: "Ada" },
    conversation: { id: `19:S${n}@thread.tacv2;messageid=${id}`, conversationType: "channel", isGroup: true }, recipient: bot,
    text: "<at>thebot</at> hello", textFormat: "plain", entities: [{ type: "mention", text: "<at>thebot</at>", mentioned: bot }],
  });
  return { body, headers: { authorization: `Bearer ${token}` } };
};
