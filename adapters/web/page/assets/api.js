// The requests of the page, relative to its own path.

import { readEvents } from './sse.js';

/** Refused is thrown for a request that the server will never take. */
export class Refused extends Error {}

/** SignedOut is thrown when the server does not know the user. */
export class SignedOut extends Error {}

/** Failed is thrown when the bot took something and could not handle it. */
export class Failed extends Error {}

/** Away is thrown when the server cannot be reached, or answers that it cannot do this now. */
export class Away extends Error {
  constructor(message, answered = false) {
    super(message);
    this.answered = answered; // the server did, so it is there
  }
}

/** TooLong is thrown for a text that is longer than the server takes. */
export class TooLong extends Refused {}

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, { cache: 'no-store', ...options });
  } catch (error) {
    throw new Away(error.message);
  }
  if (response.ok) return response;
  const text = await response.json().then((body) => String(body.error), () => response.statusText);
  if (response.status === 401) throw new SignedOut(text);
  if (response.status >= 500 || response.status === 408 || response.status === 429) throw new Away(text, answers(response));
  throw new (response.status === 413 ? TooLong : Refused)(text);
}

/** Whether an error is the server's own, and not that of a proxy before it. */
export const answers = (response) => response.headers.get('content-type') === 'application/json';

const post = (url, body) => request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

export async function conversations() {
  const response = await request('conversations');
  return (await response.json()).conversations;
}

export async function deleteConversation(id) {
  await request('conversations?conversation=' + encodeURIComponent(id), { method: 'DELETE' });
}

/**
 * Sends a click or a choice: {conversation, id, message or view, action, value}.
 * Calls onModal(view) for a modal that it opens. Returns when it is handled,
 * {opened}: whether there was one.
 */
export async function sendAction(action, onModal) {
  const response = await post('actions', action);
  let opened = false;
  try {
    for await (const { event, data } of readEvents(response.body)) {
      if (event === 'modal') {
        opened = true;
        onModal(JSON.parse(data));
      }
      if (event === 'handled') return { opened };
      if (event === 'failed') throw new Failed(JSON.parse(data).error);
    }
  } catch (error) {
    throw error instanceof Failed ? error : new Away(error.message);
  }
  throw new Away('the answer broke off');
}

/** Stops the bot's work in a conversation. */
export async function stopTurn(conversation) {
  await request('stop?conversation=' + encodeURIComponent(conversation), { method: 'POST' });
}

/** Submits a modal: {conversation, id, view, values}. Returns what becomes of it. */
export async function submitModal(submission) {
  return (await post('modals', submission)).json();
}

/** Tells that a modal was closed: {conversation, id, view}. */
export async function closeModal(closing) {
  await post('modals/close', closing);
}

/** Returns groups of options: {conversation, id, view, action, query}. */
export async function loadOptions(search) {
  return (await (await post('options', search)).json()).groups;
}

/**
 * Sends a message and calls onPart for each part of the answer's stream. It
 * calls onTaken when the server has the message; from then on a broken
 * connection loses nothing and is no error.
 */
export async function sendTurn(conversation, message, { onTaken, onPart }) {
  const response = await post('.', {
    id: conversation,
    trigger: 'submit-message',
    messages: [{ id: message.id, role: 'user', parts: [
      ...(message.files ?? []).map(({ type, filename, mediaType, url }) => ({ type, filename, mediaType, url })),
      ...(message.text ? [{ type: 'text', text: message.text }] : []),
    ] }],
  });
  onTaken();
  try {
    for await (const { event, data } of readEvents(response.body)) {
      if (event !== 'message') continue;
      if (data === '[DONE]') return;
      onPart(JSON.parse(data));
    }
  } catch {
    // The events of the conversation bring what was missed.
  }
}
