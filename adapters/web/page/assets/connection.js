// The stream of one conversation's events, kept open for as long as the page
// shows it.

import { answers } from './api.js';
import { readEvents } from './sse.js';

const FIRST_WAIT = 500; // milliseconds
const LONGEST_WAIT = 15_000;
const SILENCE = 40_000; // the server says something every 15 s

/**
 * Connection reconnects by itself, waiting longer each time. It calls
 * onEvent(name, value) for events and onState({state, retryAt, answered}) with the
 * states 'connecting', 'online', 'offline' and 'signed-out'; answered says that the
 * server is there and cannot serve now.
 */
export class Connection {
  constructor(conversation, { onEvent, onState }) {
    this.url = 'events?conversation=' + encodeURIComponent(conversation);
    this.onEvent = onEvent;
    this.onState = onState;
    this.closed = false;
    this.failures = 0;
    this.run();
  }

  close() {
    this.closed = true;
    this.abort?.abort();
    this.skipWait?.();
  }

  /** Tries again now if it waits. */
  retry() {
    this.skipWait?.();
  }

  async run() {
    this.onState({ state: 'connecting' });
    while (!this.closed) {
      const outcome = await this.connect();
      if (this.closed) return;
      if (outcome === 'signed-out') {
        this.onState({ state: 'signed-out' });
        return;
      }
      const wait = Math.min(FIRST_WAIT * 2 ** this.failures, LONGEST_WAIT) * (0.75 + Math.random() / 2);
      this.failures++;
      this.onState({ state: 'offline', retryAt: Date.now() + wait, answered: outcome === 'unavailable' });
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, wait);
        this.skipWait = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.skipWait = undefined;
    }
  }

  /** Reads until the stream ends. Returns 'signed-out', 'unavailable' or 'lost'. */
  async connect() {
    this.abort = new AbortController();
    let silence;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => this.abort.abort(), SILENCE);
    };
    try {
      listen();
      const response = await fetch(this.url, { signal: this.abort.signal, cache: 'no-store' });
      if (response.status === 401) return 'signed-out';
      if (!response.ok) return answers(response) ? 'unavailable' : 'lost';
      for await (const { event, data } of readEvents(response.body)) {
        if (this.closed) return 'lost';
        listen();
        if (event === 'history') {
          this.failures = 0;
          this.onState({ state: 'online' });
        }
        if (event !== 'ping' && event !== 'comment') this.onEvent(event, JSON.parse(data));
      }
    } catch {
      // The connection broke; the loop tries again.
    } finally {
      clearTimeout(silence);
    }
    return 'lost';
  }
}
