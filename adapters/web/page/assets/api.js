// The requests of the page, relative to its own path.

import { readEvents } from './sse.js';

/** Refused is thrown for a request that the server will never take. */
export class Refused extends Error {}

/** SignedOut is thrown when the server does not know the user. */
export class SignedOut extends Error {}

/** Away is thrown when the server cannot be reached or cannot answer now. */
export class Away extends Error {}

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
  if (response.status >= 500 || response.status === 408 || response.status === 429) throw new Away(text);
  throw new Refused(text);
}

export async function conversations() {
  const response = await request('conversations');
  return (await response.json()).conversations;
}

/**
 * Sends a message and calls onPart for each part of the answer's stream. It
 * calls onTaken when the server has the message; from then on a broken
 * connection loses nothing and is no error.
 */
export async function sendTurn(conversation, message, { onTaken, onPart }) {
  const response = await request('.', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: conversation,
      trigger: 'submit-message',
      messages: [{ id: message.id, role: 'user', parts: [{ type: 'text', text: message.text }] }],
    }),
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
