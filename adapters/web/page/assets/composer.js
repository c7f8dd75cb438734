// The box in which the person writes.

import { byId } from './dom.js';

const WARN_FROM = 0.9; // of the longest text, from where its length is shown

const number = new Intl.NumberFormat();
const bytes = (text) => new TextEncoder().encode(text).length;
const characters = (count) => `${number.format(count)} ${count === 1 ? 'character' : 'characters'}`;

/**
 * Composer calls onSend(text) when a message is to go, onChange(text),
 * onStop() to stop the bot, whose promise ends when the server has been told, and
 * onCancel() when the person gives up what hasMore() says there is besides a text.
 */
export class Composer {
  constructor({ maxText, onSend, onChange, onStop, onCancel, hasMore }) {
    this.hasMore = hasMore;
    this.maxText = maxText; // in bytes, which people do not count in
    this.box = byId('composer-text');
    this.button = byId('send');
    this.stop = byId('stop');
    this.stop.addEventListener('click', async () => {
      if (this.stop.hasAttribute('aria-busy')) return;
      this.stop.setAttribute('aria-busy', 'true');
      if (!await onStop()) this.stop.removeAttribute('aria-busy');
    });
    this.hint = byId('composer-hint');
    this.hintNodes = [...this.hint.childNodes];
    this.submit = () => {
      if (this.button.disabled) return;
      const text = this.box.value.trim();
      this.setText('');
      onSend(text);
      this.focus();
    };
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.box.addEventListener('input', () => {
      this.fit();
      onChange(this.box.value);
    });
    byId('editing-cancel').addEventListener('click', onCancel);
    this.box.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !byId('editing').hidden) onCancel();
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
  }

  text() {
    return this.box.value;
  }

  setText(text) {
    this.box.value = text;
    this.fit();
  }

  focus() {
    // On a touch screen this would bring up the keyboard over the messages.
    if (!matchMedia('(pointer: coarse)').matches) this.box.focus({ preventScroll: true });
  }

  /** Says that a message is changed. */
  setEditing(editing) {
    byId('editing').hidden = !editing;
  }

  /** Shows the button that stops the bot while it is at work. */
  setWorking(working) {
    if (this.stop.hidden === !working) return;
    const focused = document.activeElement === this.stop;
    this.stop.hidden = !working;
    this.stop.removeAttribute('aria-busy');
    if (focused) this.box.focus({ preventScroll: true });
  }

  fit() {
    this.box.style.height = 'auto';
    this.box.style.height = `${this.box.scrollHeight}px`;
    const text = this.box.value.trim();
    const length = bytes(text);
    this.button.disabled = (length === 0 && !this.hasMore()) || length > this.maxText;
    this.hint.classList.toggle('over', length > this.maxText);
    if (length > this.maxText) this.hint.textContent = `Too long by ${characters(tooMany(text, this.maxText))}`;
    else if (length > this.maxText * WARN_FROM) this.hint.textContent = `Room for about ${characters(Math.floor((this.maxText - length) * [...text].length / length))} more`;
    else this.hint.replaceChildren(...this.hintNodes);
  }
}

// Returns how many characters at the end of a text are more than fit.
function tooMany(text, maxBytes) {
  let room = maxBytes;
  let count = 0;
  for (const character of text) {
    room -= bytes(character);
    if (room < 0) count++;
  }
  return count;
}
