// What the bot sent may be of any type: it is looked at before it is shown.

import { el } from './dom.js';
import { safeAddress } from './markdown-inline.js';

export const text = (value) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** Returns the objects of a list. */
export const listOf = (value) => (Array.isArray(value) ? value.filter((each) => each !== null && typeof each === 'object') : []);

/** Returns a link, or the bare text if it may not go there. */
export function link(address, label, className) {
  const href = safeAddress(address);
  if (!href) return el('span', { class: className }, label);
  return el('a', { class: className, href, target: '_blank', rel: 'noopener noreferrer nofollow' }, label);
}
