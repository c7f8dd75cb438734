// What the bots of the npm packages share: the state, and a platform that only writes
// down what it gets.
import { createIoRedisState } from "@chat-adapter/state-ioredis";
import { createRedisState } from "@chat-adapter/state-redis";
import Redis from "ioredis";

export const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

// connect returns the state: driver is "ioredis" or "redis", addrs are host:port.
export async function connect({ driver, addrs, cluster, prefix }) {
  const url = `redis://${addrs[0]}`;
  const options = { keyPrefix: prefix, logger: quiet };
  const state =
    driver === "redis"
      ? createRedisState({ url, ...options })
      : createIoRedisState({ client: cluster ? new Redis.Cluster(addrs.map((addr) => `redis://${addr}`)) : new Redis(url), ...options });
  await state.connect();
  return state;
}

// The platform of Go's chattest, as far as a bot needs it.
export const platform = (seen) => ({
  name: "fake",
  userName: "bot",
  persistThreadHistory: true,
  async initialize() {},
  channelIdFromThreadId: (id) => id.split(":").slice(0, 2).join(":"),
  isDM: (id) => id.startsWith("fake:dm-"),
  getChannelVisibility: () => "workspace",
  async fetchMessage() {
    return null;
  },
  async postMessage(threadId, message) {
    seen.posts.push(message);
    return { id: `out-${crypto.randomUUID()}`, threadId, raw: {} };
  },
  async openModal(triggerId, modal, contextId) {
    seen.modals.push(contextId);
  },
});
