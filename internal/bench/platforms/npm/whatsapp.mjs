import { createHmac } from "node:crypto";
import { createWhatsAppAdapter } from "@chat-adapter/whatsapp";

const appSecret = "benchmark-secret";

export const adapter = (apiUrl, logger) => createWhatsAppAdapter({
  accessToken: "benchmark-token", appSecret, verifyToken: "benchmark", phoneNumberId: "106540352242922", apiUrl, userName: "thebot", logger,
});

export const request = (n) => {
  const user = `1650${String(n).padStart(7, "0")}`;
  const body = JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value: {
      messaging_product: "whatsapp", metadata: { display_phone_number: "15550783881", phone_number_id: "106540352242922" },
      contacts: [{ profile: { name: "Ada" }, wa_id: user }],
      messages: [{ from: user, id: `wamid.${n}`, timestamp: "1700000000", type: "text", text: { body: "@thebot hello" } }],
    } }] }],
  });
  return { body, headers: { "x-hub-signature-256": `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}` } };
};

// Each conversation is a direct one, in which nobody is mentioned.
export const register = (chat) => chat.onDirectMessage(async (thread) => { await thread.post({ markdown: "hello" }); });
