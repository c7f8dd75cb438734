// The list of conversations. On a narrow screen it slides in over the messages.

import { problem } from './actions.js';
import * as api from './api.js';
import { el, byId, svg } from './dom.js';
import { plain } from './markdown.js';

const NEW_TITLE = 'New conversation';
const MINUTE = 60_000;
const NARROW = matchMedia('(max-width: 47.5rem)'); // as in style.css
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const date = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

function ago(time) {
  const minutes = Math.round((Date.now() - time) / MINUTE);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return relative.format(-minutes, 'minute');
  if (minutes < 24 * 60) return relative.format(-Math.round(minutes / 60), 'hour');
  return date.format(time);
}

/**
 * Sidebar calls onOpen(id) when a conversation is chosen, onNew(), and
 * onDelete(id), whose promise ends when the conversation is gone and the list
 * is loaded again.
 */
export class Sidebar {
  constructor({ onOpen, onNew, onDelete }) {
    this.onOpen = onOpen;
    this.onDelete = onDelete;
    this.panel = byId('sidebar');
    this.opener = byId('open-sidebar');
    this.shade = byId('shade');
    this.main = byId('main');
    this.list = [];
    this.selected = '';
    this.opener.addEventListener('click', () => this.slide(true));
    byId('close-sidebar').addEventListener('click', () => this.slide(false));
    this.shade.addEventListener('click', () => this.slide(false));
    this.panel.addEventListener('keydown', (event) => event.key === 'Escape' && this.slide(false));
    NARROW.addEventListener('change', () => this.slide(false));
    byId('new-conversation').addEventListener('click', () => {
      this.slide(false);
      onNew();
    });
  }

  slide(open) {
    if (this.panel.classList.contains('open') === open) return;
    const focused = document.activeElement;
    this.panel.classList.toggle('open', open);
    this.shade.hidden = !open;
    this.main.inert = open; // it is covered
    this.opener.setAttribute('aria-expanded', String(open));
    if (open) byId('close-sidebar').focus();
    else if (NARROW.matches) this.opener.focus();
    // The browser may have taken the focus already from what a wider window hides.
    else if (focused === document.body || (this.panel.contains(focused) && !focused.checkVisibility())) byId('new-conversation').focus();
  }

  /** Asks the server for the list. Without an answer the old one stays. */
  async load() {
    try {
      this.list = await api.conversations();
    } catch {
      return; // the connection's state tells the person
    }
    this.draw();
  }

  select(id) {
    this.selected = id;
    this.draw();
  }

  /** Titles the open conversation by its first message, until the list has it. */
  setTitle(firstText) {
    const known = this.list.find((each) => each.id === this.selected)?.title;
    byId('conversation-title').textContent = known || (firstText && plain(firstText).slice(0, 60)) || NEW_TITLE;
  }

  draw() {
    const focused = document.activeElement?.closest('#conversations [data-focus]')?.dataset.focus;
    byId('conversations').replaceChildren(...this.list.map((each) => this.item(each)));
    byId('conversations-empty').hidden = this.list.length > 0;
    if (focused) (byId('conversations').querySelector(`[data-focus="${CSS.escape(focused)}"]`) ?? byId('new-conversation')).focus();
    this.setTitle();
  }

  /** Deletes a conversation after the person has agreed. */
  confirm({ id, title }) {
    const dialog = byId('deletion');
    const error = byId('deletion-error');
    const at = this.list.findIndex((each) => each.id === id);
    byId('deletion-title').textContent = title || NEW_TITLE;
    error.textContent = '';
    byId('deletion-no').onclick = () => dialog.close();
    byId('deletion-yes').onclick = async () => {
      try {
        await this.onDelete(id);
        dialog.close();
        this.focusItem(at);
      } catch (reason) {
        error.textContent = problem(reason);
      }
    };
    dialog.showModal();
  }

  // Focuses the conversation that took the place of one that was deleted.
  focusItem(at) {
    const items = byId('conversations').querySelectorAll('.conversation');
    (items[Math.min(at, items.length - 1)] ?? byId('new-conversation')).focus();
  }

  item(conversation) {
    const { id, title, updatedAt } = conversation;
    const open = () => {
      this.slide(false);
      this.onOpen(id);
    };
    return el('li', { class: 'conversation-item' },
      el('button', { class: 'conversation', type: 'button', 'data-focus': id, 'aria-current': id === this.selected ? 'true' : null, onclick: open },
        el('span', { class: 'conversation-title', dir: 'auto' }, title || NEW_TITLE),
        el('span', { class: 'conversation-time' }, ago(updatedAt))),
      el('button', { class: 'icon-button conversation-delete', type: 'button', 'data-focus': 'delete ' + id, 'aria-label': `Delete the conversation “${title || NEW_TITLE}”`, onclick: () => this.confirm(conversation) },
        svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: 'M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12M10 11v5M14 11v5' }))));
  }
}
