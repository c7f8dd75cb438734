// What the person wrote and the server does not have yet. It survives a reload.

const OUTBOX = 'chat-web:outbox';
const DRAFT = 'chat-web:draft:';

let memory = []; // where the browser stores nothing

function load() {
  try {
    const stored = localStorage.getItem(OUTBOX);
    const entries = stored === null ? memory : JSON.parse(stored);
    return Array.isArray(entries) ? entries : [];
  } catch {
    return memory;
  }
}

// Other tabs write here too, so every change starts from what is stored.
function change(edit) {
  const entries = edit(load());
  try {
    localStorage.setItem(OUTBOX, JSON.stringify(entries));
    memory = [];
  } catch {
    memory = entries;
  }
}

/** Returns the unsent messages of a conversation, oldest first. */
export const unsent = (conversation) => load().filter((entry) => entry.conversation === conversation);

/** Returns the conversations with unsent messages. */
export const waitingConversations = () => [...new Set(load().filter((entry) => !entry.failure).map((entry) => entry.conversation))];

/** Keeps a message until it is removed: {conversation, id, text, at}. */
export function add(entry) {
  change((entries) => [...entries, entry]);
}

export function remove(id) {
  change((entries) => entries.filter((entry) => entry.id !== id));
}

/** Marks a message that the server will never take. */
export function fail(id, failure) {
  change((entries) => entries.map((entry) => (entry.id === id ? { ...entry, failure } : entry)));
}

export function draft(conversation) {
  try {
    return localStorage.getItem(DRAFT + conversation) ?? '';
  } catch {
    return '';
  }
}

export function setDraft(conversation, text) {
  try {
    if (text) localStorage.setItem(DRAFT + conversation, text);
    else localStorage.removeItem(DRAFT + conversation);
  } catch {
    // As above.
  }
}

/** Forgets what was written in a conversation. */
export function dropConversation(conversation) {
  change((entries) => entries.filter((entry) => entry.conversation !== conversation));
  setDraft(conversation, '');
}
