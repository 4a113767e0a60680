/** A drawing of the last intervals: times above, on a logarithmic scale, and requests below. */

import { drawn } from './dom.js';
import { perSecond, time } from './format.js';

/** @import { Tick } from './series.js' */

/** How many intervals there is room for at least. */
const LEAST = 30;

const HEIGHT = 250;
const LEFT = 58;
const RIGHT = 8;
const TIMES = { top: 12, bottom: 162 };
const RATES = { top: 182, bottom: 236 };

/**
 * @param {SVGSVGElement} chart
 * @param {Tick[]} ticks
 */
export function draw(chart, ticks) {
  const width = Math.max(chart.clientWidth, 320);
  chart.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
  // A drawing of few intervals would be empty for long.
  const step = (width - LEFT - RIGHT) / (Math.max(ticks.length, LEAST) - 1);
  /** The newest is at the right end. @param {number} index */
  const x = (index) => width - RIGHT - (ticks.length - 1 - index) * step;
  chart.replaceChildren(...times(ticks, x, width), ...rates(ticks, x, width, step));
}

/**
 * What the drawing shows, in words.
 * @param {Tick[]} ticks
 */
export function inWords(ticks) {
  const last = ticks.at(-1);
  if (!last) return 'waiting for the first interval';
  if (last.rate === 0) return 'no requests at the moment';
  return `now ${perSecond(last.rate)} requests/s, median ${time(last.p50)}, 99 % ${time(last.p99)}`;
}

/**
 * @param {Tick[]} ticks
 * @param {(index: number) => number} x
 * @param {number} width
 */
function times(ticks, x, width) {
  const values = ticks.flatMap(({ p50, p99 }) => [p50, p99]).filter((value) => value !== null);
  // Whole powers of ten, two at least.
  const low = values.length > 0 ? Math.floor(Math.log10(Math.min(...values))) : 1;
  const high = Math.max(low + 2, values.length > 0 ? Math.ceil(Math.log10(Math.max(...values))) : 5);
  /** @param {number} micros */
  const y = (micros) => TIMES.bottom - ((Math.log10(micros) - low) / (high - low)) * (TIMES.bottom - TIMES.top);
  const grid = [];
  for (let power = low; power <= high; power += 1) grid.push(...line(y(10 ** power), time(10 ** power), width));
  return [...grid, ...curve(ticks.map((tick) => tick.p99), 'p99', x, y), ...curve(ticks.map((tick) => tick.p50), 'p50', x, y)];
}

/**
 * A curve, interrupted where there was nothing to measure.
 * @param {(number | null)[]} values
 * @param {string} name
 * @param {(index: number) => number} x
 * @param {(value: number) => number} y
 */
function curve(values, name, x, y) {
  let path = '';
  const dots = [];
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    const alone = (values[index - 1] ?? null) === null;
    path += `${alone ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    // A line of one point would not be seen.
    if (alone && (values[index + 1] ?? null) === null) dots.push(drawn('circle', { class: `dot ${name}`, cx: x(index), cy: y(value), r: 3 }));
  }
  return [drawn('path', { class: `line ${name}`, d: path }), ...dots];
}

/**
 * @param {Tick[]} ticks
 * @param {(index: number) => number} x
 * @param {number} width
 * @param {number} step
 */
function rates(ticks, x, width, step) {
  const most = Math.max(...ticks.map((tick) => tick.rate), 1);
  const height = RATES.bottom - RATES.top;
  const bars = ticks.map((tick, index) => {
    const bar = (tick.rate / most) * height;
    return drawn('rect', { class: 'rate', x: x(index) - step * 0.4, y: RATES.bottom - bar, width: step * 0.8, height: bar });
  });
  return [...line(RATES.top, `${perSecond(most)}/s`, width), ...line(RATES.bottom, '0', width), ...bars];
}

/**
 * @param {number} y
 * @param {string} label
 * @param {number} width
 */
function line(y, label, width) {
  return [
    drawn('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y, y2: y }),
    drawn('text', { x: LEFT - 8, y: y + 4, 'text-anchor': 'end' }, label),
  ];
}
