/** The modules that are compared, by the surface that they share. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import wabt from 'wabt';

/**
 * The plug-in's code as binary: the public packages take no text.
 *
 * @param {string} checkout
 * @param {string} guest relative to the checkout
 * @returns {Promise<Uint8Array>}
 */
export async function code(checkout, guest) {
  const file = path.join(checkout, guest);
  const bytes = await readFile(file);
  if (!guest.endsWith('.wat')) return new Uint8Array(bytes);
  const { parseWat } = await wabt();
  const parsed = parseWat(path.basename(file), bytes.toString(), { bulk_memory: true });
  return new Uint8Array(parsed.toBinary({}).buffer);
}

/**
 * Options in which the modules do the same.
 *
 * @param {string} mode
 * @param {import('./works.js').Work} work
 */
export function options(mode, work) {
  return { runInWorker: mode === 'worker', functions: work.functions ?? {} };
}

/**
 * Makes a plug-in.
 *
 * @param {any} module
 * @param {Uint8Array} wasm
 * @param {string} mode `main`, `worker` or, of ours alone, `sync`
 * @param {import('./works.js').Work} work
 */
export function create(module, wasm, mode, work) {
  // All of them take an `ArrayBuffer`. This one has no more bytes than the code.
  return module.createPlugin(wasm.buffer, options(mode, work));
}
