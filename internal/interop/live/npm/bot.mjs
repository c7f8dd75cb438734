// The bot of program.mjs, on the platform of platform.mjs and on Slack.
import { createSlackAdapter } from "@chat-adapter/slack";
import { Actions, Button, Card, Chat, Message, Modal, TextInput, ThreadHistoryCache } from "chat";
import { connect, platform, quiet } from "./platform.mjs";

const user = { userId: "u1", userName: "ada", fullName: "Ada", isBot: false, isMe: false };

export async function start(settings, write) {
  const { slackURL, signingSecret, encryptionKey } = settings;
  const state = await connect(settings);
  const seen = { posts: [], modals: [], values: [], requests: [], related: null };
  const fake = platform(seen);
  const slack = createSlackAdapter({ apiUrl: slackURL, signingSecret, botToken: settings.slackToken, logger: quiet });
  const chat = new Chat({
    userName: "bot",
    adapters: { fake, slack },
    state,
    logger: quiet,
    concurrency: { strategy: "queue", maxQueueSize: 1000 },
    lockScope: settings.lockScope,
    history: { user: { identity: () => "ada", storeFormatted: true } },
  });
  const installed = {
    plain: createSlackAdapter({ apiUrl: slackURL, signingSecret, clientId: "1.2", clientSecret: "s", logger: quiet }),
    encrypted: createSlackAdapter({ apiUrl: slackURL, signingSecret, clientId: "1.2", clientSecret: "s", encryptionKey, logger: quiet }),
  };

  // A message that says "wait" is handled until it is told to go on.
  let goOn;
  const begins = new Map(); // what to call when a message's handler begins
  const handle = (as) => async (thread, message, context) => {
    begins.get(message.id)?.();
    const waits = message.text.endsWith("wait") && new Promise((resolve) => (goOn = resolve));
    write({ event: "handled", as, message: message.toJSON(), skipped: (context?.skipped ?? []).map((m) => m.toJSON()) });
    await waits;
    if (message.text.endsWith("answer")) await thread.post({ markdown: "**hi**" });
  };
  chat.onNewMention(handle("mention"));
  chat.onSubscribedMessage(handle("subscribed"));
  chat.onAction("open", (event) =>
    event.openModal(Modal({ callbackId: "form", title: "Form", callbackUrl: event.value, children: [TextInput({ id: "name", label: "Name" })] })),
  );
  chat.onAction("approve", (event) => void seen.values.push(event.value));
  chat.onModalSubmit("form", (event) => {
    seen.related = { thread: event.relatedThread?.id, message: event.relatedMessage?.id, channel: event.relatedChannel?.id };
  });
  await chat.initialize();
  await Promise.all(Object.values(installed).map((adapter) => adapter.initialize(chat)));

  const click = (fields) => ({ adapter: fake, user, messageId: "m1", triggerId: "t1", raw: {}, ...fields });
  const message = (json) => Message.fromJSON(json);

  const ops = {
    state: (method, ...args) => state[method](...args),

    // deliver returns when the message's handler has begun, or when the message was
    // queued or dropped.
    async deliver(json) {
      const begun = new Promise((resolve) => begins.set(json.id, resolve));
      await Promise.race([begun, chat.processMessage(fake, json.threadId, message(json))]);
    },
    goOn: () => goOn(),
    // strand delivers a message, and another one at the moment at which the npm package
    // leaves that behind: it has found the queue empty, and still holds the lock.
    async strand(first, left) {
      const dequeue = state.dequeue;
      state.dequeue = async (threadId) => {
        const entry = await dequeue.call(state, threadId);
        if (entry !== null) return entry;
        state.dequeue = dequeue;
        await chat.processMessage(fake, left.threadId, message(left));
        return null;
      };
      await chat.processMessage(fake, first.threadId, message(first));
    },

    subscribe: (thread) => chat.thread(thread).subscribe(),
    unsubscribe: (thread) => chat.thread(thread).unsubscribe(),
    threadState: (thread) => chat.thread(thread).state,
    setThreadState: (thread, data) => chat.thread(thread).setState(data),
    channelState: (channel) => chat.channel(channel).state,
    setChannelState: (channel, data) => chat.channel(channel).setState(data),

    history: (id) => new ThreadHistoryCache(state).getMessages(id),
    transcript: (userKey) => chat.history.user.list({ userKey }),
    transcriptCount: (userKey) => chat.history.user.count({ userKey }),
    deleteTranscript: (userKey) => chat.history.user.delete({ userKey }),
    appendTranscript: (thread, json, userKey) => chat.history.user.append(chat.thread(thread), json.id ? message(json) : json, { userKey }),

    async openModal(thread, url) {
      await chat.processAction(click({ actionId: "open", threadId: thread, value: url }));
      return seen.modals.pop();
    },
    async submitModal(contextId) {
      await chat.processModalSubmit({ adapter: fake, user, callbackId: "form", values: { name: "Ada" }, viewId: "V1", raw: {} }, contextId);
      return seen.related;
    },
    async postButton(thread, url) {
      await chat.thread(thread).post(Card({ children: [Actions([Button({ id: "approve", label: "Approve", value: "42", callbackUrl: url })])] }));
      return seen.posts.pop().children[0].children[0].value;
    },
    async click(thread, value) {
      await chat.processAction(click({ actionId: "approve", threadId: thread, value }));
      return seen.values.pop();
    },

    saveInstallation: (kind, id, installation) => installed[kind].setInstallation(id, installation),
    installation: (kind, id) => installed[kind].getInstallation(id),
    deleteInstallation: (kind, id) => installed[kind].deleteInstallation(id),
    // slackEvent delivers a signed request to the app in one workspace or in many.
    async slackEvent(kind, headers, body) {
      const pending = [];
      const adapter = kind === "one" ? slack : installed[kind];
      const response = await adapter.handleWebhook(new Request("http://localhost/", { method: "POST", headers, body }), { waitUntil: (p) => pending.push(p) });
      await Promise.all(pending);
      return response.status;
    },
  };
  return { ops };
}
