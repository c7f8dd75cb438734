import { createHmac } from "node:crypto";
import { createTwilioAdapter } from "@chat-adapter/twilio";

const authToken = "benchmark-token";
const accountSid = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const webhookUrl = "http://localhost/webhooks/twilio";

export const adapter = (apiUrl, logger) => createTwilioAdapter({ accountSid, authToken, webhookUrl, apiUrl, userName: "thebot", logger });

export const request = (n) => {
  const number = String(n).padStart(7, "0");
  const fields = {
    AccountSid: accountSid, Body: "@thebot hello", From: `+1650${number}`, MessageSid: `SM${number.padStart(32, "0")}`, NumMedia: "0", To: `+1500${number}`,
  };
  const signed = webhookUrl + Object.keys(fields).sort().map((name) => name + fields[name]).join("");
  return {
    body: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": createHmac("sha1", authToken).update(signed).digest("base64") },
  };
};

// Each conversation is a direct one, in which nobody is mentioned.
export const register = (chat) => chat.onDirectMessage(async (thread) => { await thread.post({ markdown: "hello" }); });
