// The buttons and menus of a card: what the person does goes to the bot, and the
// page shows that it is being handled, or why not.

import * as api from './api.js';
import { el, randomId } from './dom.js';
import { link, listOf, text } from './safe.js';

const TRIES = 4;
const FIRST_WAIT = 400; // milliseconds

/**
 * Sends a click or a choice until the server has handled it. It keeps its id, so
 * the bot never sees it twice. onModal(view) is called for a modal that it opens.
 */
export async function perform(request, onModal) {
  for (let tried = 1; ; tried++) {
    try {
      return await api.sendAction(request, onModal);
    } catch (error) {
      if (!(error instanceof api.Away) || tried === TRIES) throw error;
      await new Promise((resolve) => { setTimeout(resolve, FIRST_WAIT * 2 ** (tried - 1)); });
    }
  }
}

/** Returns what to tell a person of an error. */
export function problem(error) {
  if (error instanceof api.SignedOut) return 'You are signed out. Sign in, then reload this page.';
  if (error instanceof api.Away) return error.answered ? 'The bot is not available right now.' : 'The server cannot be reached.';
  return error.message;
}

/** ActionRow makes the controls of one card, and its status line. */
export class ActionRow {
  /**
   * perform({action, value, id}) sends it; its promise ends when it is handled.
   * clicked remembers which buttons were: a set of their ids.
   */
  constructor(perform, clicked) {
    this.perform = perform;
    this.clicked = clicked;
    this.status = el('div', { class: 'card-status', role: 'status' });
  }

  async act(control, action, value, id = randomId()) {
    control.setAttribute('aria-busy', 'true');
    this.status.replaceChildren(el('span', { class: 'hidden' }, 'Working…'));
    try {
      const { opened } = await this.perform({ action, value, id });
      this.status.replaceChildren();
      if (control.localName === 'button' && !opened) this.showClicked(control, action);
    } catch (error) {
      // What may have arrived is sent again as the same click.
      const again = error instanceof api.Away ? id : undefined;
      const retry = el('button', { class: 'text-button', type: 'button', onclick: () => this.act(control, action, value, again) }, 'Try again');
      this.status.replaceChildren(el('span', { class: 'card-problem' }, problem(error)), ' ', error instanceof api.SignedOut || error instanceof api.Refused ? '' : retry);
    } finally {
      control.removeAttribute('aria-busy');
    }
  }

  render(actions) {
    const nodes = actions.map((action) => this.control(action)).filter(Boolean);
    return nodes.length > 0 ? el('div', { class: 'card-actions' }, ...nodes) : null;
  }

  control(action) {
    switch (action.type) {
      case 'button': return this.button(action);
      case 'link-button': return this.linkButton(action);
      case 'select': return this.select(action);
      case 'radio_select': return this.radios(action);
      default: return null;
    }
  }

  button({ id, label, style, disabled, tooltip, once }) {
    const node = el('button', { class: look(style), type: 'button', dir: 'auto', 'data-action': text(id), disabled: Boolean(disabled), title: text(tooltip) || null }, text(label));
    if (once) node.dataset.once = '';
    if (this.clicked.has(text(id))) markClicked(node);
    node.addEventListener('click', (event) => {
      // The second click of a double click may come when the first is handled.
      if (!node.hasAttribute('aria-busy') && node.ariaDisabled !== 'true' && event.detail < 2) this.act(node, id, '');
    });
    return node;
  }

  showClicked(node, id) {
    this.clicked.add(text(id));
    markClicked(node);
  }

  linkButton({ id, url, label, style, tooltip }) {
    const node = link(url, text(label), look(style));
    node.dir = 'auto';
    if (tooltip) node.title = text(tooltip);
    if (id && node.localName === 'a') node.addEventListener('click', () => this.act(node, id, ''));
    return node;
  }

  select(action) {
    const { label, menu } = selectField(action);
    onCommit(menu, () => menu.value && this.act(menu, action.id, menu.value));
    return el('label', { class: 'card-select' }, el('span', { class: 'field-label', dir: 'auto' }, label), menu);
  }

  radios(action) {
    const group = radioField(action);
    onCommit(group, () => {
      const chosen = group.querySelector('input:checked');
      if (chosen) this.act(group, action.id, chosen.value);
    });
    return group;
  }
}

// A button that was clicked says so, to eyes and to screen readers. One that counts
// once can be focused still, so that the focus is not lost, and does nothing.
function markClicked(node) {
  if (node.classList.contains('clicked')) return;
  node.classList.add('clicked');
  node.append(el('span', { class: 'hidden' }, ' (clicked)'));
  if ('once' in node.dataset) node.ariaDisabled = 'true';
}

const look = (style) => 'button' + (style === 'primary' || style === 'danger' ? ' button-' + style : '');

/** Returns {label, menu}: the label's text and a select element with the options. */
export function selectField({ id, label, placeholder, options, initialOption }) {
  const menu = el('select', { class: 'input', 'data-action': text(id) },
    el('option', { value: '' }, text(placeholder) || 'Choose…'),
    ...listOf(options).map((option) => el('option', { value: text(option.value), dir: 'auto' }, text(option.label) + (option.description ? ' – ' + text(option.description) : ''))));
  menu.value = text(initialOption);
  return { label: text(label), menu };
}

/** Returns a fieldset with an input for each option. */
export function radioField({ id, label, options, initialOption }) {
  const name = randomId();
  return el('fieldset', { class: 'radios', 'data-action': text(id) },
    el('legend', { class: 'field-label', dir: 'auto' }, text(label)),
    ...listOf(options).map((option) => el('label', { class: 'radio' },
      el('input', { type: 'radio', name, value: text(option.value), checked: text(initialOption) !== '' && option.value === initialOption }),
      el('span', { dir: 'auto' }, text(option.label), option.description ? el('small', { dir: 'auto' }, text(option.description)) : null))));
}

/**
 * Calls commit when the person has chosen: at once with a pointer; with keys,
 * which go through all options, by Enter or when the control is left.
 */
export function onCommit(control, commit) {
  let keys = false;
  let open = false; // a choice that was not committed
  control.addEventListener('pointerdown', () => { keys = false; });
  control.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && open) {
      event.preventDefault();
      finish();
    } else if (event.key !== 'Tab') {
      keys = true;
    }
  });
  control.addEventListener('change', () => {
    open = true;
    if (!keys) finish();
  });
  control.addEventListener('focusout', (event) => {
    if (open && !control.contains(event.relatedTarget)) finish();
  });
  function finish() {
    open = false;
    commit();
  }
}
