// Charts of a card, drawn as SVG. Who does not see them gets a table.

import { el, svg } from './dom.js';
import { listOf, text } from './safe.js';

const NARROWEST = 160; // pixels, as all lengths of a graph: it is drawn anew for the room that it has
const WIDEST = 512;
const HEIGHT = 230;
const LEFT = 46;
const BOTTOM = 34;
const TOP = 10;
const LABEL = 35; // the room that a category's label has at least
const LETTER = 8; // and a letter
const COLOURS = 8;
const WORDS = { pie: 'Pie chart', bar: 'Bar chart', line: 'Line chart', area: 'Area chart' };

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 6 });
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 2 });

/** Returns the element of a chart. */
export function chart({ title, chart: content }) {
  if (!content || !Object.hasOwn(WORDS, content.type)) return null;
  const { draw, legend, rows } = content.type === 'pie' ? pie(content) : graph(content);
  const figure = el('figure', { class: content.type === 'pie' ? 'chart chart-round' : 'chart' },
    el('figcaption', { dir: 'auto' }, text(title)),
    el('ul', { class: 'chart-legend', 'aria-hidden': 'true' }, ...legend.map((label, i) => el('li', { class: colour(i), dir: 'auto' }, label))),
    data(text(title), rows));
  if (draw) keepDrawn(figure, draw, `${WORDS[content.type]}: ${text(title)}`);
  return figure;
}

// Draws at the width that there is, so that the words keep their size.
function keepDrawn(figure, draw, label) {
  let drawn = 0;
  let drawing = null;
  const fit = (room) => {
    const width = Math.min(Math.max(Math.floor(room), NARROWEST), WIDEST);
    if (width === drawn) return;
    drawn = width;
    drawing?.remove();
    drawing = draw(width);
    drawing.setAttribute('role', 'img');
    drawing.setAttribute('aria-label', label);
    figure.firstChild.after(drawing);
  };
  fit(WIDEST);
  new ResizeObserver(([{ contentRect }]) => contentRect.width > 0 && fit(contentRect.width)).observe(figure);
}

const colour = (i) => `colour-${i % COLOURS}`;

// The numbers for those who do not see the drawing.
const data = (title, [head, ...rows]) => el('div', { class: 'hidden' }, el('table', {}, el('caption', {}, title),
  el('thead', {}, el('tr', {}, ...head.map((cell) => el('th', { scope: 'col' }, cell)))),
  el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((cell) => el('td', {}, cell)))))));

function pie({ segments }) {
  const parts = listOf(segments).filter(({ value }) => value > 0).map(({ label, value }) => ({ label: text(label), value }));
  const most = Math.max(...parts.map(({ value }) => value));
  const total = parts.reduce((sum, { value }) => sum + value / most, 0); // never too large for a number
  const share = ({ value }) => value / most / total;
  const percent = (part) => `${Math.round(share(part) * 1000) / 10} %`;
  let from = 0;
  const slices = parts.map((part, i) => {
    const to = from + share(part);
    const slice = svg('path', { class: `chart-fill ${colour(i)}`, d: parts.length === 1 ? circle() : wedge(from, to) }, svg('title', {}, `${part.label}: ${number.format(part.value)} (${percent(part)})`));
    from = to;
    return slice;
  });
  return {
    draw: () => svg('svg', { class: 'chart-drawing', viewBox: '0 0 200 200' }, ...slices),
    legend: parts.map((part) => `${part.label} · ${number.format(part.value)} (${percent(part)})`),
    rows: [['Label', 'Value', 'Share'], ...parts.map((part) => [part.label, number.format(part.value), percent(part)])],
  };
}

const circle = () => 'M100 5A95 95 0 1 1 99.99 5Z';

function wedge(from, to) {
  const at = (turn) => `${round(100 + 95 * Math.sin(2 * Math.PI * turn))} ${round(100 - 95 * Math.cos(2 * Math.PI * turn))}`;
  return `M100 100L${at(from)}A95 95 0 ${to - from > 0.5 ? 1 : 0} 1 ${at(to)}Z`;
}

function graph({ type, categories, series, xLabel, yLabel }) {
  const names = (Array.isArray(categories) ? categories : []).map(text);
  const lines = listOf(series).map(({ name, data: points }) => {
    const values = new Map(listOf(points).map(({ label, value }) => [text(label), value]));
    return { name: text(name), values: names.map((each) => (Number.isFinite(values.get(each)) ? values.get(each) : null)) };
  });
  const rows = [[text(xLabel), ...lines.map(({ name }) => name)],
    ...names.map((name, i) => [name, ...lines.map(({ values }) => (values[i] === null ? '' : number.format(values[i])))])];
  const all = lines.flatMap(({ values }) => values).filter((value) => value !== null);
  const marks = ticks(Math.min(0, ...all), Math.max(0, ...all));
  const draw = marks && names.length > 0 ? (width) => plot(width, type, names, lines, marks, text(xLabel), text(yLabel)) : null;
  return { draw, legend: lines.map(({ name }) => name), rows };
}

// Round numbers around the values, or null where there are none.
function ticks(low, high) {
  const span = high - low || 1;
  if (!Number.isFinite(span)) return null;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => span / each <= 5);
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  const marks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return marks.every(Number.isFinite) ? marks : null;
}

function plot(width, type, names, lines, marks, xLabel, yLabel) {
  const right = width - 8;
  const bottom = HEIGHT - BOTTOM - (xLabel ? 14 : 0);
  const top = TOP + (yLabel ? 16 : 0);
  const [low, high] = [marks[0], marks.at(-1)];
  const y = (value) => round(bottom - ((value - low) / (high - low)) * (bottom - top));
  const slot = (right - LEFT) / names.length;
  const x = (i) => round(LEFT + slot * (i + 0.5));
  const grid = marks.flatMap((mark) => [
    svg('line', { class: mark === 0 ? 'chart-axis' : 'chart-line', x1: LEFT, x2: right, y1: y(mark), y2: y(mark) }),
    svg('text', { x: LEFT - 6, y: y(mark) + 4, 'text-anchor': 'end' }, short.format(mark)),
  ]);
  const every = Math.ceil(names.length / ((right - LEFT) / LABEL)); // labels that would run into each other are left out
  const room = slot * every;
  const labels = names.map((name, i) => (i % every === 0
    ? label({ x: x(i), y: bottom + 18, 'text-anchor': 'middle' }, name, room)
    : null));
  return svg('svg', { class: 'chart-drawing', width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` },
    yLabel ? label({ x: 4, y: 12 }, yLabel, right) : null,
    ...grid, ...labels,
    xLabel ? label({ x: (LEFT + right) / 2, y: HEIGHT - 4, 'text-anchor': 'middle' }, xLabel, right - LEFT) : null,
    ...(type === 'bar' ? bars(names, lines, slot, y) : curves(type, names, lines, x, y)));
}

// Writes as much of a text as has room.
function label(place, text, room) {
  const most = Math.max(3, Math.floor(room / LETTER));
  return svg('text', place, text.length > most ? text.slice(0, most - 1) + '…' : text, svg('title', {}, text));
}

const tip = (line, name, value) => svg('title', {}, `${line}, ${name}: ${number.format(value)}`);

function bars(names, lines, slot, y) {
  const width = (slot * 0.8) / lines.length;
  return lines.flatMap(({ name, values }, s) => values.map((value, i) => (value === null ? null : svg('rect', {
    class: `chart-fill ${colour(s)}`, rx: Math.min(2, width / 4),
    x: round(LEFT + slot * (i + 0.1) + width * s), width: round(width * 0.92), y: Math.min(y(value), y(0)), height: Math.abs(round(y(value) - y(0))),
  }, tip(name, names[i], value)))));
}

function curves(type, names, lines, x, y) {
  return lines.flatMap(({ name, values }, s) => {
    const points = values.map((value, i) => (value === null ? null : { x: x(i), y: y(value), i, value })).filter(Boolean);
    if (points.length === 0) return [];
    const path = points.map((point) => `${point.x} ${point.y}`).join('L');
    return [
      type === 'area' ? svg('path', { class: `chart-area ${colour(s)}`, d: `M${points[0].x} ${y(0)}L${path}L${points.at(-1).x} ${y(0)}Z` }) : null,
      svg('path', { class: `chart-stroke ${colour(s)}`, d: 'M' + path }),
      ...points.map((point) => svg('circle', { class: `chart-fill ${colour(s)}`, cx: point.x, cy: point.y, r: 3 }, tip(name, names[point.i], point.value))),
    ];
  });
}

const round = (value) => Math.round(value * 100) / 100;
