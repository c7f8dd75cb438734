// Markdown to DOM nodes: the blocks. HTML in the source is text like any other,
// so nothing that a message holds becomes an element, an attribute or a script.

import { copyButton } from './clipboard.js';
import { el } from './dom.js';
import { inline } from './markdown-inline.js';

const MAX_DEPTH = 16; // blocks within blocks; deeper ones are text

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])([ \t]+|$)/;
const TASK = /^\[([ xX])\][ \t]+/;
const DEFINITION = /^ {0,3}\[([^\]\\]+)\]:[ \t]*<?([^\s>]+)>?(?:[ \t]+["'(].*["')])?[ \t]*$/;
const DELIMITER_ROW = /^[ \t|:-]+$/;

const blank = (line) => line.trim() === '';

/** Returns the nodes of a Markdown text. */
export function render(source) {
  const lines = source.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD').split('\n').map(expandTabs);
  const links = new Map();
  const nodes = blocks(withoutDefinitions(lines, links), { links, depth: 0 });
  for (const node of nodes) if (!node.hasAttribute('dir')) node.setAttribute('dir', 'auto');
  return nodes;
}

/** Returns what a Markdown text says, in one line. */
export function plain(source) {
  const box = el('div', {}, ...render(source));
  for (const node of box.querySelectorAll('.code-head')) node.remove();
  for (const node of box.querySelectorAll('br, p, li, pre, td, th, h1, h2, h3, h4, h5, h6')) node.after(' ');
  return box.textContent.replace(/\s+/g, ' ').trim();
}

// Tabs at the start of a line reach to the next multiple of four.
function expandTabs(line) {
  let column = 0;
  let i = 0;
  for (; i < line.length && (line[i] === ' ' || line[i] === '\t'); i++) column += line[i] === '\t' ? 4 - (column % 4) : 1;
  return ' '.repeat(column) + line.slice(i);
}

function withoutDefinitions(lines, links) {
  let fence = null;
  return lines.filter((line) => {
    const mark = FENCE.exec(line)?.[1];
    if (mark && !fence) fence = mark;
    else if (mark && mark[0] === fence[0] && mark.length >= fence.length) fence = null;
    const definition = !fence && DEFINITION.exec(line);
    if (!definition || definition[1].startsWith('^')) return true;
    const name = label(definition[1]);
    if (!links.has(name)) links.set(name, definition[2]);
    return false;
  });
}

/** The form by which references find their definition. */
export const label = (text) => text.trim().replace(/\s+/g, ' ').toLowerCase();

function blocks(lines, context) {
  const nodes = [];
  let i = 0;
  while (i < lines.length) {
    if (blank(lines[i])) {
      i++;
      continue;
    }
    const [node, next] = block(lines, i, context);
    nodes.push(node);
    i = next;
  }
  return nodes;
}

// Returns the block that starts at a line, and the line after it.
function block(lines, i, context) {
  const line = lines[i];
  if (line.startsWith('    ')) return indentedCode(lines, i);
  if (FENCE.test(line)) return fencedCode(lines, i);
  const heading = HEADING.exec(line);
  if (heading) {
    const text = (heading[2] ?? '').replace(/(^|[ \t])#+[ \t]*$/, '');
    return [el('h' + heading[1].length, {}, ...inline(text.trim(), context)), i + 1];
  }
  if (RULE.test(line)) return [el('hr'), i + 1];
  if (context.depth < MAX_DEPTH) {
    if (QUOTE.test(line)) return quote(lines, i, context);
    if (ITEM.test(line)) return list(lines, i, context);
  }
  if (startsTable(lines, i)) return table(lines, i, context);
  return paragraph(lines, i, context);
}

// Whether a line ends a paragraph by starting another block.
function interrupts(line, context) {
  if (FENCE.test(line) || HEADING.test(line) || RULE.test(line)) return true;
  if (context.depth >= MAX_DEPTH) return false;
  if (QUOTE.test(line)) return true;
  const item = ITEM.exec(line);
  return item !== null && item[0].length < line.length && (!/\d/.test(item[2]) || parseInt(item[2], 10) === 1);
}

function paragraph(lines, i, context) {
  const start = i;
  for (i++; i < lines.length; i++) {
    const underline = /^ {0,3}(=+|-+)[ \t]*$/.exec(lines[i]);
    if (underline) {
      const text = lines.slice(start, i).map((each) => each.trim()).join('\n');
      return [el(underline[1][0] === '=' ? 'h1' : 'h2', {}, ...inline(text, context)), i + 1];
    }
    if (blank(lines[i]) || interrupts(lines[i], context) || startsTable(lines, i)) break;
  }
  const text = lines.slice(start, i).map((each) => each.replace(/^ +/, '')).join('\n').trimEnd();
  return [el('p', {}, ...inline(text, context)), i];
}

function indentedCode(lines, i) {
  const start = i;
  while (i < lines.length && (blank(lines[i]) || lines[i].startsWith('    '))) i++;
  const text = lines.slice(start, i).map((line) => line.slice(4));
  while (text.length > 0 && blank(text.at(-1))) text.pop();
  return [code(text.join('\n'), ''), i];
}

function fencedCode(lines, i) {
  const [, mark, info] = FENCE.exec(lines[i]);
  const indent = lines[i].length - lines[i].trimStart().length;
  const start = ++i;
  const closes = (line) => new RegExp(`^ {0,3}\\${mark[0]}{${mark.length},}[ \t]*$`).test(line);
  while (i < lines.length && !closes(lines[i])) i++;
  const text = lines.slice(start, i).map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length)));
  return [code(text.join('\n'), info.trim().split(/\s/)[0]), i + 1];
}

function code(text, language) {
  return el('div', { class: 'code', dir: 'ltr' },
    el('div', { class: 'code-head' }, el('span', {}, language || 'code'), copyButton('code-copy', () => text)),
    el('pre', { tabindex: 0 }, el('code', {}, text)));
}

function quote(lines, i, context) {
  const inner = [];
  for (; i < lines.length; i++) {
    if (QUOTE.test(lines[i])) inner.push(lines[i].replace(QUOTE, ''));
    else if (blank(lines[i]) || interrupts(lines[i], context) || blank(inner.at(-1))) break;
    else inner.push(lines[i]); // a paragraph goes on without its mark
  }
  return [el('blockquote', {}, ...blocks(inner, { ...context, depth: context.depth + 1 })), i];
}

function list(lines, i, context) {
  const kind = (mark) => mark.at(-1); // the bullet, or the dot after a number
  const first = ITEM.exec(lines[i]);
  const items = [];
  let loose = false;
  while (i < lines.length) {
    const item = ITEM.exec(lines[i]);
    if (!item || kind(item[2]) !== kind(first[2]) || RULE.test(lines[i])) break;
    const [content, next, spaced] = itemLines(lines, i, item, context);
    items.push(content);
    loose ||= spaced;
    i = next;
    let after = i;
    while (after < lines.length && blank(lines[after])) after++;
    const more = after > i && after < lines.length && ITEM.exec(lines[after]);
    if (more && kind(more[2]) === kind(first[2])) {
      loose = true;
      i = after;
    }
  }
  const inner = { ...context, depth: context.depth + 1 };
  const nodes = items.map((content) => listItem(content, loose, inner));
  if (!/\d/.test(first[2])) return [el('ul', {}, ...nodes), i];
  const start = parseInt(first[2], 10);
  return [el('ol', { start: start === 1 ? null : start }, ...nodes), i];
}

// Returns the lines of one list item without their indent, the line after it,
// and whether blank lines stand between its blocks.
function itemLines(lines, i, item, context) {
  const rest = lines[i].slice(item[0].length);
  const spaces = item[3].length > 4 || rest === '' ? 1 : item[3].length;
  const width = item[1].length + item[2].length + spaces;
  const content = [rest === '' ? '' : lines[i].slice(width)];
  let spaced = false;
  for (i++; i < lines.length; i++) {
    const line = lines[i];
    if (blank(line)) {
      let after = i;
      while (after < lines.length && blank(lines[after])) after++;
      if (after === lines.length || !lines[after].startsWith(' '.repeat(width))) break;
      spaced = true;
      for (; i < after; i++) content.push('');
      i--;
    } else if (line.startsWith(' '.repeat(width))) {
      content.push(line.slice(width));
    } else if (ITEM.test(line) || interrupts(line, context) || blank(content.at(-1))) {
      break;
    } else {
      content.push(line.trimStart()); // a paragraph goes on without its indent
    }
  }
  return [content, i, spaced];
}

function listItem(content, loose, context) {
  const task = TASK.exec(content[0]);
  if (task) content = [content[0].slice(task[0].length), ...content.slice(1)];
  let nodes = blocks(content, context);
  if (!loose) nodes = nodes.flatMap((node) => (node.localName === 'p' ? [...node.childNodes] : [node]));
  if (!task) return el('li', {}, ...nodes);
  const box = el('input', { type: 'checkbox', disabled: true, checked: task[1] !== ' ', 'aria-label': task[1] === ' ' ? 'to do' : 'done' });
  return el('li', { class: 'task' }, box, ...nodes);
}

function startsTable(lines, i) {
  if (i + 1 >= lines.length || !lines[i].includes('|') || !DELIMITER_ROW.test(lines[i + 1]) || !lines[i + 1].includes('|')) return false;
  const marks = cells(lines[i + 1]);
  return marks.every((mark) => /^:?-+:?$/.test(mark)) && marks.length === cells(lines[i]).length;
}

function cells(line) {
  const text = line.trim().replace(/^\|/, '');
  const found = [];
  let cell = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && text[i + 1] === '|') {
      cell += '|';
      i++;
    } else if (text[i] === '|') {
      found.push(cell.trim());
      cell = '';
    } else {
      cell += text[i];
    }
  }
  if (cell.trim() !== '') found.push(cell.trim());
  return found;
}

function table(lines, i, context) {
  const head = cells(lines[i]);
  const align = cells(lines[i + 1]).map((mark) => (!mark.endsWith(':') ? null : mark.startsWith(':') ? 'center' : 'right'));
  const row = (tag, values) => el('tr', {}, ...head.map((_, column) => el(tag, { class: align[column] }, ...inline(values[column] ?? '', context))));
  const rows = [];
  for (i += 2; i < lines.length && !blank(lines[i]) && !interrupts(lines[i], context); i++) rows.push(row('td', cells(lines[i])));
  const node = el('table', {}, el('thead', {}, row('th', head)), el('tbody', {}, ...rows));
  return [el('div', { class: 'table', tabindex: 0 }, node), i];
}
