// What the npm package keeps for the callback URLs of buttons and for modals, and
// what it makes of what others have kept.
import { Actions, Button, Card, Chat, Modal, Section, TextInput } from "chat";

const user = { userId: "U1", userName: "ada", fullName: "Ada", isBot: false, isMe: false };

// memory is a state adapter over the values, which does not expire anything.
function memory(values) {
  const stored = (value) => JSON.parse(JSON.stringify(value));
  return {
    async connect() {},
    async disconnect() {},
    async isSubscribed() {
      return false;
    },
    async acquireLock(threadId) {
      return { threadId, token: "t", expiresAt: Date.now() + 30000 };
    },
    async releaseLock() {},
    async get(key) {
      return values[key] ?? null;
    },
    async set(key, value) {
      values[key] = stored(value);
    },
    async delete(key) {
      delete values[key];
    },
  };
}

// rig is a bot whose platform and whose network only write down what they get.
function rig(values = {}) {
  const seen = { values, posts: [], modals: [], requests: [] };
  globalThis.fetch = async (url, { body }) => {
    seen.requests.push({ url, body: JSON.parse(body) });
    return new Response();
  };
  const adapter = {
    name: "fake",
    userName: "bot",
    async initialize() {},
    channelIdFromThreadId: (id) => id.split(":").slice(0, 2).join(":"),
    isDM: () => false,
    async fetchMessage() {
      return null;
    },
    async postMessage(threadId, message) {
      seen.posts.push(message);
      return { id: "out-1", threadId, raw: {} };
    },
    async openModal(triggerId, modal, contextId) {
      seen.modals.push({ triggerId, modal, contextId });
    },
  };
  const chat = new Chat({ userName: "bot", adapters: { fake: adapter }, state: memory(values), logger: "silent" });
  return { adapter, chat, seen };
}

const click = (adapter, fields) => ({
  adapter, user, actionId: "approve", threadId: "fake:c:t", messageId: "m1", triggerId: "t1", raw: {}, ...fields,
});

// interactions returns what is kept when a card with callback URLs is posted and
// when a modal is opened.
export async function interactions({ url }) {
  const { adapter, chat, seen } = rig();
  await chat.initialize();
  await chat.thread("fake:c:t").post(
    Card({ children: [Section([Actions([Button({ id: "approve", label: "Approve", value: "42", callbackUrl: url })])])] }),
  );
  chat.onAction("open", (event) =>
    event.openModal(Modal({ callbackId: "form", title: "Form", callbackUrl: url, children: [TextInput({ id: "name", label: "Name" })] })),
  );
  await chat.processAction(click(adapter, { actionId: "open" }));
  return seen;
}

// act returns what becomes of a click and of a submitted modal by what others have
// kept.
export async function act({ values, value, contextId }) {
  const { adapter, chat, seen } = rig(values);
  await chat.initialize();
  const got = [];
  chat.onAction((event) => void got.push(event.value));
  for (let i = 0; i < 2; i++) await chat.processAction(click(adapter, { value }));
  let related;
  chat.onModalSubmit((event) => {
    related = { thread: event.relatedThread?.id, message: event.relatedMessage?.id, channel: event.relatedChannel?.id };
  });
  await chat.processModalSubmit({ adapter, user, callbackId: "form", values: { name: "Ada" }, viewId: "V1", raw: {} }, contextId);
  return { ...seen, got, related };
}
