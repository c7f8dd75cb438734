// Telling the person whether the server is there.

import { byId } from './dom.js';

const PATIENCE = 400; // milliseconds before a short gap is worth a notice

const WORDS = { connecting: 'Connecting', online: 'Online', offline: 'Reconnecting', 'signed-out': 'Signed out' };

/**
 * Status shows the connection's state. It calls onRetry() for "Try now" and
 * waiting() to learn whether messages wait to be sent.
 */
export class Status {
  constructor({ onRetry, waiting }) {
    this.waiting = waiting;
    this.timer = 0;
    this.connection = { state: 'connecting' };
    this.trouble = null;
    this.wasAway = false;
    byId('notice-button').addEventListener('click', onRetry);
  }

  /** Takes the connection's state. */
  set(state) {
    this.connection = state;
    this.update();
  }

  /** Takes {retryAt, answered} of messages that could not be sent, or null. */
  setSending(trouble) {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    this.update();
  }

  update() {
    const { state, retryAt, answered } = this.connection.state === 'online' && this.trouble ? { state: 'offline', ...this.trouble } : this.connection;
    clearInterval(this.timer);
    clearTimeout(this.delay);
    byId('status').dataset.state = state;
    byId('status-text').textContent = state === 'offline' && answered ? 'Not available' : WORDS[state];
    if (state === 'online') {
      byId('notice').hidden = true;
      if (this.wasAway) byId('announcer').textContent = 'Connected again.';
      this.wasAway = false;
    } else if (state === 'signed-out') {
      this.show('You are signed out. Sign in, then reload this page. What you wrote is kept.', false);
    } else if (state === 'offline') {
      const tell = () => this.tellAway(retryAt, answered);
      if (this.wasAway) tell();
      this.delay = setTimeout(() => {
        tell();
        this.wasAway = true;
      }, PATIENCE);
      this.timer = setInterval(() => this.wasAway && tell(), 1000);
    }
  }

  tellAway(retryAt, answered) {
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    const what = answered ? 'The bot is not available right now.' : 'The server cannot be reached.';
    const when = seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again…';
    this.show(`${what} ${when}${this.waiting() ? ' Your message is kept and will be sent.' : ''}`, true);
  }

  show(text, canRetry) {
    if (byId('notice-text').textContent !== text) byId('notice-text').textContent = text;
    byId('notice-button').hidden = !canRetry;
    byId('notice').hidden = false;
  }
}
