// Tables of a card.

import { el } from './dom.js';

const ALIGN = { center: 'center', right: 'right' };
const VERTICAL = { top: 'top', center: 'middle', bottom: 'bottom' };
const GRIDS = ['emphasis', 'accent', 'good', 'attention', 'warning'];

/** Returns the element of a table. */
export function table({ headers, rows, align = [], caption, pageSize, widths, verticalAlign, gridLines, gridStyle }) {
  const columns = strings(headers);
  const cells = (tag, values) => columns.map((_, i) => el(tag, { dir: 'auto', class: ALIGN[align[i]], scope: tag === 'th' ? 'col' : null }, values[i] ?? ''));
  const body = el('tbody');
  const all = (Array.isArray(rows) ? rows : []).map(strings);
  const page = pageSize > 0 ? pageSize : all.length;
  const more = el('button', { class: 'text-button', type: 'button', onclick: () => grow() });
  const grow = () => {
    const from = body.rows.length;
    body.append(...all.slice(from, from + page).map((row) => el('tr', {}, ...cells('td', row))));
    const left = all.length - body.rows.length;
    more.hidden = left === 0;
    more.textContent = `Show more rows (${left})`;
  };
  grow();
  const classes = ['table', VERTICAL[verticalAlign], gridLines === false ? 'no-grid' : '', GRIDS.includes(gridStyle) ? 'grid-' + gridStyle : ''];
  const node = el('table', {}, caption ? el('caption', { dir: 'auto' }, String(caption)) : null, columnWidths(widths),
    el('thead', {}, el('tr', {}, ...cells('th', columns))), body);
  return el('div', { class: 'card-table' }, el('div', { class: classes.filter(Boolean).join(' '), tabindex: 0 }, node), more);
}

function columnWidths(widths) {
  const total = Array.isArray(widths) ? widths.reduce((sum, width) => sum + width, 0) : 0;
  if (!(total > 0)) return null;
  return el('colgroup', {}, ...widths.map((width) => {
    const column = el('col');
    column.style.width = `${(width / total) * 100}%`;
    return column;
  }));
}

const strings = (list) => (Array.isArray(list) ? list.map((each) => (each === null || typeof each === 'object' ? '' : String(each))) : []);
