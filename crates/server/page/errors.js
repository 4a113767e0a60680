/** The last errors of calls; those that are the same are one. */

import { byId, element, say } from './dom.js';
import { clock } from './format.js';

/** @import { RecentError } from './api.js' */

/** @type {Map<string, HTMLLIElement>} */
const shown = new Map();

/**
 * @param {RecentError[]} errors newest first
 */
export function showErrors(errors) {
  /** @type {Map<string, { newest: RecentError, count: number }>} */
  const groups = new Map();
  for (const error of errors) {
    const key = JSON.stringify([error.route, error.plugin, error.function, error.kind, error.message, error.backtrace]);
    const group = groups.get(key);
    if (group) group.count += 1;
    else groups.set(key, { newest: error, count: 1 });
  }
  for (const key of shown.keys()) if (!groups.has(key)) shown.delete(key);
  const items = [...groups].map(([key, { newest, count }]) => {
    const item = shown.get(key) ?? make(newest);
    shown.set(key, item);
    const [when, times] = [item.querySelector('.when'), item.querySelector('.times')];
    if (when) say(when, clock(newest.time));
    if (times) say(times, count > 1 ? `${count} times` : '');
    return item;
  });
  byId('errors-none', HTMLElement).hidden = items.length > 0;
  const list = byId('errors', HTMLOListElement);
  // Moving elements would take the focus from them.
  if (items.length !== list.children.length || items.some((item, index) => item !== list.children[index])) {
    const { activeElement } = document;
    list.replaceChildren(...items);
    if (activeElement instanceof HTMLElement && list.contains(activeElement)) activeElement.focus({ preventScroll: true });
  }
}

/** @param {RecentError} error */
function make(error) {
  const summary = element(
    'summary', {},
    element('span', { class: 'when' }),
    element('span', { class: 'kind' }, error.kind),
    element('span', { class: 'message' }, error.message),
    element('span', { class: 'mono' }, `${error.plugin} · ${error.function}`),
    element('span', { class: 'times' }),
  );
  const trace = error.backtrace.length > 0 ? error.backtrace.join('\n') : 'There is no backtrace.';
  return element('li', {}, element('details', {}, summary, element('pre', { tabindex: '0' }, `at ${error.route}\n${trace}`)));
}
