/** How a call went. */

import { dump, fromBase64 } from './bytes.js';
import { byId, element } from './dom.js';
import { count, size, time } from './format.js';

/** @import { Made } from './api.js' */

const text = byId('result-text', HTMLElement);
const details = byId('result-details', HTMLElement);

/** The address of the output that can be saved. @type {string | undefined} */
let saved;

export function showWaiting() {
  text.className = 'hint';
  text.textContent = 'Calling …';
}

/**
 * There was no call.
 * @param {string} message
 */
export function showFailure(message) {
  clear();
  text.className = 'bad';
  text.textContent = message;
}

/** @param {Made} made */
export function showMade(made) {
  clear();
  const { error } = made;
  text.className = error ? 'bad' : '';
  text.textContent = error ? `Failed after ${time(made.micros)}: ${error.kind}` : `Succeeded in ${time(made.micros)}`;
  details.append(facts(made));
  if (error) {
    details.append(element('h3', {}, 'Error'), element('pre', { class: 'bad', tabindex: '0' }, error.message));
    if (error.backtrace.length > 0) {
      details.append(element('h3', {}, 'Backtrace'), element('pre', { tabindex: '0' }, error.backtrace.join('\n')));
    }
  } else {
    details.append(...output(made));
  }
  const logs = made.logs.map((log) => element('li', { class: 'mono' }, element('span', { class: 'level' }, log.level), ' ', log.text));
  if (logs.length > 0) details.append(element('h3', {}, 'Logs'), element('ul', { class: 'logs' }, ...logs));
}

function clear() {
  details.replaceChildren();
  if (saved) URL.revokeObjectURL(saved);
  saved = undefined;
}

/** @param {Made} made */
function facts(made) {
  const shown = [['Time', time(made.micros)], ['Fuel', made.fuel === null ? '–' : count(made.fuel)], ['Memory', size(made.memory_bytes)]];
  if (made.error?.code != null) shown.push(['Code', String(made.error.code)]);
  const pairs = shown.map(([name, value]) => element('div', {}, element('dt', {}, name ?? ''), element('dd', {}, value ?? '')));
  return element('dl', { class: 'facts' }, ...pairs);
}

/** @param {Made} made */
function output(made) {
  const bytes = made.output === null ? fromBase64(made.output_base64 ?? '') : new TextEncoder().encode(made.output);
  const head = element('h3', {}, `Output, ${size(bytes.length)}`);
  if (bytes.length === 0) return [head, element('p', { class: 'hint' }, 'It is empty.')];
  saved = URL.createObjectURL(new Blob([bytes]));
  const save = element('a', { href: saved, download: 'output' }, 'Save the output');
  return [head, element('pre', { id: 'output', tabindex: '0' }, made.output ?? dump(bytes)), element('p', {}, save)];
}
