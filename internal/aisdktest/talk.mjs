// Holds a conversation with the bot whose endpoint is the first argument, and with
// the one that shows everything, whose endpoint is the second, with the client of the
// AI SDK in the major version that is the third, as a React page uses it: useChat is
// Chat plus rendering.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

const [api, showcaseApi, version] = process.argv.slice(2);
const { Chat } = await import(`react${version}`);
const { DefaultChatTransport, readUIMessageStream, validateUIMessages } = await import(`ai${version}`);
const id = randomUUID();

// A browser keeps the cookie that says who the user is.
let cookie = '';
const requests = [];
async function fetchAsBrowser(url, options = {}) {
  const headers = { ...options.headers, ...(cookie && { cookie }) };
  const response = await fetch(url, { ...options, headers });
  cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
  requests.push(response);
  return response;
}

const transport = new DefaultChatTransport({ api, fetch: fetchAsBrowser });
const keptOf = async (chatId) => (await (await fetchAsBrowser(`${api}/messages?conversation=${chatId}`)).json()).messages;
const texts = (message) => message.parts.filter((part) => part.type === 'text').map((part) => part.text);

async function say(chat, text) {
  await chat.sendMessage({ text });
  assert.equal(chat.status, 'ready', chat.error?.message);
  return texts(chat.lastMessage);
}

// A conversation, with typing shown and every text part done.
const typing = [];
const chat = new Chat({ id, transport, onData: (part) => typing.push(part.type) });
assert.deepEqual(await say(chat, 'hello'), ['Hello! I am **Echo**, and we have just met.', 'Message 1:\n\nhello']);
assert.equal(requests[0].headers.get('x-vercel-ai-ui-message-stream'), 'v1');
assert.deepEqual(await say(chat, 'and *again*'), ['Message 2:\n\nand *again*']);
assert.equal(chat.messages.length, 4);
assert.ok(chat.messages.every((message) => message.parts.every((part) => part.type === 'text' && part.state !== 'streaming')));
assert.deepEqual(typing, ['data-typing', 'data-typing']);
console.log('conversation: ok');

// A streamed answer grows.
const question = { id: randomUUID(), role: 'user', parts: [{ type: 'text', text: 'stream' }] };
const stream = await transport.sendMessages({ chatId: id, messages: [...chat.messages, question], trigger: 'submit-message' });
const lengths = new Set();
let last;
for await (const message of readUIMessageStream({ stream })) {
  last = message;
  lengths.add(texts(message).join('').length);
}
assert.ok(lengths.size > 20, `${lengths.size} steps`);
assert.match(texts(last)[0], /^Once a message left .* another one would have gone on\.$/s);
console.log(`stream: ok, ${lengths.size} steps`);

// A page that is opened later begins with the kept messages and goes on.
const { messages } = await (await fetchAsBrowser(`${api}/messages?conversation=${id}`)).json();
assert.deepEqual(messages.map((message) => message.role), ['user', 'assistant', 'assistant', 'user', 'assistant', 'user', 'assistant']);
assert.equal(messages[5].id, question.id);
const later = new Chat({ id, transport, messages });
await later.resumeStream();
assert.equal(later.status, 'ready', 'there is no stream to resume');
assert.deepEqual(await say(later, 'later'), ['Message 4:\n\nlater']);
console.log('history: ok');

// What the bot does not take is an error that says why.
await later.sendMessage({ parts: [{ type: 'file', mediaType: 'text/plain', url: 'data:,x' }] });
assert.equal(later.status, 'error');
assert.match(later.error.message, /files are not supported/);
await later.regenerate();
assert.match(later.error.message, /trigger is \\"regenerate-message\\"/);
console.log('errors: ok');

// The last message can be edited, and the answer to what it was is gone. One before it
// can not, and says why.
const edited = new Chat({ id: randomUUID(), transport });
await say(edited, 'first');
await edited.sendMessage({ text: 'changed', messageId: edited.messages[0].id });
assert.equal(edited.status, 'ready', edited.error?.message);
assert.deepEqual(edited.messages.map((message) => message.role), ['user', 'assistant']);
assert.match(texts(edited.lastMessage).at(-1), /changed$/);
const keptEdit = await keptOf(edited.id);
assert.deepEqual(keptEdit.map((message) => texts(message).join()).filter((text) => /first/.test(text)), []);
assert.equal(keptEdit[0].id, edited.messages[0].id);
assert.ok(keptEdit[0].metadata.edited);
await say(edited, 'second');
await edited.sendMessage({ text: 'too late', messageId: edited.messages[0].id });
assert.equal(edited.status, 'error');
assert.match(edited.error.message, /is not your last one/);
console.log('edit: ok');

// A page that is loaded again in the middle of an answer goes on with it.
const resumedId = randomUUID();
await say(new Chat({ id: resumedId, transport }), 'hello');
const left = new AbortController();
const cut = await transport.sendMessages({
  chatId: resumedId, messages: [{ id: randomUUID(), role: 'user', parts: [{ type: 'text', text: 'stream' }] }], trigger: 'submit-message', abortSignal: left.signal,
});
const reader = cut.getReader();
for (let words = 0; words < 5;) {
  if ((await reader.read()).value.type === 'text-delta') words++;
}
const loaded = await keptOf(resumedId); // the growing answer is not kept yet
left.abort();
const resumed = new Chat({ id: resumedId, transport, messages: loaded });
await resumed.resumeStream();
assert.equal(resumed.status, 'ready', resumed.error?.message);
assert.equal(resumed.messages.length, loaded.length + 1);
assert.match(texts(resumed.lastMessage).join(), /^Once a message left .* another one would have gone on\.$/s);
assert.deepEqual(texts((await keptOf(resumedId)).at(-1)), texts(resumed.lastMessage));
console.log('resume: ok');

// A program that sends the last message only is answered all the same.
const lastOnly = new Chat({
  id: randomUUID(),
  transport: new DefaultChatTransport({ api, fetch: fetchAsBrowser, prepareSendMessagesRequest: ({ id: chatId, messages: all }) => ({ body: { id: chatId, message: all.at(-1) } }) }),
});
await say(lastOnly, 'one');
assert.deepEqual(await say(lastOnly, 'two'), ['Message 2:\n\ntwo']);
console.log('last message only: ok');

// A transport that tells the bot lets stop() stop it, as the README shows.
class StoppingTransport extends DefaultChatTransport {
  sendMessages(options) {
    const stop = () => fetchAsBrowser(`${api}/stop?conversation=${encodeURIComponent(options.chatId)}`, { method: 'POST' });
    options.abortSignal?.addEventListener('abort', stop, { once: true });
    return super.sendMessages(options);
  }
}
const begun = (chat) => new Promise((resolve) => {
  const unsubscribe = chat['~registerMessagesCallback'](() => {
    if (chat.lastMessage?.role === 'assistant' && texts(chat.lastMessage).join('').length > 20) {
      unsubscribe();
      resolve();
    }
  });
});
const stopped = new Chat({ id: randomUUID(), transport: new StoppingTransport({ api, fetch: fetchAsBrowser }) });
await say(stopped, 'hello');
const growing = begun(stopped);
const turn = stopped.sendMessage({ text: 'stream' });
await growing;
await stopped.stop();
await turn;
assert.equal(stopped.status, 'ready');
const after = await say(stopped, 'and now?'); // the bot takes it when it has stopped
assert.match(after[0], /^Message 3:/);
const cutMessage = (await keptOf(stopped.id)).find((message) => message.metadata.stopped);
assert.ok(cutMessage && !texts(cutMessage)[0].includes('would have gone on'), 'the bot has stopped, and the message says so');
console.log('stop: ok');

// The client takes the end of an answer that was stopped elsewhere, and no error.
const elsewhere = new Chat({ id: randomUUID(), transport });
await say(elsewhere, 'hello');
const growingToo = begun(elsewhere);
const cutTurn = elsewhere.sendMessage({ text: 'stream' });
await growingToo;
await fetchAsBrowser(`${api}/stop?conversation=${elsewhere.id}`, { method: 'POST' });
await cutTurn;
assert.equal(elsewhere.status, 'ready', elsewhere.error?.message);
assert.ok(!texts(elsewhere.lastMessage)[0].includes('would have gone on'));
console.log('stopped elsewhere: ok');

// Whatever else the bot says is a part that the client keeps, as well as text that
// says the same.
const showcase = new Chat({ id: randomUUID(), transport: new DefaultChatTransport({ api: showcaseApi, fetch: fetchAsBrowser }) });
const kinds = () => showcase.lastMessage.parts.map((part) => part.type);
const data = (type) => showcase.lastMessage.parts.find((part) => part.type === type).data;

const [fallback] = await say(showcase, 'card');
assert.match(fallback, /^\*\*Order #1234\*\*/);
assert.deepEqual(kinds(), ['text', 'data-card']);
assert.deepEqual(showcase.lastMessage.parts[0].providerMetadata, { chat: { fallback: true } });
assert.equal(data('data-card').subtitle, 'Café Lovelace');
console.log('card: ok');

assert.match((await say(showcase, 'stream'))[0], /when it is done/);
assert.deepEqual(kinds(), ['data-tasks', 'text'], 'a part replaces the one before');
assert.deepEqual(data('data-tasks').tasks.map((task) => task.status), ['complete', 'complete']);
console.log('tasks: ok');

await say(showcase, 'plan');
assert.deepEqual(kinds(), ['text', 'data-tasks']);
assert.equal(data('data-tasks').title, 'Tea is ready');
console.log('plan: ok');

await say(showcase, 'files');
assert.deepEqual(kinds(), ['text', 'file', 'file']);
const picture = await fetchAsBrowser(`${showcaseApi}/${showcase.lastMessage.parts[1].url}`);
assert.equal(picture.headers.get('content-type'), 'image/png');
console.log('files: ok');

// What a page reads after a reload is what the client knows messages to be.
const kept = await (await fetchAsBrowser(`${showcaseApi}/messages?conversation=${showcase.id}`)).json();
const valid = await validateUIMessages({ messages: kept.messages });
assert.deepEqual(valid.map((message) => message.parts.map((part) => part.type).join(' ')),
  ['text', 'text data-card', 'text', 'data-tasks text', 'text', 'text data-tasks', 'text', 'text file file']);
console.log('kept parts: ok');
