import { createTelegramAdapter } from "@chat-adapter/telegram";

const secretToken = "benchmark-secret";

export const adapter = (apiUrl, logger) => createTelegramAdapter({ botToken: "4711:benchmark", secretToken, apiBaseUrl: apiUrl, mode: "webhook", userName: "thebot", logger });

export const request = (n) => ({
  body: JSON.stringify({
    update_id: n,
    message: {
      message_id: 1, date: 1700000000, chat: { id: Number(`-100${1_000_000 + n}`), type: "supergroup", title: "Bench" },
      from: { id: 100, is_bot: false, first_name: "Ada", username: "ada" }, text: "@thebot hello", entities: [{ type: "mention", offset: 0, length: 7 }],
    },
  }),
  headers: { "x-telegram-bot-api-secret-token": secretToken },
});
