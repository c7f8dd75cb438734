// Showing messages. Each has an element that is replaced only when it changes.

import { card } from './card.js';
import { hash } from './clicked.js';
import { copyButton } from './clipboard.js';
import { el, byId } from './dom.js';
import { files } from './files.js';
import { render } from './markdown.js';
import { tasks } from './tasks.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' });
const NEAR_END = 90; // pixels from the end that count as being there

/** MessageView keeps the log of messages in step with a list of them. */
export class MessageView {
  /**
   * onEdit(message) is called to change a message that was refused or is the last,
   * onRetry(message) to send one again that was not answered, and
   * onAction(message, {action, value, id}) for a click or choice in its card.
   */
  constructor({ title, initial, onEdit, onRetry, onAction }) {
    this.title = title;
    this.initial = initial;
    this.onEdit = onEdit;
    this.onRetry = onRetry;
    this.onAction = onAction;
    this.log = byId('log');
    this.scroll = byId('scroll');
    this.jump = byId('jump');
    this.shown = new Map(); // id to {element, key}
    this.atEnd = true;
    this.height = 0; // of the messages, when they were last followed
    // What scrolls because a message has another height now is not the reader.
    this.scroll.addEventListener('scroll', () => (this.scroll.scrollHeight === this.height ? this.measure() : this.follow()), { passive: true });
    this.jump.addEventListener('click', () => this.toEnd());
    const resized = new ResizeObserver(() => this.follow());
    resized.observe(this.scroll);
    resized.observe(this.log); // a picture that has come makes it longer
  }

  measure() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    this.jump.hidden = this.atEnd;
  }

  toEnd() {
    this.atEnd = true;
    this.follow();
  }

  /** Stays at the end if the reader is there. */
  follow() {
    this.height = this.scroll.scrollHeight;
    if (this.atEnd) this.scroll.scrollTop = this.height;
    this.measure();
  }

  clear() {
    this.log.replaceChildren();
    this.shown.clear();
    this.atEnd = true;
  }

  show(messages) {
    const elements = [];
    const present = new Set();
    let lastDay = '';
    let lastRole = '';
    const many = new Set(messages.map((message) => day.format(message.sentAt))).size > 1;
    const last = messages.findLast((message) => message.role === 'user');
    for (const message of messages) {
      const today = day.format(message.sentAt);
      if (many && today !== lastDay) {
        elements.push(this.element('day ' + today, today, () => el('li', { class: 'day' }, today)));
        present.add('day ' + today);
        lastRole = '';
      }
      lastDay = today;
      const follows = message.role === 'assistant' && lastRole === 'assistant';
      const key = [message.text.length, message.version, message.streaming, waits(message), message.failure, message.failed, message.sentAt, follows, message === last && !message.pending, message.edited, hash(message.text), hash(message.extra ?? '')].join(' ');
      elements.push(this.element(message.id, key, () => this.message(message, follows, message === last)));
      present.add(message.id);
      lastRole = message.role;
    }
    for (const id of this.shown.keys()) if (!present.has(id)) this.shown.delete(id);
    const refocus = this.focused();
    this.place(elements);
    refocus();
    this.follow();
  }

  // Returns a function that gives the focus back to a control that was replaced
  // together with its message.
  focused() {
    const control = document.activeElement;
    const message = control?.closest('.message')?.dataset.id;
    const action = control?.closest('[data-action]')?.dataset.action;
    if (!message) return () => {};
    return () => {
      if (document.contains(control)) return;
      const now = this.shown.get(message)?.element;
      const same = action && now?.querySelector(`[data-action="${CSS.escape(action)}"]`);
      const target = (same?.matches('fieldset') ? same.querySelector('input:checked, input') : same) ?? this.scroll;
      target.focus({ preventScroll: true });
    };
  }

  element(id, key, make) {
    const known = this.shown.get(id);
    if (known?.key === key) return known.element;
    const element = make();
    this.shown.set(id, { element, key });
    return element;
  }

  // Puts the elements in order and leaves alone those that stand right.
  place(elements) {
    let here = this.log.firstChild;
    for (const element of elements) {
      if (element === here) here = here.nextSibling;
      else this.log.insertBefore(element, here);
    }
    while (here) {
      const next = here.nextSibling;
      here.remove();
      here = next;
    }
  }

  message(message, follows, isLast) {
    switch (message.role) {
      case 'user': return this.userMessage(message, isLast);
      case 'assistant': return this.botMessage(message, follows);
      case 'note': return el('li', { class: 'message message-note', role: 'status' }, message.text);
      default: return el('li', { class: 'message message-problem', role: 'alert' }, el('div', { class: 'message-body' }, message.text));
    }
  }

  userMessage(message, isLast) {
    const state = message.failure || message.failed ? 'failed' : waits(message) ? 'pending' : '';
    return el('li', { class: `message message-user ${state}`, 'data-id': message.id },
      el('div', { class: 'message-main' },
        el('span', { class: 'hidden' }, 'You said: '),
        message.text ? el('div', { class: 'message-body', dir: 'auto' }, message.text) : null,
        files(message.files),
        reactions(message),
        el('div', { class: 'message-meta' }, ...this.userMeta(message, isLast))));
  }

  userMeta(message, isLast) {
    if (message.failure) {
      const edit = el('button', { class: 'text-button', type: 'button', onclick: () => this.onEdit(message) }, 'Edit');
      return [el('span', { class: 'message-failure' }, 'Not sent: ' + message.failure), edit];
    }
    if (message.failed) {
      const retry = el('button', { class: 'text-button', type: 'button', 'data-action': 'retry', onclick: () => this.onRetry(message) }, 'Try again');
      return [el('span', { class: 'message-failure' }, 'Not answered'), retry];
    }
    if (waits(message)) return [el('span', {}, 'Waiting to be sent')];
    const edit = isLast && !message.pending && el('button', { class: 'text-button', type: 'button', 'data-action': 'edit', onclick: () => this.onEdit(message) }, 'Edit', el('span', { class: 'hidden' }, ' your last message'));
    return [time(message), ...changes(message), edit || null];
  }

  botMessage(message, follows) {
    const meta = el('div', { class: follows ? 'hidden' : 'message-meta' },
      el('span', { class: 'message-name', dir: 'auto' }, this.title), time(message), ...changes(message));
    return el('li', {
      class: `message message-bot${follows ? ' follows' : ''}${message.streaming ? ' streaming' : ''}${message.ephemeral ? ' ephemeral' : ''}`,
      'data-id': message.id, 'aria-busy': message.streaming ? 'true' : null,
    },
    el('span', { class: 'avatar', 'aria-hidden': 'true' }, this.initial),
    el('div', { class: 'message-main' },
      meta,
      message.ephemeral ? el('p', { class: 'message-hint' }, 'Only you can see this. It will not be kept.') : null,
      message.plan ? tasks(message.plan) : null,
      message.text || message.streaming ? el('div', { class: 'message-body prose' }, ...render(message.text)) : null,
      message.card ? card(message.card, { message: message.id, perform: (action) => this.onAction(message, action) }) : null,
      files(message.files),
      reactions(message),
      follows && changes(message).length > 0 ? el('div', { class: 'message-meta' }, ...changes(message)) : null,
      tools(message)));
  }
}

// What has become of a message since it was posted.
const changes = ({ edited, stopped }) => [edited && 'edited', stopped && 'stopped'].filter(Boolean).map((each) => el('span', {}, each));

// What a person can do with an answer.
function tools(message) {
  const text = message.text || message.spoken;
  return text && !message.streaming ? el('div', { class: 'message-tools' }, copyButton('tool-button', () => text)) : null;
}

const reactions = ({ reactions: list }) => (list?.length > 0
  ? el('div', { class: 'reactions', role: 'group', 'aria-label': 'Reactions' }, ...list.map((each) => el('span', { class: 'reaction' }, each)))
  : null);

// A message that is on its way looks as if it had arrived.
const waits = (message) => message.pending && !message.sending;

const time = (message) => el('time', { datetime: new Date(message.sentAt).toISOString() }, clock.format(message.sentAt));
