import { createHmac } from "node:crypto";
import { createSlackAdapter } from "@chat-adapter/slack";

const signingSecret = "benchmark-secret";

export const adapter = (apiUrl, logger) => createSlackAdapter({ botToken: "xoxb-benchmark", signingSecret, apiUrl: `${apiUrl}/`, logger });

export const request = (n) => {
  const ts = `${1_700_000_000 + Math.floor(n / 1e6)}.${String(n % 1e6).padStart(6, "0")}`;
  const body = JSON.stringify({
    type: "event_callback", team_id: "T0BENCH", api_app_id: "A0APP", event_id: `Ev${n}`, event_time: 1700000000,
    authorizations: [{ team_id: "T0BENCH", user_id: "U0BOT", is_bot: true }],
    event: { type: "app_mention", channel: "C0BENCH", channel_type: "channel", user: "U0ADA", ts, event_ts: ts, team: "T0BENCH", text: "<@U0BOT> hello" },
  });
  const stamp = String(Math.floor(Date.now() / 1000));
  const signature = "v0=" + createHmac("sha256", signingSecret).update(`v0:${stamp}:${body}`).digest("hex");
  return { body, headers: { "x-slack-request-timestamp": stamp, "x-slack-signature": signature } };
};
