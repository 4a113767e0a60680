/** Counters, routes and plug-ins. */

import { byId, element, say } from './dom.js';
import { about, clock, count, perSecond, size, time } from './format.js';
import { ALL, keyOf, quantile } from './series.js';

/** @import { PluginState, RouteState, State } from './api.js' */
/** @import { Series } from './series.js' */

/**
 * A cell: its text, and whether it is a number, and bad news.
 * @typedef {{ text: string, number?: boolean, bad?: boolean }} Cell
 */

/**
 * @param {State} state
 * @param {Series} series
 */
export function showCounters(state, series) {
  const sum = (/** @type {(route: RouteState) => number} */ of) => state.routes.reduce((all, route) => all + of(route), 0);
  const errors = sum((route) => route.responses[3]);
  const turnedAway = sum((route) => route.turned_away);
  const memory = state.plugins.reduce((all, plugin) => all + plugin.total_memory_bytes, 0);
  const shown = /** @type {const} */ ([
    ['Requests/s', perSecond(series.of(ALL).at(-1)?.rate ?? null), false],
    ['Responses', about(sum((route) => route.latency.count)), false],
    ['Server errors', about(errors), errors > 0],
    ['Running', about(sum((route) => route.in_flight)), false],
    ['Turned away', about(turnedAway), turnedAway > 0],
    ['Connections', about(state.connections), false],
    ['Memory', size(memory), false],
    ['Reloads', state.refused_reloads > 0 ? `${state.reloads} + ${state.refused_reloads} refused` : about(state.reloads), false],
  ]);
  const list = byId('counters', HTMLDListElement);
  if (list.childElementCount === 0) {
    list.append(...shown.map(([name]) => element('div', {}, element('dt', {}, name), element('dd'))));
  }
  for (const [index, [, value, bad]] of shown.entries()) {
    const counter = list.children[index];
    if (!counter?.lastElementChild) continue;
    say(counter.lastElementChild, value);
    counter.classList.toggle('some', bad);
  }
}

/**
 * @param {State} state
 * @param {Series} series
 */
export function showRoutes(state, series) {
  const rows = state.routes.map((route) => {
    const { buckets } = route.latency;
    const [ok, , client, server] = route.responses;
    return {
      key: keyOf(route),
      head: `${route.methods} ${route.route}`,
      cells: [
        { text: `${route.plugin} · ${route.function}` },
        number(perSecond(series.of(keyOf(route)).at(-1)?.rate ?? null)),
        number(time(quantile(buckets, state.bounds_us, 0.5))),
        number(time(quantile(buckets, state.bounds_us, 0.99))),
        number(count(ok)),
        number(count(client)),
        number(count(server), server > 0),
        number(count(route.in_flight)),
        number(count(route.turned_away), route.turned_away > 0),
      ],
    };
  });
  fill(byId('routes', HTMLTableElement), rows);
}

/**
 * @param {State} state
 * @param {(plugin: string, name: string) => void} choose what a click on a function does
 */
export function showPlugins(state, choose) {
  const rows = state.plugins.map((plugin) => {
    const errors = plugin.errors.reduce((sum, error) => sum + error.count, 0);
    const { count: calls, sum_us: sum } = plugin.duration;
    return {
      key: plugin.name,
      head: plugin.name,
      cells: [
        { text: version(plugin) },
        { text: plugin.functions.join(' ') },
        number(count(plugin.calls)),
        number(count(errors), errors > 0),
        number(time(calls > 0 ? sum / calls : null)),
        number(count(plugin.instances)),
        number(count(plugin.busy)),
        number(size(plugin.memory_bytes)),
      ],
    };
  });
  const table = byId('plugins', HTMLTableElement);
  fill(table, rows);
  for (const [index, plugin] of state.plugins.entries()) {
    const cell = table.tBodies[0]?.rows[index]?.cells[2];
    // Filled anew only when it has changed, for the focus may be in it.
    if (!cell || cell.querySelector('button') || plugin.functions.length === 0) continue;
    const buttons = plugin.functions.map((name) => {
      const button = element('button', { type: 'button', class: 'link', title: 'Choose it in the playground' }, name);
      button.addEventListener('click', () => choose(plugin.name, name));
      return button;
    });
    cell.replaceChildren(element('div', { class: 'functions' }, ...buttons.flatMap((button) => [button, ' '])));
  }
}

/**
 * Functions that are called for messages and at times; nothing when there are none.
 * @param {State} state
 */
export function showTriggers(state) {
  byId('triggers-panel', HTMLElement).hidden = state.triggers.length === 0;
  const rows = state.triggers.map((trigger) => {
    const { last_error: error } = trigger;
    return {
      key: trigger.name,
      head: trigger.name,
      cells: [
        { text: trigger.kind },
        { text: trigger.source },
        { text: `${trigger.plugin} · ${trigger.function}` },
        { text: trigger.connected ? 'yes' : 'no', bad: !trigger.connected },
        number(count(trigger.received)),
        number(count(trigger.succeeded)),
        number(count(trigger.failed), trigger.failed > 0),
        number(count(trigger.dead_letters), trigger.dead_letters > 0),
        number(count(trigger.dropped), trigger.dropped > 0),
        number(count(trigger.in_flight)),
        { text: error ? `${clock(error.time)} ${error.message}` : 'none' },
      ],
    };
  });
  fill(byId('triggers', HTMLTableElement), rows);
}

/** @param {PluginState} plugin */
function version(plugin) {
  if (plugin.current === null) return 'out of service';
  const current = plugin.versions.find(({ number }) => number === plugin.current);
  return `${plugin.current}${current ? ` (${current.sha256.slice(0, 8)})` : ''}`;
}

/**
 * @param {string} text
 * @param {boolean} [bad]
 * @returns {Cell}
 */
function number(text, bad = false) {
  return { text, number: true, bad };
}

/**
 * Shows rows in a table: those that are there already are kept, so that selections and focus stay.
 * @param {HTMLTableElement} table
 * @param {{ key: string, head: string, cells: Cell[] }[]} rows
 */
function fill(table, rows) {
  const body = table.tBodies[0] ?? table.createTBody();
  const before = [...body.rows].map((row) => row.dataset['key']);
  if (before.length !== rows.length || rows.some((row, index) => row.key !== before[index])) {
    body.replaceChildren(...rows.map((row) => {
      const cells = row.cells.map((cell) => element('td', cell.number ? { class: 'number' } : {}));
      const made = element('tr', {}, element('th', { scope: 'row' }), ...cells);
      made.dataset['key'] = row.key;
      return made;
    }));
  }
  for (const [index, row] of rows.entries()) {
    const [head, ...cells] = body.rows[index]?.cells ?? [];
    if (head) say(head, row.head);
    for (const [place, cell] of row.cells.entries()) {
      const shown = cells[place];
      if (!shown) continue;
      // Buttons have spaces between them.
      if (shown.textContent?.trim() !== cell.text) shown.textContent = cell.text;
      shown.classList.toggle('some', cell.bad ?? false);
    }
  }
}
