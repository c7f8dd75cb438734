// The tasks that a bot works on.

import { el } from './dom.js';
import { render } from './markdown.js';
import { listOf, text } from './safe.js';

const STATUS = { pending: 'to do', in_progress: 'in progress', complete: 'done', error: 'failed' };

/** Returns the element of a plan: {title, tasks}. */
export function tasks(plan) {
  const list = listOf(plan.tasks);
  const done = list.filter(({ status }) => status === 'complete').length;
  return el('section', { class: 'tasks', 'aria-label': text(plan.title) || 'Tasks' },
    el('p', { class: 'tasks-title' }, el('span', { dir: 'auto' }, text(plan.title) || 'Tasks'), el('span', { class: 'tasks-count' }, `${done} of ${list.length}`)),
    el('ul', {}, ...list.map(task)));
}

function task({ title, status, details, output }) {
  const known = Object.hasOwn(STATUS, status) ? status : 'pending';
  const more = [details, output].map(text).filter(Boolean);
  return el('li', { class: 'task-' + known },
    el('span', { class: 'task-mark', 'aria-hidden': 'true' }),
    el('div', {},
      el('span', { class: 'task-title', dir: 'auto' }, text(title)), el('span', { class: 'hidden' }, ` (${STATUS[known]})`),
      ...more.map((each) => el('div', { class: 'task-more prose' }, ...render(each)))));
}
