/** The modules that can be put under test, and their modes. */

import { extism } from './extism.js';

/** @typedef {import('./surface.js').Surface} Surface */

/**
 * How many cases run at least, by module and mode: the rule that leaves cases out cannot leave out too many unnoticed.
 *
 * @type {Record<string, Record<string, number>>}
 */
export const RECORDED = {
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
  if (mode === 'main' || mode === 'worker') return extism(await import(name), mode);
  throw new Error(`no module \`${name}\` with a mode \`${mode}\``);
}
