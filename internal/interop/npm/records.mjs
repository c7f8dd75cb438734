// What the npm package stores and serializes: messages, threads, channels,
// queue entries, kept histories and transcripts.
import { Chat, Message, ThreadHistoryCache, parseMarkdown } from "chat";

const date = new Date("2026-01-02T03:04:05.006Z");

const author = { userId: "U1", userName: "ada", fullName: "Ada", isBot: false, isMe: false };

function message(fields) {
  const text = fields.text ?? "@bot hello";
  return new Message({
    id: "m1",
    threadId: "fake:c:t",
    text,
    formatted: parseMarkdown(text),
    raw: { secret: 1, nested: { list: [1, 2.5, null] } },
    author,
    metadata: { dateSent: date, edited: false },
    attachments: [],
    ...fields,
  });
}

export const messages = {
  plain: message({}),
  text: message({ text: 'quote " backslash \\ line\nbreak \u2028 \u0007 é 🙂 <b> &amp; \ud800' }),
  formatted: message({ text: "# Title\n\n**bold** `code` [link](https://example.com?a=1&b=2)\n\n| a | b |\n|---|:-:|\n| 1 | 2 |" }),
  author: message({ author: { ...author, email: "a@example.com", isBot: "unknown", isSystem: true } }),
  bot: message({ author: { ...author, isBot: true, isMe: true } }),
  edited: message({ metadata: { dateSent: date, edited: true, editedAt: new Date("2026-01-02T03:05:00.000Z") } }),
  attachments: message({
    attachments: [
      { type: "image", url: "https://example.com/a.png?x=1&y=2", name: "a.png", mimeType: "image/png", size: 12, width: 3, height: 4 },
      { type: "file", fetchMetadata: { fileId: "F1", "other key": "é" }, fetchData: async () => Buffer.from("x"), data: Buffer.from("x") },
    ],
  }),
  links: message({
    links: [
      { url: "https://example.com", title: "T", description: "D", imageUrl: "https://example.com/i.png", siteName: "S" },
      { url: "https://example.com/message", fetchMessage: async () => undefined },
    ],
  }),
  mention: message({ isMention: true }),
  noMention: message({ isMention: false }),
  nullRaw: message({ raw: null }),
  quoted: message({ replyTo: message({ id: "m0", text: "before", replyTo: message({ id: "m-1", links: [{ url: "https://example.com" }] }) }) }),
};

// state is a state adapter in memory that does not expire anything.
function memory(lists = {}) {
  const values = new Map();
  const stored = (value) => JSON.parse(JSON.stringify(value));
  return {
    lists,
    queues: {},
    locked: false,
    async connect() {},
    async disconnect() {},
    async isSubscribed() {
      return false;
    },
    async acquireLock(threadId) {
      return this.locked ? null : { threadId, token: "t", expiresAt: Date.now() + 30000 };
    },
    async releaseLock() {},
    async extendLock() {
      return true;
    },
    async get(key) {
      return values.get(key) ?? null;
    },
    async set(key, value) {
      values.set(key, stored(value));
    },
    async setIfNotExists(key, value) {
      if (values.has(key)) return false;
      values.set(key, stored(value));
      return true;
    },
    async delete(key) {
      values.delete(key);
    },
    async appendToList(key, value, { maxLength } = {}) {
      const list = [...(lists[key] ?? []), stored(value)];
      lists[key] = maxLength ? list.slice(-maxLength) : list;
    },
    async getList(key) {
      return stored(lists[key] ?? []);
    },
    async enqueue(threadId, entry) {
      this.queues[threadId] = [...(this.queues[threadId] ?? []), stored(entry)];
      return this.queues[threadId].length;
    },
    async dequeue() {
      return null;
    },
    async queueDepth(threadId) {
      return this.queues[threadId]?.length ?? 0;
    },
  };
}

const adapter = {
  name: "fake",
  userName: "bot",
  persistThreadHistory: true,
  async initialize() {},
  channelIdFromThreadId: (id) => id.split(":").slice(0, 2).join(":"),
  isDM: (id) => id.startsWith("fake:dm-"),
  getChannelVisibility: () => "workspace",
  async postMessage(threadId) {
    return { id: "out-1", threadId, raw: { secret: 2 } };
  },
};

const bot = (state) =>
  new Chat({
    userName: "bot",
    adapters: { fake: adapter },
    state,
    concurrency: "queue",
    logger: "silent",
    history: { user: { identity: () => "ada", storeFormatted: true } },
  });

// records returns what a bot stores while it handles a message, while another
// one waits.
export async function records() {
  const state = memory();
  const seen = {};
  const chat = bot(state);
  chat.onNewMention(async (thread, incoming) => {
    Object.assign(seen, { thread: thread.toJSON(), channel: thread.channel.toJSON(), bare: chat.thread("fake:dm-c:t").toJSON() });
    await chat.history.user.append(thread, incoming);
    const sent = await thread.post({ markdown: "**hi**" });
    await chat.history.user.append(thread, { role: "assistant", text: "hi", platformMessageId: sent.id }, { userKey: "ada" });
    await chat.history.user.append(thread, { role: "system", text: "note" }, { userKey: "ada" });
    await chat.history.user.append(thread, { role: "user", text: "forget me" }, { userKey: "gone" });
    await chat.history.user.delete({ userKey: "gone" });
  });
  await chat.processMessage(adapter, "fake:c:t", messages.quoted);
  state.locked = true;
  await chat.processMessage(adapter, "fake:c:t", message({ ...messages.attachments, id: "m2" }));
  return { ...seen, lists: state.lists, queues: state.queues };
}

// read returns what the package reads of lists that others have stored.
export async function read({ lists, thread, userKey, tombstoned }) {
  const state = memory(lists);
  const history = await new ThreadHistoryCache(state).getMessages(thread);
  const { user } = bot(state).history;
  return {
    history,
    transcript: await user.list({ userKey }),
    count: await user.count({ userKey }),
    gone: await user.count({ userKey: tombstoned }),
  };
}

export const again = (list) => list.map((json) => Message.fromJSON(json));
