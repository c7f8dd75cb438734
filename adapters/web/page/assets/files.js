// The files of a message. Pictures that the server has are shown: they come from
// where the page comes from. All else is a link.

import { el, svg } from './dom.js';
import { link, listOf, text } from './safe.js';

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const OWN = /^files\/[A-Z2-7]+\?/; // relative to the page: the server has it
const UNITS = ['kB', 'MB', 'GB'];

/** Returns the element of a list of file parts, or null. */
export function files(parts) {
  const nodes = listOf(parts).map(file);
  return nodes.length > 0 ? el('ul', { class: 'files', 'aria-label': 'Files' }, ...nodes.map((node) => el('li', {}, node))) : null;
}

function file({ url, filename, mediaType, providerMetadata }) {
  const name = text(filename) || 'file';
  const address = text(url);
  const own = OWN.test(address);
  if (own && PICTURES.includes(mediaType)) {
    return el('a', { class: 'file-picture', href: address, download: name }, el('img', { src: address, alt: name, loading: 'lazy' }));
  }
  const node = own ? el('a', { class: 'file', href: address, download: name }, name) : link(address, name, 'file');
  node.dir = 'auto';
  node.prepend(svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: 'M14 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V7zM14 3v4h4' })));
  const bytes = providerMetadata?.chat?.size;
  if (bytes > 0) node.append(el('span', { class: 'file-size' }, sizeText(bytes)));
  return node;
}

/** Returns a number of bytes as people say it. */
export function sizeText(bytes) {
  if (bytes < 1000) return 'under 1 kB';
  const power = Math.min(Math.floor(Math.log(bytes) / Math.log(1000)), UNITS.length);
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(bytes / 1000 ** power)} ${UNITS[power - 1]}`;
}
