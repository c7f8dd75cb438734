import { createHmac } from "node:crypto";
import { createGitHubAdapter } from "@chat-adapter/github";

const webhookSecret = "benchmark-secret";

export const adapter = (apiUrl, logger) => createGitHubAdapter({ token: "benchmark-token", webhookSecret, apiUrl, userName: "thebot", botUserId: 4711, logger });

export const request = (index) => {
  const n = index + 1;
  const user = { id: 100, login: "ada", type: "User" };
  const body = JSON.stringify({
    action: "created", issue: { id: n, number: n, title: "Bench", state: "open", user },
    comment: {
      id: n, node_id: `IC_${n}`, body: "@thebot hello", html_url: `https://github.com/acme/bench/issues/${n}#issuecomment-${n}`, user,
      created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z",
    },
    repository: { id: 1, name: "bench", full_name: "acme/bench", owner: { id: 2, login: "acme" } }, sender: user,
  });
  return { body, headers: {
    "x-github-event": "issue_comment", "x-github-delivery": `delivery-${n}`,
    "x-hub-signature-256": "sha256=" + createHmac("sha256", webhookSecret).update(body).digest("hex"),
  } };
};
