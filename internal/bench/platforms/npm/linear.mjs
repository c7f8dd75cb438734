import { createHmac } from "node:crypto";
import { createLinearAdapter } from "@chat-adapter/linear";

const webhookSecret = "benchmark-secret";

export const adapter = (apiUrl, logger) => createLinearAdapter({ apiKey: "benchmark-key", webhookSecret, apiUrl: `${apiUrl}/graphql`, userName: "thebot", logger });

export const request = (n) => {
  const body = JSON.stringify({
    action: "create", type: "Comment", createdAt: "2026-01-01T00:00:00Z", organizationId: "org-1", webhookId: "w", webhookTimestamp: Date.now(),
    data: {
      id: `comment-${n}`, body: "@thebot hello", issueId: "issue-1", createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-01T00:00:00Z",
      user: { id: "u-1", name: "Ada", email: "a@example.com", url: "https://linear.app/acme/profiles/ada" },
    },
  });
  return { body, headers: { "linear-signature": createHmac("sha256", webhookSecret).update(body).digest("hex") } };
};
