// The messages of one conversation, put together from what the events say, what
// the answers of the page's own turns say, and what is not sent yet.

/**
 * A message is {id, role, text, files, sentAt, version, edited, streaming, pending,
 * sending, failure}, and has more if the server has it: {card, plan,
 * reactions, ephemeral, stopped, spoken, extra}. Role is 'user', 'assistant',
 * 'problem' or 'note'; a
 * user's text is plain, the bot's is Markdown. Spoken is what stands for it where
 * only text can be, and extra changes with what is not text.
 */
export class Messages {
  constructor() {
    this.list = [];
    this.ownStreams = new Set(); // messages that come by a turn of this page
  }

  find(id) {
    return this.list.find((message) => message.id === id);
  }

  /** Takes the kept history. Unsent messages and news stay behind it. */
  setHistory({ messages, removed }) {
    const kept = messages.map(fromServer);
    const ids = new Set([...kept.map((message) => message.id), ...(removed ?? [])]);
    const last = kept.at(-1)?.sentAt ?? 0;
    const rest = this.list.filter((message) => !ids.has(message.id) && (message.pending || message.sentAt > last));
    this.list = [...kept.map((message) => this.newest(message)), ...rest];
  }

  // A growing message may be further here than in what the server says.
  newest(message) {
    const known = this.find(message.id);
    if (!known || (known.pending && !known.sending)) return message;
    if (known.pending) return { ...message, pending: true, sending: true };
    if (known.version > message.version || same(known, message)) return known;
    if (message.streaming && (!known.streaming || this.ownStreams.has(message.id) || known.text.length > message.text.length)) {
      if (known.streaming && message.plan) setPlan(known, message.plan);
      return known;
    }
    return message;
  }

  /** Takes a message that came or changed. Returns whether it was new. */
  put(message) {
    const at = this.list.findIndex((each) => each.id === message.id);
    if (at >= 0) {
      this.list[at] = this.newest(message);
      return false;
    }
    const unsent = this.list.findIndex((each) => each.pending && !each.sending);
    if (unsent >= 0 && !message.pending) this.list.splice(unsent, 0, message);
    else this.list.push(message);
    return true;
  }

  /** Takes a message event. Returns whether the message was new. */
  putServer(message) {
    return this.put(fromServer(message));
  }

  /** Takes the growth of a message: its text was at units long before. */
  grow({ id, at, delta }) {
    const message = this.find(id);
    if (!message || this.ownStreams.has(id) || message.text.length !== at) return;
    message.text += delta;
  }

  /** Takes the tasks of a growing message. */
  showTasks({ id, plan }) {
    const message = this.find(id);
    if (message?.streaming) setPlan(message, plan);
  }

  /** Takes the removal of a message. What this page has yet to send stays. */
  remove(id) {
    this.list = this.list.filter((message) => message.id !== id || message.pending);
  }

  /** Takes the next wording of a message, which has no answer yet. */
  reword(message) {
    const at = this.list.findIndex((each) => each.id === message.id);
    if (at < 0) return this.put(message);
    this.list = [...this.list.slice(0, at), message, ...this.list.slice(at + 1).filter((each) => each.role === 'user')];
  }

  /** Takes a message out that the person wants to change. */
  takeBack(id) {
    this.list = this.list.filter((message) => message.id !== id);
  }

  /** Takes a part of the answer to a turn of this page. Returns a message that has come whole. */
  answerPart(part) {
    switch (part.type) {
      case 'text-start': {
        const { fallback, edited } = part.providerMetadata?.chat ?? {};
        if (fallback || edited) break; // its event brings what the text stands for
        const known = this.find(part.id);
        if (known && !known.streaming) break; // its event was faster
        if (known) known.text = '';
        else this.put({ id: part.id, role: 'assistant', text: '', sentAt: Date.now(), version: 0, streaming: true });
        this.ownStreams.add(part.id);
        break;
      }
      case 'text-delta': {
        const message = this.ownStreams.has(part.id) && this.find(part.id);
        if (message?.streaming) message.text += part.delta; // else its event was faster
        break;
      }
      case 'text-end': {
        const message = this.ownStreams.delete(part.id) && this.find(part.id);
        if (!message?.streaming) break;
        message.streaming = false;
        return message;
      }
    }
    return undefined;
  }

  /** Ends what a broken answer left open: events and history bring the rest. */
  answerEnded() {
    this.ownStreams.clear();
  }
}

// What is told a second time changes nothing: a menu that is open stays so.
function same(known, message) {
  return known.version === message.version && known.text === message.text && known.extra === message.extra && !known.streaming && !message.streaming;
}

function setPlan(message, plan) {
  message.plan = plan;
  message.extra = extra(message);
}

const extra = ({ card, plan, files, reactions, ephemeral, stopped }) => JSON.stringify([card, plan, files, reactions, ephemeral, stopped]);

function fromServer({ id, role, parts, metadata }) {
  const texts = parts.filter((part) => part.type === 'text');
  const data = (type) => parts.find((part) => part.type === type)?.data;
  const joined = (list) => list.map((part) => part.text).join('');
  const message = {
    id, role,
    text: joined(texts.filter((part) => !part.providerMetadata?.chat?.fallback)),
    spoken: joined(texts),
    card: data('data-card'),
    plan: data('data-tasks'),
    files: parts.filter((part) => part.type === 'file'),
    reactions: metadata.reactions ?? [],
    ephemeral: metadata.ephemeral ?? false,
    sentAt: Date.parse(metadata.sentAt),
    version: metadata.version ?? 0,
    edited: metadata.edited ?? false,
    stopped: metadata.stopped ?? false,
    failed: metadata.failed ?? false,
    streaming: metadata.streaming ?? false,
  };
  message.extra = extra(message);
  return message;
}
