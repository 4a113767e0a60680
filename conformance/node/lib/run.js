/** One case, run by a surface. */

import path from 'node:path';

import { bytesOfBase64, inputBytes } from './case.js';
import { CATALOGUE } from './catalogue.js';
import { MismatchError, checkLoad, checkStep } from './expect.js';
import { limitsAndGrants } from './rule.js';

/** @typedef {import('./case.js').Case} Case */
/** @typedef {import('./surfaces/surface.js').Surface} Surface */
/** @typedef {import('./surfaces/surface.js').Loaded} Loaded */
/** @typedef {import('./surfaces/surface.js').Live} Live */
/** @typedef {import('./expect.js').LogLine} LogLine */

/**
 * Runs a case that can be expressed.
 *
 * @param {Case} raw with placeholders
 * @param {import('./world.js').World} world
 * @param {Surface} surface
 * @throws {MismatchError} when something is not as expected
 */
export async function run(raw, world, surface) {
  const filled = world.fill(raw);
  world.create(filled.files ?? {});
  /** @type {LogLine[]} */
  const lines = [];
  const shared = {
    values: new Map(Object.entries(filled.kv ?? {}).map(([key, value]) => [key, new TextEncoder().encode(value)])),
    cancel: () => {},
  };
  const given = {
    source: source(filled, world.guests, surface),
    options: filled.options ?? {},
    functions: functions(filled, shared),
    log: (/** @type {LogLine} */ line) => lines.push(line),
    shared,
  };
  const loaded = await attempt(surface, () => surface.load(given));
  if (!('value' in loaded)) return checkLoad(filled.load_error, loaded.failure);
  try {
    if (filled.load_error) await checkLateLoad(filled, loaded.value, surface);
    else await runLive(filled, loaded.value, surface, lines);
  } finally {
    await loaded.value.close();
  }
}

/**
 * Some hosts can only tell when they make an instance.
 *
 * @param {Case} filled
 * @param {Loaded} loaded
 * @param {Surface} surface
 */
async function checkLateLoad(filled, loaded, surface) {
  const made = await attempt(surface, () => loaded.make());
  if ('value' in made) await made.value.close();
  checkLoad(filled.load_error, 'value' in made ? undefined : made.failure);
}

/**
 * What the plug-in is made from: a manifest, or bytes as they stand.
 *
 * @param {Case} filled
 * @param {string} guests
 * @param {Surface} surface
 * @returns {object | Uint8Array}
 */
function source(filled, guests, surface) {
  if (filled.source !== undefined) return new TextEncoder().encode(filled.source);
  if (filled.source_base64 !== undefined) return bytesOfBase64(filled.source_base64);
  const granted = surface.takesOptions ? {} : limitsAndGrants(filled.options ?? {});
  if (filled.manifest !== undefined) return { ...filled.manifest, ...granted };
  return { wasm: [{ path: path.join(guests, String(filled.guest)) }], ...granted };
}

/** @param {Case} filled @param {import('./catalogue.js').Shared} shared */
function functions(filled, shared) {
  return (filled.host_functions ?? []).map((asked) => {
    const { name, module } = typeof asked === 'string' ? { name: asked, module: undefined } : asked;
    const make = CATALOGUE[name];
    if (!make) throw new Error(`the catalogue has no host function \`${name}\``);
    return { name, module, call: make(shared, name) };
  });
}

/**
 * Runs the steps on each of as many plug-ins as the case wants alive.
 *
 * @param {Case} filled
 * @param {Loaded} loaded
 * @param {Surface} surface
 * @param {LogLine[]} lines
 */
async function runLive(filled, loaded, surface, lines) {
  const alive = [];
  try {
    for (let index = 1; index <= (filled.live_plugins ?? 1); index += 1) {
      const made = await attempt(surface, () => loaded.make());
      if (!('value' in made)) throw new MismatchError(`plug-in ${index} cannot be made: ${made.failure}`);
      alive.push(made.value);
      for (const [number, step] of (filled.steps ?? []).entries()) {
        await runStep(step, made.value, surface, lines, `plug-in ${index}, step ${number}, function \`${step.function}\``);
      }
    }
  } finally {
    await Promise.all(alive.map((plugin) => plugin.close()));
  }
}

/**
 * @param {import('./case.js').Step} step
 * @param {Live} plugin
 * @param {Surface} surface
 * @param {LogLine[]} lines
 * @param {string} where
 */
async function runStep(step, plugin, surface, lines, where) {
  const input = inputBytes(step);
  for (let turn = step.repeat ?? 1; turn > 0; turn -= 1) {
    lines.length = 0;
    const called = await attempt(surface, () => plugin.call(step.function, input));
    const result = 'value' in called ? called.value : called.failure;
    try {
      checkStep(step, { result, logs: [...lines], stdout: plugin.stdout(), stderr: plugin.stderr() });
    } catch (error) {
      if (error instanceof MismatchError) throw new MismatchError(`${where}: ${error.message}`, { cause: error });
      throw error;
    }
  }
}

/**
 * What an action gives, or how the surface says that it failed.
 *
 * @template T
 * @param {Surface} surface
 * @param {() => Promise<T>} action
 * @returns {Promise<{ value: T } | { failure: import('./expect.js').Failure }>}
 */
async function attempt(surface, action) {
  try {
    return { value: await action() };
  } catch (error) {
    return { failure: surface.failure(error) };
  }
}
