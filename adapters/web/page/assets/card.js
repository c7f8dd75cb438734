// Cards to DOM nodes. What a card holds is text, Markdown or a link to a web or
// mail address; a picture is a link, so that reading a message tells nobody.

import { ActionRow } from './actions.js';
import { chart } from './chart.js';
import { clickedIn } from './clicked.js';
import { el } from './dom.js';
import { render } from './markdown.js';
import { link, listOf, text } from './safe.js';
import { table } from './table.js';

const MAX_DEPTH = 32; // sections in sections

/**
 * Returns the element of a message's card. perform({action, value, id}) is called
 * for a click or a choice; its promise ends when it is handled, with {opened}:
 * whether a modal came of it.
 */
export function card(content, { message, perform }) {
  const row = new ActionRow(perform, clickedIn(message, content));
  const title = text(content.title);
  return el('div', { class: 'card', role: 'group', 'aria-label': title || 'Card', 'data-width': content.width === 'full' ? 'full' : null },
    title ? el('h2', { class: 'card-title', dir: 'auto' }, title) : null,
    content.subtitle ? el('p', { class: 'card-subtitle', dir: 'auto' }, text(content.subtitle)) : null,
    content.imageUrl ? picture({ url: content.imageUrl }) : null,
    ...elements(content.children, row, 0),
    row.status);
}

export const elements = (list, row, depth) => listOf(list).map((each) => element(each, row, depth)).filter(Boolean);

function element(content, row, depth) {
  switch (content.type) {
    case 'text': return paragraph(content);
    case 'image': return picture(content);
    case 'divider': return el('hr', { class: 'card-divider' });
    case 'section': return depth < MAX_DEPTH ? el('div', { class: 'card-section' }, ...elements(content.children, row, depth + 1)) : null;
    case 'fields': return fields(content);
    case 'link': return el('p', { class: 'card-link', dir: 'auto' }, link(content.url, text(content.label)));
    case 'table': return table(content);
    case 'chart': return chart(content);
    case 'actions': return row?.render(listOf(content.children));
    default: return null; // of a newer version
  }
}

export function paragraph({ content, style }) {
  const kind = style === 'bold' || style === 'muted' ? ` card-${style}` : '';
  return el('div', { class: 'card-text prose' + kind }, ...render(text(content)));
}

export function fields({ children }) {
  return el('dl', { class: 'card-fields' }, ...listOf(children).map(({ label, value }) => el('div', {},
    el('dt', { dir: 'auto' }, text(label)), el('dd', { class: 'prose' }, ...render(text(value))))));
}

const picture = ({ url, alt }) => el('p', { class: 'card-link', dir: 'auto' }, link(url, 'Picture: ' + (text(alt) || text(url))));
