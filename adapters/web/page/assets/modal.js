// Modals: forms of the bot over the conversation.

import { perform, problem } from './actions.js';
import * as api from './api.js';
import { el, randomId } from './dom.js';
import { field } from './fields.js';
import { listOf, text } from './safe.js';

/** Modals shows the open modals, the last one on top. */
export class Modals {
  constructor() {
    this.stack = [];
    this.seen = new Set(); // views: an action that is sent again tells of its modal again
  }

  /** Shows a view: {id, modal}. */
  open(conversation, view) {
    if (this.seen.has(view.id)) return;
    this.seen.add(view.id);
    this.stack.push(new Modal(this, conversation, view));
  }

  /** Takes all modals away without telling the server. */
  drop() {
    while (this.stack.length > 0) this.stack.pop().remove();
  }

  /** Does what the bot answered to a modal that was submitted. */
  apply(modal, { action, errors, view, opened }) {
    switch (action) {
      case 'errors': modal.showErrors(errors ?? {}); break;
      case 'update': modal.show(view); break;
      case 'push': this.open(modal.conversation, view); break;
      case 'clear': this.drop(); break;
      default: this.take(modal);
    }
    if (opened) this.open(modal.conversation, opened);
  }

  take(modal) {
    this.stack = this.stack.filter((each) => each !== modal);
    modal.remove();
  }
}

class Modal {
  constructor(modals, conversation, view) {
    this.modals = modals;
    this.conversation = conversation;
    this.dialog = el('dialog', { class: 'modal' });
    this.dialog.addEventListener('cancel', (event) => {
      event.preventDefault(); // Escape: the server hears of it too
      this.close();
    });
    this.show(view);
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.fields[0]?.focus();
  }

  show({ id, modal }) {
    this.id = id;
    this.sent = null; // {id, values} of a submission whose answer did not come
    const head = randomId();
    const context = {
      act: (action, value, event) => perform({ ...this.request(event), action, value }, (opened) => this.modals.open(this.conversation, opened)),
      load: (action, query) => api.loadOptions({ ...this.request(), action, query }),
    };
    const parts = listOf(modal.children).map((input) => field(input, context)).filter(Boolean);
    this.fields = parts.filter((part) => part.id);
    this.error = el('p', { class: 'modal-error', role: 'alert' });
    this.button = el('button', { class: 'button button-primary', type: 'submit', dir: 'auto' }, text(modal.submitLabel) || 'Submit');
    const form = el('form', { class: 'modal-form', novalidate: true },
      el('h2', { class: 'modal-title', id: head, dir: 'auto' }, text(modal.title)),
      el('div', { class: 'modal-fields' }, ...parts.map(({ element }) => element)),
      this.error,
      el('div', { class: 'modal-buttons' },
        el('button', { class: 'button', type: 'button', dir: 'auto', onclick: () => this.close() }, text(modal.closeLabel) || 'Cancel'),
        this.button));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.dialog.setAttribute('aria-labelledby', head);
    this.dialog.replaceChildren(form);
    if (this.dialog.open) this.fields[0]?.focus();
  }

  request(id = randomId()) {
    return { conversation: this.conversation, id, view: this.id };
  }

  async submit() {
    if (this.button.hasAttribute('aria-busy')) return;
    const wrong = Object.fromEntries(this.fields.map((each) => [each.id, each.problem()]).filter(([, message]) => message));
    this.showErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    const values = Object.fromEntries(this.fields.map((each) => [each.id, each.value()]));
    // What may have arrived is sent again as the same submission.
    if (this.sent === null || JSON.stringify(values) !== JSON.stringify(this.sent.values)) this.sent = { id: randomId(), values };
    this.button.setAttribute('aria-busy', 'true');
    try {
      const answer = await api.submitModal({ ...this.request(this.sent.id), values });
      this.sent = null;
      this.modals.apply(this, answer);
    } catch (error) {
      this.error.textContent = problem(error) + (error instanceof api.Away ? ' Please try again.' : '');
    } finally {
      this.button.removeAttribute('aria-busy');
    }
  }

  /** Shows what is wrong, by the ids of the inputs. What has no input stands below. */
  showErrors(errors) {
    const others = new Map(Object.entries(errors));
    for (const each of this.fields) {
      each.setError(others.get(each.id) ?? '');
      others.delete(each.id);
    }
    this.error.textContent = [...others.values()].join(' ');
    this.fields.find((each) => errors[each.id])?.focus();
  }

  close() {
    this.modals.take(this);
    // The bot only hears of it if it asked to: nothing depends on the answer.
    api.closeModal(this.request()).catch(() => {});
  }

  remove() {
    this.dialog.close();
    this.dialog.remove();
  }
}
