// Sending what is in the outbox: for each conversation in its order, one message
// after the other, again and again until the server has it. A message keeps its
// id, so the bot never sees it twice.

import * as api from './api.js';
import * as outbox from './outbox.js';

const FIRST_WAIT = 500; // milliseconds
const LONGEST_WAIT = 10_000;

/**
 * Sender calls onSending(entry, whether) around each try, onTaken(entry) when the server has a message, onPart(entry, part)
 * for the parts of the answer and onEnd(entry) after the last, onRefused(entry,
 * why) for a message that the server will never take, onTrouble({retryAt,
 * answered}) when it tries again later, onTrouble(null) when one was sent, and
 * onSignedOut().
 */
export class Sender {
  constructor(handlers) {
    this.handlers = handlers;
    this.running = new Map(); // conversation to the function that ends its wait
    this.turns = new Map(); // conversation to the number of open answers
  }

  /** Whether the bot is at work on a message that this page sent. */
  answering(conversation) {
    return (this.turns.get(conversation) ?? 0) > 0;
  }

  /** Sends what waits, at once. */
  start() {
    for (const conversation of outbox.waitingConversations()) {
      const wake = this.running.get(conversation);
      if (wake) wake();
      else this.run(conversation);
    }
  }

  async run(conversation) {
    let failures = 0;
    this.running.set(conversation, () => {});
    for (;;) {
      const entry = outbox.unsent(conversation).find((each) => !each.failure);
      if (!entry) break;
      const { outcome, answered } = await this.send(entry);
      if (outcome === 'signed-out') break;
      if (outcome !== 'away') {
        failures = 0;
        this.handlers.onTrouble(null);
        continue;
      }
      const wait = Math.min(FIRST_WAIT * 2 ** failures++, LONGEST_WAIT);
      this.handlers.onTrouble({ retryAt: Date.now() + wait, answered });
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, wait);
        this.running.set(conversation, () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.running.delete(conversation);
  }

  // Resolves when the server has the message; the answer may still be coming.
  send(entry) {
    const { handlers } = this;
    handlers.onSending(entry, true);
    return new Promise((resolve) => {
      const turn = api.sendTurn(entry.conversation, entry, {
        onTaken: () => {
          outbox.remove(entry.id);
          this.count(entry.conversation, 1);
          handlers.onTaken(entry);
          resolve({ outcome: 'taken' });
        },
        onPart: (part) => handlers.onPart(entry, part),
      });
      turn.then(() => {
        this.count(entry.conversation, -1);
        handlers.onEnd(entry);
      }, (error) => {
        handlers.onSending(entry, false);
        if (error instanceof api.SignedOut) {
          handlers.onSignedOut();
          resolve({ outcome: 'signed-out' });
        } else if (error instanceof api.Refused) {
          const why = error instanceof api.TooLong ? (entry.files?.length > 0 ? 'the message and its files are too large' : 'the message is too long') : error.message;
          outbox.fail(entry.id, why);
          handlers.onRefused(entry, why);
          resolve({ outcome: 'refused' });
        } else {
          resolve({ outcome: 'away', answered: error.answered });
        }
      });
    });
  }

  count(conversation, change) {
    this.turns.set(conversation, (this.turns.get(conversation) ?? 0) + change);
  }
}
