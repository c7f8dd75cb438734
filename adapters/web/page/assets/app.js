// The chat page: one conversation at a time, and the list of all.

import { perform, problem } from './actions.js';
import * as api from './api.js';
import * as outbox from './outbox.js';
import { Attachments, contentOf } from './attachments.js';
import { Composer } from './composer.js';
import { Connection } from './connection.js';
import { byId, randomId } from './dom.js';
import { Messages } from './messages.js';
import { Modals } from './modal.js';
import { Sender } from './sender.js';
import { Sidebar } from './sidebar.js';
import { Status } from './status.js';
import { MessageView } from './view.js';

const { title, initial, maxText, maxFile, maxFiles } = document.body.dataset;
const TYPING_TIME = 10_000; // milliseconds that a typing event lasts

// What is said of a session where nothing moves.
const SESSIONS = { suspended: 'It waits for somebody before it goes on.', closed: 'The work on this is done.' };

let current = null; // {id, messages, connection, loaded, typing, session, editing}
let frame = 0;

const modals = new Modals();
const view = new MessageView({ title, initial, onEdit: edit, onRetry: sendAgain, onAction: act });
const status = new Status({ onRetry: retry, waiting: () => outbox.waitingConversations().length > 0 });
const composer = new Composer({ maxText: Number(maxText), onSend: send, onChange: (text) => outbox.setDraft(current.id, text), onStop: stop, onCancel: endEdit, hasMore: () => attachments.parts().length > 0 });
const attachments = new Attachments({ maxFile: Number(maxFile), maxFiles: Number(maxFiles), onChange: () => composer.fit() });
const sidebar = new Sidebar({ onOpen: open, onNew: () => open(randomId()), onDelete: drop });
const sender = new Sender({ onSending: sending, onTaken: taken, onPart: answered, onRefused: refused, onTrouble: (trouble) => status.setSending(trouble), onSignedOut: () => status.set({ state: 'signed-out' }), onEnd: turnEnded });

/** Shows a conversation. */
function open(id) {
  if (current?.id === id) return composer.focus();
  current?.connection.close();
  modals.drop();
  clearTimeout(current?.typing?.timer);
  current = { id, messages: new Messages(), loaded: false, typing: null, session: null, editing: null };
  for (const entry of outbox.unsent(id)) current.messages.put(fromOutbox(entry));
  if (location.hash.slice(1) !== encodeURIComponent(id)) history.pushState(null, '', '#' + encodeURIComponent(id));
  view.clear();
  attachments.open(id);
  composer.setEditing(false);
  composer.setText(outbox.draft(id));
  composer.focus();
  sidebar.select(id);
  current.connection = new Connection(id, {
    onEvent: (name, data) => current?.id === id && happened(name, data),
    onState: (state) => current?.id === id && connectionChanged(state),
  });
  redraw();
}

function retry() {
  current.connection.retry();
  sender.start();
}

function connectionChanged(state) {
  status.set(state);
  if (state.state !== 'online') return;
  sidebar.load();
  sender.start();
}

function happened(name, data) {
  const { messages } = current;
  switch (name) {
    case 'history':
      messages.setHistory(data);
      current.loaded = true;
      break;
    case 'message': {
      const isNew = messages.putServer(data);
      if (data.role === 'assistant') stopTyping();
      if (isNew && data.role === 'assistant' && !data.metadata.streaming) announce(messages.find(data.id));
      break;
    }
    case 'delta':
      messages.grow(data);
      break;
    case 'tasks':
      messages.showTasks(data);
      break;
    case 'removed':
      messages.remove(data.id);
      break;
    case 'deleted':
      sidebar.load();
      return open(randomId());
    case 'typing':
      showTyping(data);
      break;
    case 'session':
      current.session = data.status;
      break;
  }
  redraw();
}

// Sending.

function send(text) {
  const { editing } = current;
  const entry = { conversation: current.id, id: editing ?? randomId(), text, files: attachments.parts(), at: Date.now() };
  outbox.add(entry);
  outbox.setDraft(current.id, '');
  if (editing) current.messages.reword(fromOutbox(entry));
  else current.messages.put(fromOutbox(entry));
  endEdit();
  view.toEnd();
  redraw();
  sender.start();
}

function fromOutbox({ id, text, files, at, failure }) {
  return { id, role: 'user', text, files, sentAt: at, version: 0, pending: true, failure };
}

function sending(entry, isSending) {
  const message = entry.conversation === current.id && current.messages.find(entry.id);
  if (message) message.sending = isSending;
  redraw();
}

function taken(entry) {
  const message = entry.conversation === current.id && current.messages.find(entry.id);
  if (message) Object.assign(message, { pending: false, sending: false });
  sidebar.load();
  redraw();
}

function answered(entry, part) {
  if (entry.conversation !== current.id) return;
  switch (part.type) {
    case 'data-typing':
      showTyping(part.data);
      break;
    case 'data-session':
      current.session = part.data.status;
      break;
    case 'abort':
      tell('note', 'The answer was stopped.');
      break;
    case 'error':
      tell('problem', part.errorText);
      break;
    default: {
      const whole = current.messages.answerPart(part);
      if (part.type === 'text-start') stopTyping();
      if (whole) announce(whole);
    }
  }
  redraw();
}

function turnEnded(entry) {
  if (entry.conversation === current.id) {
    current.messages.answerEnded();
    if (!sender.answering(current.id)) stopTyping();
  }
  redraw();
}

function refused(entry, failure) {
  if (entry.conversation !== current.id) return;
  const message = current.messages.find(entry.id);
  if (message) message.failure = failure;
  redraw();
}

// Stops the bot. Returns whether it was told to.
async function stop() {
  const { id } = current;
  try {
    await api.stopTurn(id);
    return true;
  } catch (error) {
    if (id === current.id) tell('problem', problem(error));
    redraw();
    return false;
  }
}

// Tells the person something in the conversation that is not kept.
function tell(role, text) {
  current.messages.put({ id: randomId(), role, text, sentAt: Date.now(), version: 0 });
}

// Puts a message back into the box: one that was refused, or the last one, which the
// next wording replaces.
async function edit(message) {
  const { id } = current;
  if (message.failure) {
    outbox.remove(message.id);
    current.messages.takeBack(message.id);
    attachments.set([...attachments.parts(), ...(message.files ?? [])]);
    composer.setText(composer.text() ? message.text + '\n' + composer.text() : message.text);
  } else {
    const files = await withContent(message);
    if (!files || id !== current.id) return;
    current.editing = message.id;
    attachments.set(files);
    composer.setEditing(true);
    composer.setText(message.text);
  }
  composer.focus();
  redraw();
}

// Ends the edit of the last message.
function endEdit() {
  current.editing = null;
  composer.setEditing(false);
  attachments.set([]);
  composer.setText('');
  composer.focus();
}

// Returns the files of a message that the server has, with their content, or tells
// what is wrong.
async function withContent(message) {
  const { id } = current;
  try {
    return await contentOf(message.files);
  } catch (error) {
    if (id === current.id) tell('problem', error.message);
    redraw();
    return null;
  }
}

// Sends a message again that the bot has given up, under its id.
async function sendAgain(message) {
  const { id } = current;
  const files = await withContent(message);
  if (!files) return;
  if (!outbox.unsent(id).some((entry) => entry.id === message.id)) {
    outbox.add({ conversation: id, id: message.id, text: message.text, files, at: message.sentAt });
  }
  message.failed = false;
  redraw();
  sender.start();
}

// Sends a click or choice in a message.
function act(message, action) {
  const conversation = current.id;
  return perform({ ...action, conversation, message: message.id }, (opened) => {
    if (conversation === current.id) modals.open(conversation, opened);
  });
}

// Deletes a conversation.
async function drop(id) {
  await api.deleteConversation(id);
  outbox.dropConversation(id);
  if (id === current.id) open(randomId());
  await sidebar.load();
}

// Showing.

function showTyping({ status, stopped }) {
  if (stopped) stopTyping();
  else startTyping(status);
}

function startTyping(text = '') {
  clearTimeout(current.typing?.timer);
  const conversation = current;
  current.typing = { text, timer: setTimeout(() => { conversation.typing = null; redraw(); }, TYPING_TIME) };
}

function stopTyping() {
  clearTimeout(current.typing?.timer);
  current.typing = null;
}

const announce = (message) => { byId('announcer').textContent = `${title}: ${message.spoken ?? message.text}`; };

function redraw() {
  if (!frame) frame = requestAnimationFrame(draw);
}

function draw() {
  frame = 0;
  const { list } = current.messages;
  const growing = list.some((message) => message.streaming);
  const working = Boolean(current.typing) || current.session === 'processing' || sender.answering(current.id);
  byId('typing').hidden = growing || !working;
  composer.setWorking(growing || working);
  byId('typing-text').textContent = current.typing?.text ?? '';
  byId('session').textContent = SESSIONS[current.session] ?? '';
  byId('session').hidden = !SESSIONS[current.session];
  byId('greeting').hidden = !current.loaded || list.length > 0;
  view.show(list);
  const first = list.find((message) => message.role === 'user');
  sidebar.setTitle(first && (first.text || first.files?.[0]?.filename));
}

const fromAddress = () => decodeURIComponent(location.hash.slice(1));

addEventListener('popstate', () => open(fromAddress() || randomId()));
addEventListener('online', retry);

async function start() {
  let id = fromAddress();
  if (!id) {
    const [last] = await api.conversations().catch(() => []);
    id = last?.id ?? randomId();
    history.replaceState(null, '', '#' + encodeURIComponent(id));
  }
  open(id);
}

start();
