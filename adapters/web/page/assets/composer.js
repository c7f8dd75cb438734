// The box in which the person writes.

import { byId } from './dom.js';

const WARN_FROM = 0.9; // of the longest text, from where its length is shown

const bytes = (text) => new TextEncoder().encode(text).length;

/** Composer calls onSend(text) when a message is to go, and onChange(text). */
export class Composer {
  constructor({ maxText, onSend, onChange }) {
    this.maxText = maxText;
    this.box = byId('composer-text');
    this.button = byId('send');
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
    this.box.addEventListener('keydown', (event) => {
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

  fit() {
    this.box.style.height = 'auto';
    this.box.style.height = `${this.box.scrollHeight}px`;
    const length = bytes(this.box.value.trim());
    this.button.disabled = length === 0 || length > this.maxText;
    this.hint.classList.toggle('over', length > this.maxText);
    if (length > this.maxText * WARN_FROM) this.hint.textContent = `${length} of at most ${this.maxText} bytes`;
    else this.hint.replaceChildren(...this.hintNodes);
  }
}
