/** The modules that can be put under test, and their modes. */

import { classic } from './classic.js';
import { extism } from './extism.js';
import { plugwright } from './plugwright.js';

/** @typedef {import('./surface.js').Surface} Surface */

/**
 * How many cases run at least, by module and mode: the rule that leaves cases out cannot leave out too many unnoticed.
 *
 * @type {Record<string, Record<string, number>>}
 */
export const RECORDED = {
  plugwright: { sync: 505, main: 506, worker: 506, pool: 506, classic: 398 },
  'extism-1': { main: 0, worker: 0 },
  'extism-2': { main: 0, worker: 0 },
};

/**
 * Imports a module under test.
 *
 * @param {string} name
 * @param {string} mode
 * @returns {Promise<Surface>}
 */
export async function open(name, mode) {
  if (mode === 'classic') return classic(await import(`${name}/classic`));
  const module = await import(name);
  if (name === 'plugwright') return plugwright(module, mode);
  if (mode === 'main' || mode === 'worker') return extism(module, mode);
  throw new Error(`the module \`${name}\` has no mode \`${mode}\``);
}
