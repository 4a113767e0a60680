/** Calls of plug-ins by hand. */

import { Unauthorised, call } from './api.js';
import { toBase64 } from './bytes.js';
import { byId, choices, element } from './dom.js';
import { size } from './format.js';
import { showFailure, showMade, showWaiting } from './result.js';

/** @import { PluginState, Wanted } from './api.js' */

const form = byId('playground', HTMLFormElement);
const which = byId('function', HTMLSelectElement);
const input = byId('input', HTMLTextAreaElement);
const drop = byId('drop', HTMLElement);
const picker = byId('file', HTMLInputElement);
const timeout = byId('timeout', HTMLInputElement);
const button = byId('call', HTMLButtonElement);

/** The file that is the input. @type {File | undefined} */
let file;

/**
 * Makes the form work.
 * @param {() => void} signIn what to do when the server does not know the token any more
 */
export function start(signIn) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void make(signIn);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  picker.addEventListener('change', () => take(picker.files?.[0]));
  byId('file-remove', HTMLButtonElement).addEventListener('click', () => {
    take(undefined);
    input.focus();
  });
  for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', name === 'dragenter' || name === 'dragover');
    });
  }
  drop.addEventListener('drop', (event) => {
    const dropped = event.dataTransfer?.files[0];
    if (dropped) take(dropped);
    else if (event.dataTransfer) input.value = event.dataTransfer.getData('text/plain');
  });
  byId('config-add', HTMLButtonElement).addEventListener('click', () => addPair());
}

/**
 * Offers the functions of these plug-ins.
 * @param {PluginState[]} plugins
 */
export function offer(plugins) {
  const served = plugins.filter((plugin) => plugin.current !== null);
  const offered = served.map(({ name, functions }) => ({ name, functions }));
  choices(which, JSON.stringify(offered), () => offered.map(({ name, functions }) => {
    const options = functions.map((each) => element('option', { value: JSON.stringify([name, each]) }, each));
    return element('optgroup', { label: name }, ...options);
  }));
}

/**
 * Chooses a function.
 * @param {string} plugin
 * @param {string} name
 */
export function choose(plugin, name) {
  which.value = JSON.stringify([plugin, name]);
  form.scrollIntoView({ block: 'nearest' });
  input.focus();
}

/** @param {File | undefined} chosen */
function take(chosen) {
  file = chosen;
  if (!chosen) picker.value = '';
  input.disabled = chosen !== undefined;
  byId('file-name', HTMLElement).textContent = chosen ? `${chosen.name}, ${size(chosen.size)}` : '';
  byId('file-remove', HTMLButtonElement).hidden = chosen === undefined;
}

function addPair() {
  const key = element('input', { 'aria-label': 'Key', placeholder: 'key', spellcheck: 'false' });
  const value = element('input', { 'aria-label': 'Value', placeholder: 'value', spellcheck: 'false' });
  const remove = element('button', { type: 'button' }, 'Remove');
  const pair = element('div', { class: 'pair', role: 'group', 'aria-label': 'Key and value' }, key, value, remove);
  remove.addEventListener('click', () => {
    pair.remove();
    byId('config-add', HTMLButtonElement).focus();
  });
  byId('config', HTMLElement).append(pair);
  key.focus();
}

/** @returns {Promise<Wanted>} */
async function wanted() {
  const [plugin, name] = JSON.parse(which.value);
  const pairs = [...byId('config', HTMLElement).children].map((pair) => {
    const [key, value] = pair.querySelectorAll('input');
    return [key?.value ?? '', value?.value ?? ''];
  });
  return {
    plugin,
    function: name,
    ...(file ? { input_base64: toBase64(new Uint8Array(await file.arrayBuffer())) } : { input: input.value }),
    config: Object.fromEntries(pairs.filter(([key]) => key !== '')),
    ...(timeout.value === '' ? {} : { timeout_ms: Number(timeout.value) }),
  };
}

/** @param {() => void} signIn */
async function make(signIn) {
  button.disabled = true;
  showWaiting();
  try {
    showMade(await call(await wanted()));
  } catch (error) {
    if (error instanceof Unauthorised) signIn();
    showFailure(error instanceof Error ? error.message : String(error));
  } finally {
    button.disabled = false;
  }
}
