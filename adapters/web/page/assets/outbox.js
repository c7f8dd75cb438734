// What the person wrote and the server does not have yet. It survives a reload.

const OUTBOX = 'chat-web:outbox';
const DRAFT = 'chat-web:draft:';

let memory = []; // what the browser does not store, for instance large files

function load() {
  let stored = [];
  try {
    const entries = JSON.parse(localStorage.getItem(OUTBOX) ?? '[]');
    if (Array.isArray(entries)) stored = entries;
  } catch {
    // It has none.
  }
  return [...stored.filter((entry) => !memory.some(({ id }) => id === entry.id)), ...memory].sort((a, b) => a.at - b.at);
}

// Other tabs write here too, so every change starts from what is stored.
function change(edit) {
  const entries = edit(load());
  if (store(entries)) memory = [];
  else if (store(entries.filter((entry) => !hasFiles(entry)))) memory = entries.filter(hasFiles);
  else {
    memory = entries;
    try {
      localStorage.removeItem(OUTBOX);
    } catch {
      // Then nothing is there.
    }
  }
}

const hasFiles = ({ files }) => files?.length > 0;

function store(entries) {
  try {
    localStorage.setItem(OUTBOX, JSON.stringify(entries));
    return true;
  } catch {
    return false; // there is no room, or no storage
  }
}

/** Returns the unsent messages of a conversation, oldest first. */
export const unsent = (conversation) => load().filter((entry) => entry.conversation === conversation);

/** Returns the conversations with unsent messages. */
export const waitingConversations = () => [...new Set(load().filter((entry) => !entry.failure).map((entry) => entry.conversation))];

/** Keeps a message until it is removed: {conversation, id, text, files, at}. */
export function add(entry) {
  change((entries) => [...entries.filter(({ id }) => id !== entry.id), entry]);
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
