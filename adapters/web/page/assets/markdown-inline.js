// Markdown to DOM nodes: what stands inside a paragraph. Links go only to web
// and mail addresses; pictures are links too, so that reading a message tells
// nobody that it was read.

import { el } from './dom.js';
import { label } from './markdown.js';

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{2,8}));/y;
const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', copy: '©', reg: '®', hellip: '…', mdash: '—', ndash: '–' };
const ANGLE_LINK = /<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>/y;
const ANGLE_MAIL = /<([^\s<>@]+@[A-Za-z0-9.-]+)>/y;
const BARE_LINK = /https?:\/\/[^\s<>"`]+/iy;
const TARGET = /\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*))(?:\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?\s*\)/y;
const REFERENCE = /\[([^\]\\]*)\]/y;

/** Returns the address if a link may go there, else null. */
export function safeAddress(address) {
  try {
    const url = new URL(address);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

const link = (address, ...children) => el('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, ...children);

const unescape = (text) => text.replace(/\\([!-/:-@[-`{-~])/g, '$1');

const at = (pattern, text, i) => {
  pattern.lastIndex = i;
  return pattern.exec(text);
};

/** Returns the nodes of a paragraph's text. */
export function inline(text, context) {
  return new Inline(text, context.links).nodes();
}

// A piece is a node or a string, or a run of emphasis marks
// {mark, count, opens, closes}.
class Inline {
  constructor(text, links) {
    this.text = text;
    this.links = links;
    this.pieces = [];
    this.brackets = []; // open brackets: {piece, picture, active}
    this.noClosing = new Set(); // lengths of backtick runs that have no partner
    this.i = 0;
  }

  nodes() {
    while (this.i < this.text.length) this.step();
    return nodesOf(emphasize(this.pieces));
  }

  put(piece) {
    const last = this.pieces.length - 1;
    if (typeof piece === 'string' && typeof this.pieces[last] === 'string' && this.brackets.at(-1)?.piece !== last) {
      this.pieces[last] += piece;
    } else {
      this.pieces.push(piece);
    }
  }

  step() {
    const { text, i } = this;
    const c = text[i];
    switch (c) {
      case '\\': return this.escape();
      case '`': return this.code();
      case '*': case '_': case '~': return this.mark();
      case '\n': return this.lineBreak();
      case '&': return this.entity();
      case '<': return this.angle();
      case '[': return this.open(1, false);
      case '!': return text[i + 1] === '[' ? this.open(2, true) : this.plain();
      case ']': return this.close();
      case 'h': case 'H': return this.bareLink();
      default: return this.plain();
    }
  }

  plain() {
    const rest = /[^\\`*_~\n&<[!\]hH]*/y;
    rest.lastIndex = this.i + 1;
    const end = this.i + 1 + rest.exec(this.text)[0].length;
    this.put(this.text.slice(this.i, end));
    this.i = end;
  }

  escape() {
    const next = this.text[this.i + 1] ?? '';
    if (next === '\n') {
      this.put(el('br'));
      this.i += 2;
    } else if (PUNCTUATION.test(next)) {
      this.put(next);
      this.i += 2;
    } else {
      this.put('\\');
      this.i++;
    }
  }

  // In a chat a line break is a line break.
  lineBreak() {
    const last = this.pieces.length - 1;
    if (typeof this.pieces[last] === 'string') this.pieces[last] = this.pieces[last].trimEnd();
    this.put(el('br'));
    this.i++;
  }

  code() {
    const ticks = at(/`+/y, this.text, this.i)[0];
    const start = this.i + ticks.length;
    let end = -1;
    if (!this.noClosing.has(ticks.length)) {
      for (const run of this.text.slice(start).matchAll(/`+/g)) {
        if (run[0].length === ticks.length) {
          end = start + run.index;
          break;
        }
      }
    }
    if (end < 0) {
      this.noClosing.add(ticks.length);
      this.put(ticks);
      this.i = start;
      return;
    }
    let value = this.text.slice(start, end).replaceAll('\n', ' ');
    if (value.startsWith(' ') && value.endsWith(' ') && value.trim() !== '') value = value.slice(1, -1);
    this.put(el('code', {}, value));
    this.i = end + ticks.length;
  }

  mark() {
    const { text, i } = this;
    const c = text[i];
    let end = i;
    while (text[end] === c) end++;
    const before = text[i - 1] ?? ' ';
    const after = text[end] ?? ' ';
    const spaceBefore = /\s/.test(before);
    const spaceAfter = /\s/.test(after);
    const wordBefore = !spaceBefore && !isPunctuation(before);
    const wordAfter = !spaceAfter && !isPunctuation(after);
    const left = !spaceAfter && (wordAfter || !wordBefore);
    const right = !spaceBefore && (wordBefore || !wordAfter);
    const inWord = c === '_';
    this.pieces.push({
      mark: c, count: end - i,
      opens: left && (!inWord || !right || !wordBefore),
      closes: right && (!inWord || !left || !wordAfter),
    });
    this.i = end;
  }

  entity() {
    const match = at(ENTITY, this.text, this.i);
    let value;
    if (match?.[3]) {
      value = Object.hasOwn(NAMED, match[3]) ? NAMED[match[3]] : undefined;
    } else if (match) {
      const point = match[1] ? parseInt(match[1], 10) : parseInt(match[2], 16);
      value = point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : '\uFFFD';
    }
    this.put(value ?? '&');
    this.i += value === undefined ? 1 : match[0].length;
  }

  angle() {
    const address = at(ANGLE_LINK, this.text, this.i) ?? at(ANGLE_MAIL, this.text, this.i);
    const href = address && safeAddress(address[0].includes('@') && !address[1].includes(':') ? 'mailto:' + address[1] : address[1]);
    if (!href) {
      this.put('<');
      this.i++;
      return;
    }
    this.put(link(href, address[1]));
    this.i += address[0].length;
  }

  bareLink() {
    const match = /\w/.test(this.text[this.i - 1] ?? ' ') ? null : at(BARE_LINK, this.text, this.i);
    const address = match && trimAddress(match[0]);
    const href = address && safeAddress(address);
    if (!href) {
      this.plain();
      return;
    }
    this.put(link(href, address));
    this.i += address.length;
  }

  open(length, picture) {
    this.brackets.push({ piece: this.pieces.length, picture, active: true, start: this.i + length });
    this.pieces.push(this.text.slice(this.i, this.i + length));
    this.i += length;
  }

  close() {
    const open = this.brackets.pop();
    const target = open?.active ? this.target(open) : null;
    if (!target) {
      this.put(']');
      this.i++;
      return;
    }
    const content = nodesOf(emphasize(this.pieces.splice(open.piece).slice(1))).map(withoutLinks);
    if (open.picture) {
      const alt = content.map((node) => node.textContent).join('');
      this.put(link(target.href, 'Picture: ' + (alt || target.href)));
    } else {
      this.put(link(target.href, ...content));
      for (const each of this.brackets) if (!each.picture) each.active = false; // no link in a link
    }
    this.i = target.end;
  }

  // Finds where the link goes whose text ends here.
  target(open) {
    const { text } = this;
    const next = this.i + 1;
    const given = at(TARGET, text, next);
    if (given) {
      const href = safeAddress(unescape(given[1] ?? given[2]));
      return href && { href, end: next + given[0].length };
    }
    const reference = at(REFERENCE, text, next);
    const name = reference?.[1] || text.slice(open.start, this.i);
    const href = this.links.has(label(name)) && safeAddress(this.links.get(label(name)));
    return href ? { href, end: next + (reference?.[0].length ?? 0) } : null;
  }
}

const isPunctuation = (c) => /[\p{P}\p{S}]/u.test(c);

// Leaves out what ends the sentence rather than the address.
function trimAddress(address) {
  let open = address.split('(').length - address.split(')').length;
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1];
    if (last === ')' && open < 0) open++;
    else if (!'.,;:!?\'*_~'.includes(last)) break;
  }
  return address.slice(0, end);
}

function withoutLinks(node) {
  if (node.localName === 'a') return el('span', {}, ...node.childNodes);
  node.querySelectorAll?.('a').forEach((a) => a.replaceWith(...a.childNodes));
  return node;
}

// Turns pairs of marks into elements: CommonMark's rules for * and _, and ~~.
function emphasize(pieces) {
  const out = [];
  const openers = []; // positions in out
  const bottom = {}; // by kind of closing run: how far down no opener fits
  for (const piece of pieces) {
    if (!piece.mark) {
      out.push(piece);
      continue;
    }
    const run = { ...piece, length: piece.count };
    const kind = `${run.mark}${run.opens}${run.length % 3}`;
    while (run.closes && run.count > 0) {
      let o = openers.length - 1;
      while (o >= (bottom[kind] ?? 0) && !pairs(out[openers[o]], run)) o--;
      if (o < (bottom[kind] ?? 0)) {
        bottom[kind] = openers.length;
        break;
      }
      const opener = out[openers[o]];
      const used = run.mark === '~' ? run.count : Math.min(opener.count, run.count, 2);
      const tag = run.mark === '~' ? 'del' : used === 2 ? 'strong' : 'em';
      const content = out.splice(openers[o] + 1);
      out.push(el(tag, {}, ...nodesOf(content)));
      opener.count -= used;
      run.count -= used;
      openers.length = opener.count > 0 ? o + 1 : o;
      for (const each of Object.keys(bottom)) bottom[each] = Math.min(bottom[each], openers.length);
    }
    if (run.count > 0) {
      out.push(run);
      if (run.opens) openers.push(out.length - 1);
    }
  }
  return out;
}

function pairs(opener, closer) {
  if (opener.mark !== closer.mark) return false;
  if (opener.mark === '~') return opener.count === closer.count && opener.count <= 2;
  const bothWays = opener.closes || closer.opens;
  return !bothWays || (opener.length + closer.length) % 3 !== 0 || (opener.length % 3 === 0 && closer.length % 3 === 0);
}

function nodesOf(pieces) {
  const nodes = [];
  let text = '';
  const endText = () => {
    if (text !== '') nodes.push(document.createTextNode(text));
    text = '';
  };
  for (const piece of pieces) {
    if (piece.mark) {
      text += piece.mark.repeat(piece.count);
    } else if (typeof piece === 'string') {
      text += piece;
    } else {
      endText();
      nodes.push(piece);
    }
  }
  endText();
  return nodes;
}
